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
    assert read_config(cut).config["tie_word_embeddings"] is False
    assert any("head isn't tied" in repair for repair in read_config(cut).repairs)


def test_a_listed_bias_is_taken_over() -> None:
    text = as_log(MODELS[0]) + "\n - tensor 1: blk.0.attn_q.bias f32"
    assert read_config(text).config["attention_bias"] is True


def test_the_type_of_an_unquantized_file_is_its_dtype() -> None:
    assert convert(LLAMA8, **{"general.file_type": 32})["torch_dtype"] == "bfloat16"
    assert "torch_dtype" not in convert(LLAMA8)


def test_layers_that_predict_several_tokens_are_left_out() -> None:
    values = {key.replace("llama.", "glm4moe."): value for key, value in LLAMA8.items()}
    values |= {"general.architecture": "glm4moe", "glm4moe.nextn_predict_layers": 1}
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
