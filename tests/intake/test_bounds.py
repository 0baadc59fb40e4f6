"""The bounds let every model through that transformers declares."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.data import load_table
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
        ("max_position_embeddings", 0, 1_000_000_000),
    ],
)
def test_the_bounds_of_the_fields_that_matter_most(field: str, low: int, high: int) -> None:
    assert bounds_of(field) == (low, high)
