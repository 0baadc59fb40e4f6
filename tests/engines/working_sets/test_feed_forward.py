from __future__ import annotations

import pytest

from budsim_widgets.engines.working_sets.code import Code
from budsim_widgets.engines.working_sets.computation import Computation
from budsim_widgets.engines.working_sets.dimensions import Experts, Feed
from budsim_widgets.engines.working_sets.feed_forward import expert_block_bytes, feed_block_bytes


def computation(copies: float = 1, **code: object) -> Computation:
    return Computation(Code(**code), 64, 2, "sdpa", copies, 1.0, {})  # type: ignore[arg-type] # fields by name


def widest(feed: Feed, copies: float) -> float:
    return feed_block_bytes(feed, computation(copies))


def test_a_gated_block_holds_gate_up_and_product() -> None:
    assert widest(Feed(200, 100, is_fused=False), 1) == 2 * 3 * 100


def test_gate_and_up_in_one_matrix_stand_beside_the_activation_and_the_product() -> None:
    assert widest(Feed(200, 100, is_fused=True), 1) == 2 * 4 * 100


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_a_plain_block_holds_its_way_up_and_the_activations_steps(copies: int) -> None:
    assert widest(Feed(100, 100, is_fused=False), copies) == 2 * (1 + copies) * 100


def test_experts_in_fp32_routing_return_twice_as_wide() -> None:
    experts = Experts(used=2, total=8, ups=20, inner=10, has_bias=False)
    narrow, wide = (expert_block_bytes(experts, computation(routing=routing)) for routing in ("16 bits", "fp32"))
    assert wide - narrow == pytest.approx(2 * 64 * (2 * 4 - 2 * 2) + 2 * 2 * 2)


def test_every_expert_reads_every_token_where_the_code_says_so() -> None:
    experts = Experts(used=1, total=16, ups=200, inner=100, has_bias=False)
    assert expert_block_bytes(experts, computation(experts="all")) == 16 * 2 * (64 + 400)
