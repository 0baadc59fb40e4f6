"""The bounds let every model through that transformers declares."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.data import load_table
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import check_fields
from budsim_widgets.intake.bounds import bounds_of
from budsim_widgets.intake.field_values import check_value

TABLE = load_table("defaults")
DEFAULT_CONFIGS: dict[str, dict[str, Any]] = json.loads(
    gzip.decompress((Path(__file__).parent / "default_configs.json.gz").read_bytes())
)


@pytest.mark.parametrize("model_type", sorted(DEFAULT_CONFIGS))
def test_every_default_config_passes(model_type: str) -> None:
    check_fields(DEFAULT_CONFIGS[model_type])


def test_every_declared_default_has_the_type_and_range_of_its_field() -> None:
    for model_type, defaults in TABLE["types"].items():
        for field, value in defaults.items():
            letters = TABLE["kinds"].get(model_type, {}).get(field) or TABLE["kinds"]["*"][field]
            check_value(f"{model_type}.{field}", field, value, letters + ("n" if value is None else ""))


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("hidden_size", 1, 1_000_000),
        ("num_hidden_layers", 1, 10_000),
        ("vocab_size", 1, 10_000_000),
        ("num_attention_heads", 1, 100_000),
        ("num_local_experts", 0, 100_000),
        ("decoder_layers", 0, 10_000),
        ("max_position_embeddings", 1, 1_000_000_000),
        ("intermediate_size", 1, 1_000_000),
    ],
)
def test_the_bounds_of_the_fields_that_matter_most(field: str, low: int, high: int) -> None:
    assert bounds_of(field) == (low, high)


LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 1000,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("head_dim", 0, "FIELD_RANGE"),
        ("intermediate_size", 0, "FIELD_RANGE"),
        ("max_position_embeddings", 0, "FIELD_RANGE"),
        ("layer_types", ["banana", "banana"], "FIELD_VALUE"),
        ("mlp_layer_types", ["dense", "wide"], "FIELD_VALUE"),
        ("layer_types", "full_attention", "FIELD_TYPE"),
        ("layer_types", {"0": "full_attention"}, "FIELD_TYPE"),
        ("layer_types", ["full_attention", None], "FIELD_TYPE"),
        ("mlp_layer_types", [1, 2], "FIELD_TYPE"),
    ],
)
def test_what_no_model_can_have_is_refused_with_its_field(field: str, value: Any, code: str) -> None:
    check_fields(LLAMA)
    with pytest.raises(ConfigError) as caught:
        check_fields({**LLAMA, field: value})
    assert (caught.value.code, caught.value.field) == (code, field)
    with pytest.raises(ConfigError) as caught:
        check_fields({"model_type": "llava", "text_config": {**LLAMA, field: value}})
    assert caught.value.field == f"text_config.{field}"


_TYPES_OF_LAYERS = [
    model_type
    for model_type, config in DEFAULT_CONFIGS.items()
    if "layer_types" in TABLE["types"].get(model_type, {}) and isinstance(config.get("num_hidden_layers"), int)
]


@pytest.mark.parametrize("model_type", _TYPES_OF_LAYERS)
def test_unknown_kinds_of_layers_are_refused_for_every_type_that_lists_them(model_type: str) -> None:
    config = DEFAULT_CONFIGS[model_type]
    with pytest.raises(ConfigError):
        check_fields({**config, "layer_types": ["banana"] * config["num_hidden_layers"]})


@pytest.mark.parametrize("value", [0, -1, "4096", True, [], {}, [None], 10**12], ids=repr)
@pytest.mark.parametrize("field", ["head_dim", "hidden_size", "max_position_embeddings", "vocab_size"])
def test_a_size_that_cannot_be_is_refused_where_no_class_has_it_too(field: str, value: Any) -> None:
    for model_type in ("deepseek_v3", "kimi_linear", "paligemma", "t5gemma", "voxtral"):
        if DEFAULT_CONFIGS[model_type].get(field) is None:
            continue
        with pytest.raises(ConfigError) as caught:
            check_fields({**DEFAULT_CONFIGS[model_type], field: value})
        assert caught.value.field == field
