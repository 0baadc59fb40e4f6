"""The range of a type that nobody read: from described types that are calculated as if nobody had read them."""

from __future__ import annotations

import gzip
import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.data import load_table
from budsim_widgets.engines import Transformers, Workload
from budsim_widgets.engines.working_sets.code import code_of
from budsim_widgets.engines.working_sets.peak import working_set_of

if TYPE_CHECKING:
    from budsim_widgets.engines.working_sets import Attention

RANGES = load_table("working_sets")["range"]
BF16_BYTES = 2
HELD_SHARE = 0.98
UNDESCRIBED_TYPES = {"big_bird", "pp_formulanet_text"}
BIG_BIRD_PEGASUS = {
    "model_type": "bigbird_pegasus", "vocab_size": 1000, "d_model": 64, "encoder_layers": 2, "decoder_layers": 2,
    "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128,
    "max_position_embeddings": 4096, "use_bias": False,
}  # fmt: skip


class Unread(NamedTuple):
    """A forward pass of a model whose type is taken for one that nobody read.

    Attributes:
        model_type: The type of its text model.
        is_described: Whether somebody did read it.
        range: The range that it then has: `plain` or `undescribed`.
        times: What was measured, as a multiple of what is said.
    """

    model_type: str
    is_described: bool
    range: str
    times: float

    @property
    def gave_the_range(self) -> bool:
        """Whether its type is of the half that the range is taken from: an even hash of its name."""
        return sha256(self.model_type.encode()).digest()[-1] % 2 == 0


@cache
def passes() -> tuple[Unread, ...]:
    """All measured passes."""
    packed = (Path(__file__).parent / "measured.jsonl.gz").read_bytes()
    return tuple(
        each for line in gzip.decompress(packed).decode().splitlines()[1:] for each in _passes_of(json.loads(line))
    )


def _passes_of(row: dict[str, Any]) -> list[Unread]:
    architecture = build(row["config"])
    model_type = str(architecture.text_config.get("model_type") or architecture.model_type)
    is_described = code_of(architecture) is not None
    found = []
    for attention, runs in row["runs"].items():
        held = working_set_of(architecture, None, cast("Attention", attention), BF16_BYTES)
        found += [
            Unread(model_type, is_described, held.range, measured / held.peak_bytes(batch_size, seq_length))
            for batch_size, seq_length, measured in runs
        ]
    return found


def read_types(kind: str, *, gave_the_range: bool) -> list[Unread]:
    """The passes of described types that would have this range, of one half."""
    return [
        each for each in passes() if each.is_described and each.range == kind and each.gave_the_range == gave_the_range
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["undescribed", "plain"])
def test_the_range_holds_98_of_100_passes_of_the_half_that_it_is_taken_from(kind: str) -> None:
    percentiles = quantiles((each.times for each in read_types(kind, gave_the_range=True)), n=100)
    assert [percentiles[0], percentiles[-1]] == pytest.approx(RANGES[kind], rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "least_types"), [("undescribed", 100), ("plain", 30)])
def test_the_range_holds_the_stated_share_of_types_that_had_no_part_in_it(kind: str, least_types: int) -> None:
    others = read_types(kind, gave_the_range=False)
    least, most = RANGES[kind]
    assert len({each.model_type for each in others}) > least_types
    assert sum(least <= each.times <= most for each in others) / len(others) >= HELD_SHARE


@pytest.mark.slow
def test_the_most_that_types_took_that_nobody_read_is_stated() -> None:
    undescribed = [each for each in passes() if not each.is_described]
    assert {each.model_type for each in undescribed} == UNDESCRIBED_TYPES
    most = max(each.times for each in undescribed)
    assert f"up to {most:,.0f} times what is said" in " ".join((Transformers.activations.__doc__ or "").split())


def test_the_docstring_states_the_shares_that_are_tested() -> None:
    said = " ".join((Transformers.activations.__doc__ or "").split())
    (least, most), (plain_least, plain_most) = RANGES["undescribed"], RANGES["plain"]
    assert f"x {least} to x {most}, and x {plain_least} to x {plain_most} where `attention` is chosen" in said
    assert f"Each held {HELD_SHARE:.0%} of the passes of the other half" in said


def test_a_config_of_plain_attention_has_the_narrower_range_where_the_attention_is_chosen() -> None:
    plain = {
        "model_type": "a_new_one", "architectures": ["NewForCausalLM"], "vocab_size": 1000, "hidden_size": 64,
        "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "use_cache": True,
    }  # fmt: skip
    for config, attention, kind in (
        (plain, "sdpa", "plain"),
        (plain, "eager", "plain"),
        (plain, "auto", "undescribed"),
        ({**plain, "kv_lora_rank": 32}, "sdpa", "undescribed"),
    ):
        said = Transformers(attention=attention).activations(build(config), Workload(), "bf16")
        assert said.most_bytes == int(said.num_bytes * RANGES[kind][1])


def test_the_class_with_an_encoder_that_nobody_measured_is_not_described() -> None:
    decoder, whole = (
        build({**BIG_BIRD_PEGASUS, "architectures": [f"BigBirdPegasusFor{name}"]})
        for name in ("CausalLM", "ConditionalGeneration")
    )
    assert code_of(decoder) is not None
    assert code_of(whole) is None
    said = Transformers().activations(whole, Workload(), "bf16")
    assert any("aren't described" in note for note in said.notes)
