"""Meta's and Mistral's own configs give the parameters that the publishers count."""

from __future__ import annotations

import json
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import check_fields, read_config
from intake.corpus_native import MAMBA, MERGING, META, MISTRAL, MIXTRAL, VISION

LLAMA2 = {"dim": 4096, "multiple_of": 256, "n_heads": 32, "n_layers": 32, "norm_eps": 1e-05, "vocab_size": 32000}
LLAMA3 = {**META, "dim": 8192, "n_layers": 80, "n_heads": 64, "multiple_of": 4096}
SMALL = {**META, "dim": 2048, "n_layers": 16, "ffn_dim_multiplier": 1.5, "multiple_of": 256}
MODELS: dict[str, tuple[dict[str, Any], int]] = {
    "Llama 2 7B": (LLAMA2, 6_738_415_616),
    "Llama 2 70B": ({**LLAMA3, "vocab_size": 32000}, 68_976_648_192),
    "CodeLlama 13B": (
        {**LLAMA2, "dim": 5120, "n_layers": 40, "n_heads": 40, "ffn_dim_multiplier": 1.0, "vocab_size": 32016},
        13_016_028_160,
    ),
    "Llama 3.1 8B": (META, 8_030_261_248),
    "Llama 3.3 70B": (LLAMA3, 70_553_706_496),
    "Llama 3.1 405B": (
        {**LLAMA3, "dim": 16384, "n_layers": 126, "n_heads": 128, "ffn_dim_multiplier": 1.2},
        405_853_388_800,
    ),
    "Llama 3.2 1B": (SMALL, 1_235_814_400),
    "Llama 3.2 3B": (
        {**SMALL, "dim": 3072, "n_layers": 28, "n_heads": 24, "ffn_dim_multiplier": 1.0},
        3_212_749_824,
    ),
    "Mistral 7B v0.3": (MISTRAL, 7_248_023_552),
    "Mistral Small 24B": (
        {**MISTRAL, "dim": 5120, "n_layers": 40, "hidden_dim": 32768, "vocab_size": 131072},
        23_572_403_200,
    ),
    "Mistral 7B v0.1": ({**MISTRAL, "sliding_window": 4096, "vocab_size": 32000}, 7_241_732_096),
    "Mistral Nemo": ({**MISTRAL, "dim": 5120, "n_layers": 40, "vocab_size": 131072}, 12_247_782_400),
    "Mistral Large": (
        {**MISTRAL, "dim": 12288, "n_layers": 88, "hidden_dim": 28672, "n_heads": 96},
        122_610_069_504,
    ),
    "Mistral Small 3.1": (
        {
            **MISTRAL,
            "dim": 5120,
            "n_layers": 40,
            "hidden_dim": 32768,
            "vocab_size": 131072,
            "vision_encoder": {**VISION, **MERGING, "patch_size": 14, "image_size": 1540, "adapter_bias": False},
        },
        24_011_361_280,
    ),
    "Ministral 8B": (
        {
            **MISTRAL,
            "n_layers": 36,
            "hidden_dim": 12288,
            "vocab_size": 131072,
            "sliding_window": [None, 32768, 32768, 32768],
        },
        8_019_808_256,
    ),
    "Codestral Mamba": (MAMBA, 7_285_403_648),
    "Mixtral 8x7B": ({**MIXTRAL, "vocab_size": 32000}, 46_702_792_704),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_params_json_gives_the_published_parameters(name: str) -> None:
    params, num_parameters = MODELS[name]
    reading = read_config(json.dumps(params))
    check_fields(reading.config)
    assert reading.format == "params_json"
    assert reading.repairs[0].startswith("converted from M")
    assert build(reading.config).num_parameters == num_parameters


def test_a_tied_head_that_the_file_does_not_tell_is_said() -> None:
    assert "tied the embeddings, as in Llama 3.2 1B and 3B" in read_config(SMALL).repairs
    assert read_config(SMALL).config["tie_word_embeddings"] is True
    assert read_config(META).config["tie_word_embeddings"] is False


def test_the_vocabulary_of_llama_2_is_asked_for() -> None:
    with pytest.raises(ConfigError, match="lacks vocab_size") as caught:
        read_config({**LLAMA2, "vocab_size": -1})
    assert "32000 for Llama 1 and 2" in caught.value.next_step
    assert caught.value.missing_fields == ("vocab_size",)


@pytest.mark.parametrize(
    ("changes", "length"),
    [
        ({"use_scaled_rope": True}, 131_072),
        ({"use_scaled_rope": False}, 8_192),
        ({"use_scaled_rope": False, "rope_theta": 1e6}, 16_384),
        ({"use_scaled_rope": False, "rope_theta": None}, 4_096),
        ({"max_seq_len": 512}, 512),
    ],
)
def test_the_context_follows_from_the_positions(changes: dict[str, Any], length: int) -> None:
    assert read_config({**META, **changes}).config["max_position_embeddings"] == length


def test_mistral_has_a_window_only_where_it_says_so() -> None:
    assert read_config(MISTRAL).config["sliding_window"] is None
    assert read_config({**MISTRAL, "sliding_window": 4096}).config["sliding_window"] == 4096


def test_distilberts_config_is_no_params_json() -> None:
    config = {"model_type": "distilbert", "dim": 8, "n_layers": 2, "n_heads": 2, "hidden_dim": 16, "vocab_size": 9}
    assert read_config(config).format == "dict"
    assert read_config(config).config == config


@pytest.mark.parametrize("name", ["sliding_window", "_sliding_window"])
def test_a_list_of_windows_repeats_over_the_layers(name: str) -> None:
    config = read_config({**MISTRAL, name: [None, 8, 8, 8]}).config
    assert config["sliding_window"] == 8
    assert config["layer_types"][:5] == ["full_attention", *["sliding_attention"] * 3, "full_attention"]
    assert len(config["layer_types"]) == 32
    only_first = build(config).cache(1, 1000).kv_cache_bytes
    assert only_first < build(read_config(MISTRAL).config).cache(1, 1000).kv_cache_bytes


def test_windows_that_are_all_null_are_none() -> None:
    assert read_config({**MISTRAL, "sliding_window": [None]}).config["model_type"] == "mistral"


def test_eyes_that_merge_patches_are_those_of_mistral_3() -> None:
    merging = {**VISION, **MERGING, "adapter_bias": False}
    assert read_config({**MISTRAL, "vision_encoder": VISION}).config["model_type"] == "llava"
    assert read_config({**MISTRAL, "vision_encoder": merging}).config["model_type"] == "mistral3"
    whole = build(read_config({**MISTRAL, "vision_encoder": VISION}).config)
    assert whole.num_parameters > build(read_config(MISTRAL).config).num_parameters + 300_000_000


def test_the_size_of_pictures_may_be_left_out_or_be_called_the_largest() -> None:
    whole = build(read_config({**MISTRAL, "vision_encoder": VISION}).config)
    without = {name: value for name, value in VISION.items() if name != "image_size"}
    for size in ({}, {"max_image_size": 1540}):
        config = read_config({**MISTRAL, "vision_encoder": {**without, **size}}).config
        assert build(config).num_parameters == whole.num_parameters
        assert config["vision_config"].get("image_size") == size.get("max_image_size")


def test_what_scales_with_the_length_is_of_ministral_3() -> None:
    seeing = {**MISTRAL, "llama_4_scaling": {"beta": 0.1}, "vision_encoder": {**VISION, **MERGING}}
    config = read_config(seeing).config
    assert (config["model_type"], config["text_config"]["model_type"]) == ("mistral3", "ministral3")
