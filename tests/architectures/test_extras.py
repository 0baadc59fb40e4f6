"""What published files hold beyond what transformers builds: described with the same parts, and counted apart."""

from __future__ import annotations

from typing import Any

import pytest

from architectures.oracle_rows import rows
from budsim_widgets.architectures import build
from budsim_widgets.architectures.parts import Weight, merged, module, num_parameters
from budsim_widgets.engines import Workload
from budsim_widgets.memory import measure

LLAMA = {
    "model_type": "llama",
    "vocab_size": 1000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
}
DEFAULTS = {(row["model_type"], row["architecture"]): row["config"] for row in rows("defaults")}


def default(model_type: str, architecture: str, **changed: Any) -> dict[str, Any]:
    config = {**DEFAULTS[model_type, architecture], "architectures": [architecture]}
    text = {**config["text_config"], **changed} if "text_config" in config else None
    return {**config, **({"text_config": text} if text else changed)}


@pytest.mark.parametrize(
    ("model_type", "architecture", "field", "path"),
    [
        ("deepseek_v3", "DeepseekV3ForCausalLM", "num_nextn_predict_layers", "model.layers.61."),
        ("deepseek_v4", "DeepseekV4ForCausalLM", "num_nextn_predict_layers", "mtp.0."),
        ("glm4_moe", "Glm4MoeForCausalLM", "num_nextn_predict_layers", "model.layers.46."),
        ("hy_v4", "HYV4ForCausalLM", "num_nextn_predict_layers", "model.mtp_layers.0."),
        ("inkling_text", "InklingForCausalLM", "num_mtp_layers", "model.mtp.layers.0."),
        ("mimo_v2_flash", "MiMoV2FlashForCausalLM", "num_nextn_predict_layers", "model.mtp.layers.0."),
        ("nemotron_h", "NemotronHForCausalLM", "num_nextn_predict_layers", "mtp.layers.0."),
        ("qwen3_next", "Qwen3NextForCausalLM", "mtp_num_hidden_layers", "mtp.layers.0."),
    ],
)
def test_layers_for_multi_token_prediction_stand_where_files_hold_them(
    model_type: str, architecture: str, field: str, path: str
) -> None:
    """Source of the places: `_keys_to_ignore_on_load_unexpected` of each class of transformers."""
    built = build(default(model_type, architecture, **{field: 1}))
    (layer,) = [extra for extra in built.extras if extra.kind == "prediction_layers"]
    names = {tensor.name for tensor in built.with_extras([layer]).tensors()} - {t.name for t in built.tensors()}
    assert names
    assert all(name.startswith(path) for name in names)
    assert any("a layer for multi-token prediction" in note for note in built.notes)
    assert build(default(model_type, architecture, **{field: 0})).num_parameters == built.num_parameters


def test_a_layer_is_one_of_the_models_with_what_joins_its_inputs_and_norms_its_output() -> None:
    """Qwen3-Next: a layer that attends, with experts, 2 · 2048² and three norms."""
    built = build(default("qwen3_next", "Qwen3NextForCausalLM"))
    (layer,) = built.extras
    whole = [t for t in built.tensors() if t.name.startswith("model.layers.3.")]
    beside = 2 * 2048**2 + 3 * 2048
    own = sum(Weight(tensor.shape).num_parameters for tensor in whole)
    assert layer.num_parameters == own + beside
    assert f"({layer.num_parameters:,} parameters)" in built.notes[0]


def test_an_extra_layer_caches_as_the_models_own() -> None:
    built = build({**LLAMA, "num_nextn_predict_layers": 2})
    ((cache, count),) = built.with_extras(built.extras).layer_caches
    assert (cache, count) == (built.layer_caches[0][0], 6)


@pytest.mark.parametrize("count", [0, -1, None, True, 10**9])
def test_no_layers_and_absurd_numbers_of_them_are_no_extras(count: Any) -> None:
    assert build({**LLAMA, "num_nextn_predict_layers": count}).extras == ()


def test_gpt_2s_files_hold_a_mask_for_each_layer() -> None:
    """The Hub counts 137,022,720 numbers for gpt2."""
    gpt2 = build(default("gpt2", "GPT2LMHeadModel"))
    assert gpt2.with_extras(gpt2.extras).num_parameters == 137_022_720
    assert gpt2.notes == ()


@pytest.mark.parametrize(
    ("model_type", "architecture", "whole"),
    [
        ("mllama", "MllamaForCausalLM", "MllamaForConditionalGeneration"),
        ("emu3", "Emu3ForCausalLM", "Emu3ForConditionalGeneration"),
        ("qwen3_5", "Qwen3_5ForCausalLM", "Qwen3_5ForConditionalGeneration"),
    ],
)
def test_a_text_class_and_its_towers_are_the_whole_model(model_type: str, architecture: str, whole: str) -> None:
    config = default(model_type, architecture)
    text = build(config)
    (towers,) = [extra for extra in text.extras if extra.kind == "towers"]
    assert text.num_parameters + towers.num_parameters == build({**config, "architectures": [whole]}).num_parameters
    assert any("what takes in pictures" in note for note in text.notes)


def test_parts_of_one_name_are_merged_and_weights_of_one_name_are_refused() -> None:
    one, other = module(a=module(x=Weight((2,)))), module(a=module(y=Weight((3,))), b=Weight((4,)))
    assert num_parameters(merged(one, other)) == 9
    with pytest.raises(ValueError, match="two parts are called 'x'"):
        merged(one, one)


def test_the_files_of_deepseek_v3_have_the_bytes_that_the_hub_counts() -> None:
    """680,571,043,840 of fp8, 41,555,600 of fp32 and 3,918,786,560 of bf16, with its extra layer and biases."""
    fp8 = {"fmt": "e4m3", "quant_method": "fp8", "weight_block_size": [128, 128]}
    fields = {"num_nextn_predict_layers": 1, "quantization_config": fp8, "dtype": "bfloat16"}
    built = build(default("deepseek_v3", "DeepseekV3ForCausalLM", **fields))
    report = measure(built.with_extras(built.extras), Workload())
    assert report.file_bytes == 680_571_043_840 + 4 * 41_555_600 + 2 * 3_918_786_560
