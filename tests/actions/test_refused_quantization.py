"""A quantization that can't be is refused wherever a config comes in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import budsim_widgets as bw
from budsim_widgets.actions import Actions
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from pathlib import Path

CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 1000,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "quantization_config": {"quant_method": "gptq", "bits": 1000},
}


def test_a_calculation_names_the_field() -> None:
    with pytest.raises(bw.ConfigError) as caught:
        Actions().calculate(CONFIG)
    assert caught.value.field == "quantization_config.bits"


def test_a_submission_names_the_field_and_stores_nothing(tmp_path: Path) -> None:
    actions = Actions(Resolver(ConfigStore(tmp_path / "configs.json")))
    response = actions.submit_config("some/model", CONFIG)
    assert not response.success
    assert response.details["field"] == "quantization_config.bits"
    assert response.details["next_step"]
    assert not actions.check_config("some/model").has_config


def test_a_validation_says_so() -> None:
    response = Actions().validate(CONFIG)
    assert not response.valid
    assert "bits is 1000" in str(response.error)


def test_a_quantization_file_is_put_into_the_config_that_was_saved(tmp_path: Path) -> None:
    actions = Actions(Resolver(ConfigStore(tmp_path / "configs.json")))
    quantization = {"quantization": {"quant_algo": "NVFP4", "exclude_modules": ["lm_head"]}}
    alone = actions.submit_config("some/model", quantization)
    assert not alone.success
    assert "config.json that lies beside it" in alone.details["next_step"]
    plain = {name: value for name, value in CONFIG.items() if name != "quantization_config"}
    assert actions.submit_config("some/model", plain).success
    response = actions.submit_config("some/model", json.dumps({**quantization, "producer": {"name": "modelopt"}}))
    assert response.success
    assert any("hf_quant_config.json" in repair for repair in response.details["repairs"])
    kept = actions.get_config("some/model").config
    assert kept["quantization_config"] == {"quant_method": "modelopt", **quantization["quantization"]}
    assert kept["hidden_size"] == plain["hidden_size"]
