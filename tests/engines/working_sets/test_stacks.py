"""What layers behind a layer have yet to cache."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers, Workload
from budsim_widgets.engines.stages import stack_lengths, stage_lengths
from budsim_widgets.engines.working_sets.held import Held
from budsim_widgets.engines.working_sets.stacks import cached_later, cached_later_on_stages

COHERE_2: dict[str, Any] = {
    "model_type": "cohere2", "architectures": ["Cohere2ForCausalLM"], "vocab_size": 256000, "hidden_size": 8192,
    "intermediate_size": 22528, "num_hidden_layers": 40, "num_attention_heads": 64, "num_key_value_heads": 64,
    "sliding_window": 4096, "max_position_embeddings": 8192,
}  # fmt: skip
KEYS_AND_VALUES_BYTES = 2 * 2 * 64 * 128


def later_of(config: dict[str, Any], width: int = 2) -> list[Held]:
    """For each kind of layer, in the order of their first one."""
    layers = build(config).layers
    return [cached_later(layer, layers, width) for layer in layers]


def test_layers_of_one_kind_end_with_the_whole_cache() -> None:
    assert later_of({**COHERE_2, "sliding_window": None, "layer_types": ["full_attention"] * 40}) == [Held()]


def test_the_last_windowed_layer_of_cohere_2_runs_before_the_last_full_one_has_cached() -> None:
    assert later_of(COHERE_2) == [Held(block=-KEYS_AND_VALUES_BYTES), Held()]


@given(st.lists(st.sampled_from(["sliding_attention", "full_attention"]), min_size=1, max_size=30))
def test_a_kind_misses_what_stands_behind_its_last_layer(kinds: list[str]) -> None:
    config = {**COHERE_2, "num_hidden_layers": len(kinds), "layer_types": kinds}
    behind = [len(kinds) - 1 - max(i for i, one in enumerate(kinds) if one == kind) for kind in dict.fromkeys(kinds)]
    assert [-later.block for later in later_of(config)] == [number * KEYS_AND_VALUES_BYTES for number in behind]


KINDS = st.lists(st.sampled_from(["sliding_attention", "full_attention"]), min_size=1, max_size=12)


def activations_of(kinds: list[str], stages: int, seq_length: int) -> int:
    config = {**COHERE_2, "num_hidden_layers": len(kinds), "layer_types": kinds}
    workload = Workload(seq_length=seq_length, pipeline_parallel=stages)
    return Transformers(attention="sdpa").activations(build(config), workload, "bf16").num_bytes


@given(kinds=KINDS, stages=st.integers(1, 6), seq_length=st.integers(1, 12_000))
def test_a_device_holds_no_less_than_its_own_stage_would_as_a_model(
    kinds: list[str], stages: int, seq_length: int
) -> None:
    said, first = activations_of(kinds, stages, seq_length), 0
    for length in stage_lengths(len(kinds), stages):
        own = kinds[first : first + length]
        first += length
        assert not own or said >= activations_of(own, 1, seq_length)


def test_a_stage_of_windowed_layers_has_all_that_it_caches_when_its_last_one_runs() -> None:
    kinds = ["sliding_attention"] * 2 + ["full_attention"] * 2
    layers = build({**COHERE_2, "num_hidden_layers": 4, "layer_types": kinds}).layers
    whole, halves = (
        [later.held for later in cached_later_on_stages(layers, layers, 2, stages, stack_lengths(layers))]
        for stages in (1, 2)
    )
    assert whole == [Held(block=-2 * KEYS_AND_VALUES_BYTES), Held()]
    assert halves == [Held(), Held()]


def test_cohere_2_at_full_depth_holds_what_was_measured() -> None:
    """tools/activations/measure.py with transformers 5.24: its last layers have no window and rotate nothing."""
    said = Transformers(attention="sdpa").activations(build(COHERE_2), Workload(seq_length=2048), "bf16")
    assert said.num_bytes == 470_827_008
