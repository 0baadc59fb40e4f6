"""Models in the formats of their first code have the totals that their pages publish."""

from __future__ import annotations

from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import read_config

VICUNA_7B: dict[str, Any] = {
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "vocab_size": 32000,
}
LLAVA: dict[str, Any] = {
    **VICUNA_7B,
    "model_type": "llava",
    "architectures": ["LlavaLlamaForCausalLM"],
    "mm_hidden_size": 1024,
    "mm_projector_type": "mlp2x_gelu",
    "mm_vision_tower": "openai/clip-vit-large-patch14-336",
}
VICUNA_13B = {"hidden_size": 5120, "intermediate_size": 13824, "num_hidden_layers": 40, "num_attention_heads": 40}
MAMBA: dict[str, Any] = {"d_model": 2560, "n_layer": 64, "vocab_size": 50277, "ssm_cfg": {}, "rms_norm": True}
NOMIC: dict[str, Any] = {
    "model_type": "nomic_bert",
    "architectures": ["NomicBertModel"],
    "n_embd": 768,
    "n_head": 12,
    "n_layer": 12,
    "n_inner": 3072,
    "vocab_size": 30528,
    "type_vocab_size": 2,
    "activation_function": "swiglu",
    "qkv_proj_bias": False,
    "mlp_fc1_bias": False,
    "mlp_fc2_bias": False,
}


@pytest.mark.parametrize(
    ("config", "published"),
    [
        (LLAVA, 7_062_902_784),
        ({**LLAVA, **VICUNA_13B, "num_key_value_heads": 40}, 13_350_839_296),
        (MAMBA, 2_768_345_600),
        (NOMIC, 136_731_648),
    ],
    ids=["LLaVA 1.5 7B", "LLaVA 1.5 13B", "mamba-2.8b", "nomic-embed-text-v1.5"],
)
def test_the_total_is_the_published_one(config: dict[str, Any], published: int) -> None:
    found = read_config(config)
    assert found.repairs
    assert build(found.config).num_parameters == published


def test_a_second_mamba_is_told_by_its_settings() -> None:
    config = {"d_model": 2048, "n_layer": 48, "vocab_size": 50277, "ssm_cfg": {"layer": "Mamba2"}}
    found = build(read_config({**config, "pad_vocab_size_multiple": 16}).config)
    assert found.model_type == "mamba2"
    assert found.num_parameters == pytest.approx(1_343_000_000, rel=0.001)


@pytest.mark.parametrize("fields", [{"attn_layer_idx": [3]}, {"d_intermediate": 512}], ids=str)
def test_a_mamba_with_other_blocks_is_refused_in_words(fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config({**MAMBA, **fields})
    assert caught.value.code == "UNSUPPORTED"
    assert "-hf" in caught.value.next_step


def test_a_tower_that_is_not_known_is_named_in_a_note() -> None:
    found = build(read_config({**LLAVA, "mm_vision_tower": "./vit/clip-vit-H-14"}).config)
    assert found.basis == "estimate"
    assert "`mm_vision_tower`" in " ".join(found.notes)
    assert found.num_parameters == build({**VICUNA_7B, "model_type": "llama"}).num_parameters


@pytest.mark.parametrize("value", [None, "x", -3, [1], {"a": 1}, 10**30])
@pytest.mark.parametrize("name", ["d_model", "n_layer", "vocab_size", "ssm_cfg", "pad_vocab_size_multiple"])
def test_odd_values_are_refused_or_answered(name: str, value: Any) -> None:
    try:
        found = build(read_config({**MAMBA, name: value}).config)
    except ConfigError as error:
        assert error.next_step  # noqa: PT017 - an answer will do too
    else:
        assert found.num_parameters > 0
