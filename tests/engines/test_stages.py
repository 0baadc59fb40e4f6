"""How layers are dealt out to pipeline stages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.architectures import build
from budsim_widgets.engines.stages import on_stage, stack_lengths, stage_lengths, stage_shares, stages_that_differ

KINDS = st.lists(st.sampled_from(["sliding_attention", "full_attention"]), min_size=1, max_size=20)


@given(layers=st.integers(1, 200), stages=st.integers(1, 64))
def test_layers_are_dealt_out_evenly(layers: int, stages: int) -> None:
    held = stage_lengths(layers, stages)
    assert sum(held) == layers
    assert max(held) - min(held) <= 1
    assert [round(share * layers) for share in stage_shares(layers, stages)] == list(held)


@given(kinds=KINDS, stages=st.integers(1, 8))
def test_each_layer_stands_on_one_stage_in_the_order_of_the_model(kinds: list[str], stages: int) -> None:
    config = {"model_type": "cohere2", "vocab_size": 1000, "hidden_size": 64, "intermediate_size": 128}
    config |= {"num_hidden_layers": len(kinds), "num_attention_heads": 4, "layer_types": kinds}
    layers = build(config).layers
    lengths = stack_lengths(layers)
    on_stages = [on_stage(layers, lengths, stage, stages) for stage in range(stages)]
    indexes = [sorted(index for layer in kinds_here for index in layer.indexes) for kinds_here in on_stages]
    assert [index for here in indexes for index in here] == list(range(len(kinds)))
    assert [len(here) for here in indexes] == list(stage_lengths(len(kinds), stages))
    assert 1 <= stages_that_differ(layers, stages) <= max(1, min(stages, len(kinds)))
