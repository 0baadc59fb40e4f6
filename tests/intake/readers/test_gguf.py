"""GGUF metadata, in every listing, gives the parameters that the publishers count."""

from __future__ import annotations

import json
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.data import load_table
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import check_fields, read_config
from intake.gguf_models import LLAMA8, MODELS, WRITERS, Model, as_log, as_python

# llama-cpp-python's metadata has no tensors, and only those tell that the head is tied.
LISTINGS = [
    pytest.param(model, writer, id=f"{model}, {writer}")
    for model in MODELS
    for writer in WRITERS
    if model.has_head is not False or WRITERS[writer] is not as_python
]


@pytest.mark.parametrize(("model", "writer"), LISTINGS)
def test_every_listing_of_a_model_gives_its_parameters(model: Model, writer: str) -> None:
    reading = read_config(WRITERS[writer](model))
    check_fields(reading.config)
    assert reading.format == "gguf"
    assert any(repair.startswith("converted from GGUF metadata") for repair in reading.repairs)
    assert build(reading.config).num_parameters == model.num_parameters


def convert(values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return read_config(json.dumps({**values, **more})).config


@pytest.mark.parametrize("architecture", load_table("gguf")["architectures"])
def test_every_architecture_of_the_table_is_built(architecture: str) -> None:
    short = {key.partition(".")[2]: value for key, value in LLAMA8.items() if key.startswith("llama.")}
    extra = {
        "expert_count": 8,
        "expert_used_count": 2,
        "expert_feed_forward_length": 64,
        "expert_shared_count": 1,
        "expert_shared_feed_forward_length": 64,
        "leading_dense_block_count": 1,
        "attention.q_lora_rank": 64,
        "attention.kv_lora_rank": 64,
        "attention.key_length": 192,
        "attention.value_length": 128,
        "rope.dimension_count": 64,
        "interleave_moe_layer_step": 1,
        "ssm.state_size": 16,
        "ssm.conv_kernel": 4,
        "ssm.time_step_rank": 8,
    }
    config = convert(
        {"general.architecture": architecture, **{f"{architecture}.{k}": v for k, v in {**short, **extra}.items()}}
    )
    check_fields(config)
    assert build(config).basis == "exact"
    assert build(config).num_parameters > 10**8


def test_the_head_is_tied_only_where_a_whole_list_of_tensors_says_so() -> None:
    model = next(model for model in MODELS if model.name == "Llama 3.2 1B")
    text = as_log(model)
    cut = text[: text.index("blk.9.")]
    assert read_config(text).config["tie_word_embeddings"] is True
    cut_wider = cut.replace(" 2048", " 4096")
    assert read_config(cut_wider).config["tie_word_embeddings"] is False
    assert any("head isn't tied" in repair for repair in read_config(cut_wider).repairs)


def test_a_tied_head_that_no_listing_tells_is_known_of_the_small_llamas() -> None:
    reading = read_config(as_python(next(model for model in MODELS if model.name == "Llama 3.2 1B")))
    assert "tied the embeddings, as in Llama 3.2 1B and 3B" in reading.repairs
    assert build(reading.config).num_parameters == 1_235_814_400


def test_a_listed_bias_is_taken_over() -> None:
    text = as_log(MODELS[0]) + "\n - tensor 1: blk.0.attn_q.bias f32"
    assert read_config(text).config["attention_bias"] is True


def test_the_type_of_an_unquantized_file_is_its_dtype() -> None:
    assert convert(LLAMA8, **{"general.file_type": 32})["torch_dtype"] == "bfloat16"
    assert "torch_dtype" not in convert(LLAMA8)


def test_layers_that_predict_several_tokens_are_left_out() -> None:
    values = {key.replace("llama.", "glm4moe."): value for key, value in LLAMA8.items()}
    values |= {"general.architecture": "glm4moe", "glm4moe.nextn_predict_layers": 1}
    values |= {f"glm4moe.expert_{key}": 8 for key in ("count", "used_count", "feed_forward_length")}
    reading = read_config(json.dumps(values))
    assert reading.config["num_hidden_layers"] == 31
    assert any("left out 1 layer " in repair for repair in reading.repairs)


def test_a_list_of_equal_numbers_is_one_number() -> None:
    assert convert(LLAMA8, **{"llama.attention.head_count_kv": [8] * 32})["num_key_value_heads"] == 8


def test_nothing_of_the_texts_is_kept() -> None:
    values = {**LLAMA8, "general.name": "<script>", "tokenizer.chat_template": "{{ x }}", "general.url": "http://x"}
    for text in (json.dumps(values), str(values), "\n".join(f"{key} = {value}" for key, value in values.items())):
        assert "script" not in json.dumps(read_config(text).config)


def test_the_whole_log_may_stand_around_it() -> None:
    text = f"main: build 1\n{as_log(MODELS[2])}\nprint_info: n_vocab          = 32768\nmain: done"
    assert read_config(text.replace("arr[str,", "arr[xxx,")).config["vocab_size"] == 32768
    assert read_config(f"Model metadata: {as_python(MODELS[0])}").config["num_hidden_layers"] == 32


@pytest.mark.parametrize(
    "key", ["expert_count", "expert_used_count", "expert_feed_forward_length", "feed_forward_length"]
)
def test_sizes_that_a_class_would_guess_must_be_there(key: str) -> None:
    values = {name.replace("llama.", "qwen3moe."): value for name, value in LLAMA8.items()}
    values |= {"general.architecture": "qwen3moe", "qwen3moe.expert_count": 8, "qwen3moe.expert_used_count": 2}
    values |= {"qwen3moe.expert_feed_forward_length": 64}
    assert convert(values)["model_type"] == "qwen3_moe"
    with pytest.raises(ConfigError, match=rf"lacks qwen3moe\.{key}\."):
        convert({name: value for name, value in values.items() if name != f"qwen3moe.{key}"})


def test_what_the_keys_leave_out_of_attention_is_as_llama_cpp_takes_it() -> None:
    left_out = ("llama.attention.head_count_kv", "llama.attention.key_length")
    values = {name: value for name, value in LLAMA8.items() if name not in left_out}
    assert convert(values)["num_key_value_heads"] == 32
    assert convert(values)["head_dim"] == 128


def print_info(**values: object) -> str:
    """The lines that llama.cpp prints about Llama 3.1 8B, changed."""
    usual = {"arch": "llama", "n_ctx_train": 131072, "n_embd": 4096, "n_layer": 32, "n_head": 32, "n_head_kv": 8}
    usual |= {"n_rot": 128, "n_swa": 0, "n_ff": 14336, "n_expert": 0, "n_expert_used": 0, "n_vocab": 128256}
    lines = "".join(f"print_info: {name:<16} = {value}\n" for name, value in {**usual, **values}.items())
    return f"print_info: file type   = Q4_K - Medium\n{lines}print_info: model params     = 8.03 B\n"


@pytest.mark.parametrize("start", ["print_info", "llm_load_print_meta"])
def test_what_llama_cpp_says_after_loading_is_enough(start: str) -> None:
    reading = read_config(print_info().replace("print_info", start))
    assert reading.format == "gguf"
    assert build(reading.config).num_parameters == 8_030_261_248


def test_what_llama_cpp_says_of_a_mixture_is_enough() -> None:
    text = print_info(n_expert=8, n_expert_used=2, n_vocab=32000)
    assert build(read_config(text).config).num_parameters == 46_702_792_704


def test_an_architecture_that_these_lines_do_not_describe_is_refused() -> None:
    with pytest.raises(ConfigError, match="don't say all") as caught:
        read_config(print_info(arch="deepseek2"))
    assert caught.value.code == "UNSUPPORTED"
    assert "gguf-dump" in caught.value.next_step


def test_the_hubs_table_may_be_copied_cell_by_cell() -> None:
    cells = "Metadata\nValue\nversion\n3\n" + "\n".join(f"{key}\n{value}" for key, value in LLAMA8.items())
    shapes = "\nName\nShape\nPrecision\ntoken_embd.weight\n[4\u202f096, 128\u202f256]\nQ4_K\n"
    for text in (cells, cells.replace("llama.vocab_size\n128256\n", "") + shapes):
        assert build(read_config(text).config).num_parameters == 8_030_261_248


def test_ollamas_shapes_tell_the_vocabulary() -> None:
    keys = "\n".join(f"    {key:<40} {value}   " for key, value in LLAMA8.items() if "vocab" not in key)
    tensors = "    output.weight Q6_K [4096 128256]\n    token_embd.weight Q4_K [4096 128256]\n"
    text = f"  Model\n    architecture llama\n\n  Metadata\n{keys}\n\n  Tensors\n{tensors}"
    assert read_config(text).config["vocab_size"] == 128_256


@pytest.mark.parametrize("more", [" " * 300_000, "[]," * 3000])
def test_a_listing_too_long_is_answered_with_how_to_shorten_it(more: str) -> None:
    for text in (as_log(MODELS[0]) + more, (as_log(MODELS[0]) + more).encode()):
        with pytest.raises(ConfigError, match="a config may have") as caught:
            read_config(text)
        assert "--no-tensors" in caught.value.next_step


def test_what_is_missing_is_named_as_the_metadata_names_it() -> None:
    values = {key: value for key, value in LLAMA8.items() if "head_count" not in key}
    with pytest.raises(ConfigError, match=r"lacks llama\.attention\.head_count\.") as caught:
        convert(values)
    assert caught.value.missing_fields == ("num_attention_heads",)


def test_a_missing_vocabulary_is_asked_for() -> None:
    values = {key: value for key, value in LLAMA8.items() if "vocab" not in key}
    with pytest.raises(ConfigError, match=r"lacks llama\.vocab_size\.") as caught:
        convert(values)
    assert "llama.vocab_size" in caught.value.next_step
    assert caught.value.missing_fields == ("vocab_size",)
