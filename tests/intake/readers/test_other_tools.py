"""Configs around a model's own: the inner one is taken out, and files without sizes are called by their names."""

from __future__ import annotations

from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import read_config
from budsim_widgets.intake.required import check_required
from budsim_widgets.memory.weights import weights_of

SIZES = {
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
}


@pytest.mark.parametrize(
    "fields",
    [
        {"version": "0.13.0", "pretrained_config": {"architecture": "LlamaForCausalLM", **SIZES}, "build_config": {}},
        {"architecture": "LlamaForCausalLM", "dtype": "bfloat16", **SIZES, "mapping": {"world_size": 1}},
        {"model_type": "llama", "quantization": "q4f16_1", "model_config": SIZES},
    ],
    ids=["TensorRT-LLM engine", "TensorRT-LLM checkpoint", "MLC"],
)
def test_the_config_inside_is_taken_out(fields: dict[str, Any]) -> None:
    found = read_config(fields)
    assert SIZES.items() <= found.config.items()
    assert found.repairs
    assert found.config.get("architectures") == ["LlamaForCausalLM"] or found.config["model_type"] == "llama"


def test_a_quantization_comes_with_it() -> None:
    checkpoint = {"architecture": "LlamaForCausalLM", **SIZES, "quantization": {"quant_algo": "FP8"}}
    assert read_config(checkpoint).config["quantization_config"] == {"quant_method": "modelopt", "quant_algo": "FP8"}
    mlc = {"model_type": "llama", "quantization": "q3f16_1", "model_config": SIZES}
    assert read_config(mlc).config["quantization_config"]["bits"] == 3


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (
            {"add_source_bos": False, "bos_token": "<s>", "unk_token": "<unk>", "layer_norm_epsilon": None},
            "CTranslate2",
        ),
        ({"quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}}, "hf_quant_config.json"),
        ({"model": {"type": "llama", "decoder": {}}, "search": {}}, "genai_config.json"),
        ({"model_type": "mlp_speculator", "emb_dim": 8192, "inner_dim": 8192, "n_predict": 3}, "speculator"),
        ({"speculators_model_type": "eagle", "transformer_layer_config": SIZES}, "speculator"),
        ({"model_type": "medusa", "hidden_size": 4096, "num_heads": 5, "num_hidden_layers": 1}, "speculator"),
        ({"model_type": "eagle", "model": {**SIZES, "model_type": "llama"}}, "speculator"),
        ({"hydra_num_heads": 4, "hydra_num_layers": 1, "base_model_name_or_path": "x/y"}, "Hydra"),
        ({"alignment_heads": [[5, 3]], "lang_ids": [50259], "suppress_ids": []}, "CTranslate2"),
        ({"model_lib": "llama-q4f16_1", "conv_template": "llama-2", "temperature": 0.7}, "MLC"),
        ({"dtype": "int4", "optimum_version": "1.2", "quantization_config": {"bits": 4}}, "openvino_config.json"),
        ({"quant_stage": {"quant_modifiers": {}}}, "recipe"),
        ({"lora_parameters": {"rank": 8}, "model": "x/y", "num_layers": 16}, "adapter_config.json of MLX"),
        ({"model": "x/y", "max_model_len": 8192, "tensor_parallel_size": 1}, "server's settings"),
        ({"model_path": "x", "tokenizer_path": "y", "is_generation": True}, "SGLang"),
        ({"model_format": "gguf", "model_family": "llama", "model_type": "8.0B", "rootfs": {}}, "Ollama"),
        ({"fileFormatVersion": "1.0.0", "itemInfoEntries": {}}, "Core ML"),
        ({"in_features": 768, "out_features": 512, "activation_function": "Tanh"}, "sentence-transformers"),
        ({"output_dir": "out", "per_device_train_batch_size": 4, "num_train_epochs": 3}, "training"),
        ({"config": {"num_vocab_tokens": 150000}, "vocab": []}, "tekken.json"),
        ({"in_dir": "/m", "out_dir": "/o", "bits": 4.0, "head_bits": 6}, "ExLlama"),
        ({"results": {"mmlu": {}}, "config_general": {}}, "evaluation"),
        ({"class_name": "GemmaBackbone", "config": {"num_layers": 18}}, "Keras"),
        ({"tokenizer_class": "LlamaTokenizer", "model_max_length": int(1e30)}, "tokenizer_config.json"),
        ({"medusa_num_heads": 5, "medusa_num_layers": 1, "base_model_name_or_path": "x/y"}, "Medusa"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_without_sizes_is_called_by_its_name(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(fields)
    assert caught.value.code == "WRONG_FILE"
    assert name in caught.value.message
    assert "whole" not in caught.value.next_step


def test_a_diffusers_file_has_no_language_model() -> None:
    with pytest.raises(ConfigError, match="diffusers"):
        read_config({"_class_name": "UNet2DConditionModel", "in_channels": 4})


def test_mlc_without_quantization_keeps_its_weights_in_the_format_that_its_name_says() -> None:
    mlc = {"model_type": "llama", "quantization": "q0f16", "model_config": {**SIZES, "dtype": "float32"}}
    config = read_config(mlc).config
    assert config["torch_dtype"] == "float16"
    assert not {"dtype", "quantization_config"} & config.keys()


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("e4m3_e4m3_f16", 8),
        ("e5m2_e5m2_f16_max", 8),
        ("q4f16_autoawq", 4),
        ("custom", None),
        ({"a": 1}, None),
        (7, None),
    ],
)
def test_a_quantization_that_mlc_names_otherwise_is_no_unquantized_model(name: Any, bits: int | None) -> None:
    config = read_config({"model_type": "llama", "quantization": name, "model_config": SIZES}).config
    assert config["quantization_config"].get("bits") == bits
    weights = weights_of(build(config), "auto", Transformers())
    assert (weights.basis, weights.file_bytes < 2 * 8_030_261_248) == ("estimate", True)


@pytest.mark.parametrize("quantization", ["FP8", ["FP8"], 7, {"quant_algo": ["FP8"]}])
def test_a_quantization_of_tensorrt_that_is_no_object_is_an_estimate(quantization: Any) -> None:
    checkpoint = {"architecture": "LlamaForCausalLM", **SIZES, "quantization": quantization}
    assert "quantization_config" in read_config(checkpoint).config


@pytest.mark.parametrize(
    "fields",
    [
        {"pretrained_config": [], "build_config": {}},
        {"pretrained_config": {"architecture": 7, **SIZES}, "build_config": {}},
        {"architecture": "<script>", **SIZES},
        {"model_type": "llama", "model_config": {"model_config": SIZES, "hidden_size": 4096}},
        {"model_type": 5, "model_config": SIZES},
        {"model": None, "search": None, "hidden_size": 3},
        {"add_source_bos": "<b>", "add_source_eos": None},
        {"medusa_num_heads": -1},
        {"quantization": {}},
        {"quantization": {"quant_algo": "NVFP4"}, "producer": 5},
        {"quantization": []},
    ],
)
def test_a_file_of_another_tool_that_is_damaged_is_refused_with_what_to_do(fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        build(read_config(fields).config)
    assert caught.value.next_step
    assert "<" not in caught.value.next_step


@pytest.mark.parametrize("fields", [{}, {"model": {"_component_": "torchtune.models.llama3"}}, {"a": 1, "b": [2]}])
def test_a_whole_file_without_any_size_is_not_asked_for_again(fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        check_required(read_config(fields).config)
    assert caught.value.missing_fields
    assert "another file" in caught.value.next_step
    assert "whole" not in caught.value.next_step


def test_a_config_that_lacks_some_of_its_sizes_may_be_cut_off() -> None:
    with pytest.raises(ConfigError, match="lacks vocab_size") as caught:
        check_required({"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4})
    assert "whole config.json" in caught.value.next_step


def test_sizes_at_the_top_of_a_class_that_reads_them_in_a_part_are_no_config_cut_short() -> None:
    with pytest.raises(ConfigError, match="lacks text_config") as caught:
        check_required({"model_type": "step3p7", **SIZES})
    assert "reads them in text_config" in caught.value.next_step
    with pytest.raises(ConfigError, match="lacks text_config") as caught:
        check_required({"model_type": "step3p7", "vision_config": {}})
    assert "whole config.json" in caught.value.next_step


def test_of_an_export_for_onnx_the_size_that_it_lacks_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        read_config({"model": {"type": "phi3", "decoder": {"hidden_size": 3072}}, "search": {}})
    assert "feed-forward" in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("FROM llama3.1:8b\nPARAMETER num_ctx 4096\n", "Modelfile"),
        (
            '# Modelfile generated by "ollama show"\nFROM /usr/share/ollama/.ollama/models/blobs/sha256-abc\n',
            "Modelfile",
        ),
        (
            "NAME           ID              SIZE      MODIFIED\nllama3.1:8b    46e0c10c039e    4.9 GB    now\n",
            "Ollama's list",
        ),
        ("INFO 10-21 12:00:00 [core.py:77] Initializing a V1 LLM engine with config: model='x/y'\n", "vLLM's log"),
        ("(EngineCore_0 pid=7) INFO 10-21 12:00:00 [gpu_model_runner.py:1] Model loading took 15 GiB\n", "vLLM's log"),
        ("[2025-03-01 10:11:12 TP0] Load weight begin. avail mem=78.58 GB\n[2025-03-01 10:11:13] x={}\n", "SGLang's"),
        ("[INFO|modeling_utils.py:1] 2025-03-01 10:11:12,345 >> loading weights\n", "log"),
        ("vllm serve meta-llama/Llama-3.1-8B-Instruct --tensor-parallel-size 2", "command"),
        ("+" + "-" * 89 + "+\n| NVIDIA-SMI 550.54.15     Driver Version: 550.54.15 |\n", "nvidia-smi"),
        (
            "models:\n  - model: x/y\n    parameters:\n      weight: 0.5\nmerge_method: ties\nbase_model: x/y\n",
            "mergekit",
        ),
        ("slices:\n  - sources:\n      - model: x/y\n        layer_range: [0, 32]\nmerge_method: slerp\n", "mergekit"),
        ("base_model: x/y\nload_in_8bit: true\nadapter: lora\n", "fine-tuning"),
        ("### model\nmodel_name_or_path: x/y\n\n### method\nstage: sft\n", "fine-tuning"),
        ('<?xml version="1.0"?>\n<net name="Model0" version="11">\n<layers>', "OpenVINO"),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
def test_a_text_of_another_tool_is_called_by_its_name(text: str, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(text)
    assert name in caught.value.message
    assert "config.json" in (caught.value.next_step or "") or "ollama show" in (caught.value.next_step or "")


@pytest.mark.parametrize(
    "fields", [{"model_type": "bark"}, {"model_type": "bark", "semantic_config": {"num_layers": 2}}]
)
def test_bark_is_said_to_be_what_it_is(fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="speech out of text") as caught:
        build(read_config(fields).config)
    assert caught.value.code == "UNSUPPORTED"
    with pytest.raises(ConfigError, match="without a vocabulary"):
        build(read_config({"model_type": "encodec"}).config)
