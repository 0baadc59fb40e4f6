"""What a config may ask of a description."""

from __future__ import annotations

import pytest

from architectures.oracle_rows import rows
from budsim_widgets.architectures import build
from budsim_widgets.architectures.parts.tree import MAX_LAYER_KINDS
from budsim_widgets.errors import ConfigError

GEMMA3N = {
    "model_type": "gemma3n_text",
    "architectures": ["Gemma3nForCausalLM"],
    "vocab_size": 1000,
    "hidden_size": 256,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "num_kv_shared_layers": 10,
}


def gemma3n(layers: int) -> dict[str, object]:
    """A config whose layers all differ."""
    return {**GEMMA3N, "num_hidden_layers": layers, "intermediate_size": [100 + index for index in range(layers)]}


def test_layers_may_all_differ_up_to_a_number_and_the_list_is_named_beyond() -> None:
    assert build(gemma3n(MAX_LAYER_KINDS // 2)).num_parameters > 0
    with pytest.raises(ConfigError) as caught:
        build(gemma3n(5000))
    assert caught.value.field == "intermediate_size"


@pytest.mark.parametrize(
    ("model_type", "part", "field", "value"),
    [
        ("janus", "vq_config", "num_res_blocks", 10_000),
        ("janus", "vq_config", "channel_multiplier", [1] * 5000),
        ("kyutai_speech_to_text", "codec_config", "upsampling_ratios", [2] * 5000),
        ("funnel", None, "block_sizes", [4] * 5000),
    ],
)
def test_towers_have_no_more_stages_than_any_model(
    model_type: str, part: str | None, field: str, value: object
) -> None:
    config = next(row["config"] for row in rows("defaults") if row["model_type"] == model_type)
    changed = {**config, part: {**config[part], field: value}} if part else {**config, field: value}
    with pytest.raises(ConfigError) as caught:
        build({**changed, "architectures": None})
    assert caught.value.field == (f"{part}.{field}" if part else field)
