from __future__ import annotations

import gc
import logging
import tracemalloc
from contextlib import suppress
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import pytest
from hostile_configs import groups, lists, shapes
from hypothesis import given, settings
from hypothesis import strategies as st
from steps import steps_of

from budsim_widgets.actions import Actions, model_cache
from budsim_widgets.errors import BudsimError, ConfigError
from budsim_widgets.formats import READERS

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_STEPS = 60_000
"""Calls and returns; a report and its table take about 15,000."""

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 32000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "dtype": "bfloat16",
}


def hostile() -> Iterator[dict[str, Any]]:
    """Configs that all differ: a list that names one layer of ten thousand, and as long ones as a paste may have."""
    named = {"quant_method": "fp8", "modules_to_not_convert": ["model.layers.7.mlp.up_proj"]}
    longest = [config for _, config in (*lists("fp8", "modelopt"), *groups(), *shapes()) if "hidden_size" in config]
    for number in count(1000):
        yield {**LLAMA, "num_hidden_layers": 10_000, "vocab_size": number, "quantization_config": named}
        if number % 20 == 0:  # few, since memory is traced; of each kind some
            yield {**longest[number // 5 % len(longest)], "vocab_size": number}


@pytest.mark.slow
def test_a_thousand_hostile_configs_leave_little_behind() -> None:
    actions, configs = Actions(), hostile()

    def calculate(number: int) -> None:
        for config in islice(configs, number):
            with suppress(BudsimError):
                actions.calculate(config)

    calculate(5)
    gc.collect()
    tracemalloc.start()
    calculate(500)
    gc.collect()
    left_bytes = tracemalloc.get_traced_memory()[0]
    calculate(500)
    gc.collect()
    more_bytes = tracemalloc.get_traced_memory()[0] - left_bytes
    tracemalloc.stop()
    assert left_bytes + more_bytes < 50 * 1024**2
    assert more_bytes < 2 * 1024**2


def test_a_model_that_is_kept_is_not_built_again() -> None:
    actions = Actions()
    assert actions.architecture(LLAMA) is actions.architecture(dict(LLAMA))


def test_whatever_a_description_raises_is_an_error_of_that_model(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(model_cache, "build_checked", broken)
    with caplog.at_level(logging.WARNING), pytest.raises(ConfigError) as caught:
        Actions().calculate(LLAMA)
    assert caught.value.next_step
    assert "RecursionError" in caplog.text
    assert __name__.rpartition(".")[2] in caplog.text
    (row,) = Actions().compare([LLAMA]).rows
    assert isinstance(row.error, ConfigError)


_entries = st.from_regex(r"re:[a-z.*+()|]{1,9}")
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.from_regex(r"re:[a-z.*+()|]{1,9}"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
_fields = st.sampled_from([
    "bits", "group_size", "weight_block_size", "config_groups", "ignore", "modules_to_not_convert", "format", "w_bit",
    "llm_int8_skip_modules", "load_in_4bit", "load_in_8bit", "zero_point", "quant_algo", "exclude_modules", "scale_fmt",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(method=st.sampled_from([*READERS, "modelopt", "x"]) | _json, fields=st.dictionaries(_fields, _json, max_size=5))
def test_any_quantization_config_is_answered_or_refused(method: object, fields: dict[str, Any]) -> None:
    config = {**LLAMA, "quantization_config": {"quant_method": method, **fields}}

    def calculate() -> None:
        report = Actions().calculate(config)
        assert report.weight_bytes > 0
        assert repr(report)

    repr(Actions().calculate(LLAMA))  # what is loaded and read once isn't counted
    assert steps_of(calculate) < MAX_STEPS
