"""Whatever is given for whatever parameter is answered, or refused by one of our own errors."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

import budsim_widgets as bw
from budsim_widgets.actions import Actions
from budsim_widgets.errors import BudsimError
from budsim_widgets.resolver import Resolver

if TYPE_CHECKING:
    from pathlib import Path

CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 32000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
LETTERS = "AbCdEfGhIjKlMnOpQr0123456789AbCdEf"
TRAINING = (
    *(
        "method",
        "optimizer",
        "precision",
        "lora_rank",
        "lora_targets",
        "modules_to_save",
        "tool",
        "attention",
        "num_devices",
    ),
    *("sharding", "gradient_accumulation", "batch_size", "seq_length", "accelerator", "gradient_checkpointing"),
)


def nested(value: Any, name: str | None = None) -> Any:
    for _ in range(100_000):
        value = [value] if name is None else {name: value}
    return value


ODD: dict[str, Any] = {
    "thousands of digits": 10**5000,
    "as many below zero": -(10**5000),
    "not a number": float("nan"),
    "infinity": float("inf"),
    "400 digits": 10**400,
    "64 bits": 2**63,
    "true": True,
    "none": None,
    "deep lists": nested(1),
    "deep dicts": nested(1, "name"),
    "half a character": "\ud800",
    "an escape sequence": "\x1b[2J",
    "5 MB": "a" * 5_000_000,
    "an access token": f"hf_{LETTERS}",
    "bytes": b"x",
    "an object": object(),
    "a list": [1],
    "a dict": {},
}
odd_values = pytest.mark.parametrize("value", ODD.values(), ids=ODD)


def assert_answered(work: Any, *args: Any, **kwargs: Any) -> None:
    """It returns, or raises one of our own errors, and shows text alone."""
    shown = ""
    with suppress(BudsimError):
        try:
            shown = repr(work(*args, **kwargs))
        except BudsimError as error:
            shown = str(error)
            raise
    assert LETTERS[:20] not in shown
    assert shown.replace("\n", "").isprintable()


@odd_values
@pytest.mark.parametrize(
    "name",
    ["batch_size", "seq_length", "precision", "kv_cache_precision", "engine", "tensor_parallel", "accelerator", "odd"],
)
def test_a_parameter_of_a_workload(name: str, value: object) -> None:
    assert_answered(bw.calculate, CONFIG, **{name: value})


@odd_values
def test_a_setting_of_an_engine(value: object) -> None:
    for kind in (bw.VLLM, bw.SGLang, bw.LlamaCpp, bw.Transformers):
        for setting in dataclasses.fields(kind):
            assert_answered(lambda kind=kind, name=setting.name: bw.calculate(CONFIG, engine=kind(**{name: value})))


@odd_values
def test_an_accelerator(value: object) -> None:
    assert_answered(bw.fit, CONFIG, value)
    for name in ("name", "memory_gib", "vendor", "flops", "driver_names", "source"):
        assert_answered(bw.fit, CONFIG, {"name": "x", "memory_gib": 24, name: value})


@odd_values
def test_a_parameter_of_training(value: object) -> None:
    for name in TRAINING:
        assert_answered(bw.finetune, CONFIG, **{name: value})


@odd_values
def test_a_model_an_id_and_a_config(value: Any, tmp_path: Path) -> None:
    actions = Actions(Resolver(bw.ConfigStore(tmp_path / "store.json")))
    for work in (actions.validate, actions.check_config):
        assert_answered(work, value)
    assert_answered(actions.compare, [value, CONFIG])
    assert_answered(actions.submit_config, value, CONFIG)
    assert_answered(actions.submit_config, "org/model", value)
    assert_answered(bw.analyze, CONFIG, seq_lengths=[value])
    assert_answered(bw.check_log, CONFIG, value)


@odd_values
@pytest.mark.parametrize("name", ["hidden_size", "rope_scaling", "quantization_config", "text_config", "odd"])
def test_a_field_of_a_config(name: str, value: object) -> None:
    assert_answered(bw.calculate, {**CONFIG, name: value})
    quantized = {"quant_method": "gptq", "bits": value, "group_size": value, "dynamic": value}
    assert_answered(bw.calculate, {**CONFIG, "quantization_config": quantized})
