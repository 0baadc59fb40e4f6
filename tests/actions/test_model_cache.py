from __future__ import annotations

import logging
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budsim_widgets.actions import Actions, model_cache
from budsim_widgets.errors import BudsimError, ConfigError
from budsim_widgets.formats import READERS

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


def hostile(number: int) -> dict[str, Any]:
    """A config whose list names one layer of ten thousand."""
    listed = {"quant_method": "fp8", "modules_to_not_convert": ["model.layers.7.mlp.up_proj"]}
    return {**LLAMA, "num_hidden_layers": 10_000, "vocab_size": 1000 + number, "quantization_config": listed}


@pytest.mark.slow
def test_many_large_models_leave_little_behind() -> None:
    actions = Actions()
    actions.calculate(hostile(0))
    tracemalloc.start()
    for number in range(1, 300):
        actions.calculate(hostile(number))
    left_bytes = tracemalloc.get_traced_memory()[0]
    for number in range(300, 600):
        actions.calculate(hostile(number))
    more_bytes = tracemalloc.get_traced_memory()[0] - left_bytes
    tracemalloc.stop()
    assert left_bytes < 50 * 1024**2
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


@settings(max_examples=300)
@given(method=st.sampled_from([*READERS, "modelopt", "x"]) | _json, fields=st.dictionaries(_fields, _json, max_size=5))
def test_any_quantization_config_is_answered_or_refused(method: object, fields: dict[str, Any]) -> None:
    config = {**LLAMA, "quantization_config": {"quant_method": method, **fields}}
    try:
        report = Actions().calculate(config)
    except BudsimError:
        return
    assert report.weight_bytes > 0
    assert repr(report)
