"""No config ends a calculation with anything but a ConfigError of its own model."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

import budsim_widgets as bw
from budsim_widgets.actions import Actions
from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.errors import ConfigError, WorkloadError
from budsim_widgets.resolver import Resolver

if TYPE_CHECKING:
    from pathlib import Path

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 32000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


def nested(depth: int, *, is_dict: bool) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value} if is_dict else [value]
    return value


def shared(depth: int) -> list[Any]:
    """A list of two lists that are one, and so on: small in memory, and without an end when written out."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value, value]
    return value


def containing_itself() -> dict[str, Any]:
    config = dict(LLAMA)
    config["text_config"] = config
    return config


ODD = [
    pytest.param({**LLAMA, "rope_scaling": nested(100_000, is_dict=True)}, "TOO_DEEP", id="100,000 dicts"),
    pytest.param({**LLAMA, "rope_scaling": nested(100_000, is_dict=False)}, "TOO_DEEP", id="100,000 lists"),
    pytest.param({**LLAMA, "rope_scaling": nested(500, is_dict=True)}, "TOO_DEEP", id="500 dicts"),
    pytest.param({**LLAMA, "rope_scaling": shared(60)}, "TOO_DEEP", id="shared lists"),
    pytest.param({**LLAMA, "rope_scaling": shared(28)}, "TOO_MANY_ITEMS", id="fewer shared lists"),
    pytest.param(containing_itself(), "TOO_DEEP", id="a dict that contains itself"),
    pytest.param({**LLAMA, "x": ["a" * 200_000] * 10_000}, "TOO_LARGE", id="one long text many times"),
    pytest.param({**LLAMA, "x" * 300_000: 1}, "TOO_LARGE", id="a long name"),
    pytest.param({**LLAMA, "x": 10**5000}, "TOO_LARGE", id="5,000 digits"),
    pytest.param({**LLAMA, 10**5000: 1}, "TOO_LARGE", id="a name of 5,000 digits"),
    pytest.param({**LLAMA, "x": float("nan")}, "NON_FINITE", id="nan"),
    pytest.param({**LLAMA, "x": b"bytes"}, "FIELD_TYPE", id="bytes"),
    pytest.param({**LLAMA, "x": object()}, "FIELD_TYPE", id="an object"),
    pytest.param({**LLAMA, (1, 2): 1}, "FIELD_TYPE", id="a name that is a tuple"),
    pytest.param({**LLAMA, "x": "\ud800"}, "ENCODING", id="half a character"),
]


@pytest.mark.parametrize(("config", "code"), ODD)
def test_an_odd_dict_is_refused_and_is_one_row_of_a_comparison(config: dict[Any, Any], code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        bw.calculate(config)
    assert caught.value.code == code
    assert bw.validate(config).error_code == "INVALID_CONFIG"
    broken, fine = bw.compare([config, LLAMA]).rows
    assert isinstance(broken.error, ConfigError)
    assert broken.model_id == "llama"
    assert fine.report is not None


@pytest.mark.parametrize(("config", "code"), ODD)
def test_a_submission_of_it_is_answered(config: dict[Any, Any], code: str, tmp_path: Path) -> None:
    response = Actions(Resolver(bw.ConfigStore(tmp_path / "store.json"))).submit_config("org/model", config)
    assert not response.success
    assert response.details["code"] == code


def test_what_is_too_large_names_the_field_with_the_largest_number() -> None:
    with pytest.raises(ConfigError) as caught, config_errors("org/model", config={**LLAMA, "expert_width": 10**19}):
        int(float("inf"))
    assert caught.value.field == "expert_width"
    assert caught.value.model_id == "org/model"


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyError("x"), RecursionError(), MemoryError(), RuntimeError()])
def test_any_error_becomes_one_of_the_model_with_its_place_in_the_log(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(ConfigError) as caught, config_errors("org/model"):
        raise error
    assert caught.value.model_id == "org/model"
    assert caught.value.next_step
    assert f"{type(error).__name__} at {__name__}" in caplog.text


def test_our_own_errors_pass() -> None:
    with pytest.raises(WorkloadError), config_errors("org/model"):
        raise WorkloadError("No.", field="batch_size")
    with pytest.raises(ConfigError) as caught, config_errors("org/model"):
        raise ConfigError("FIELD_TYPE", "No.", model_id="org/other")
    assert caught.value.model_id == "org/other"
