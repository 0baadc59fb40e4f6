"""Whatever is pasted, the answer is a config or a ConfigError."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import budsim_widgets.intake
from budsim_widgets.data import load_table
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import check_fields, read_config, resolve_fields
from budsim_widgets.intake.wording import MAX_SHOWN, show, show_line, show_name
from intake.corpus import GEMMA3, LLAMA, MIXTRAL, PRETTY

INTAKE = Path(budsim_widgets.intake.__file__).parent
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NUMBERS = st.integers() | st.integers(-2, 40) | st.floats()
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=20) | st.sampled_from(["llama", "gemma3", "__class__"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
TYPES = st.sampled_from(sorted(load_table("defaults")["types"]))
FIELDS = st.sampled_from(sorted({*load_table("defaults")["kinds"]["*"], *LLAMA, "text_config", "dtype", "n_embd"}))


@FEW
@given(VALUES)
def test_any_json_value_is_checked_without_a_crash(value: Any) -> None:
    with suppress(ConfigError):
        check_fields(value)


@FEW
@given(TYPES, st.dictionaries(FIELDS, VALUES, max_size=6))
def test_any_values_of_known_fields_are_checked_without_a_crash(model_type: str, changes: dict[str, Any]) -> None:
    for config in ({**LLAMA, "model_type": model_type}, GEMMA3, {"model_type": model_type}):
        with suppress(ConfigError):
            check_fields({**config, **changes})


@FEW
@given(st.dictionaries(FIELDS, VALUES, max_size=4))
def test_any_values_inside_of_a_part_are_checked_without_a_crash(changes: dict[str, Any]) -> None:
    for config in ({**GEMMA3, "text_config": changes}, {**LLAMA, "model_type": "odd", "llm_config": changes}):
        with suppress(ConfigError):
            check_fields(config)


@FEW
@given(TYPES, st.dictionaries(FIELDS, VALUES, max_size=6))
def test_what_is_checked_can_be_resolved(model_type: str, changes: dict[str, Any]) -> None:
    config = {**LLAMA, "model_type": model_type, **changes}
    with suppress(ConfigError):
        check_fields(config)
        assert resolve_fields(config).keys() >= config.keys()


@FEW
@given(VALUES)
def test_json_of_any_object_is_read_back_as_it_is(value: Any) -> None:
    config = {**LLAMA, "extra": value}
    try:
        text = json.dumps(config)
        from_text, from_dict = read_config(text), read_config(config)
    except ConfigError as error:
        assert error.code in {"NON_FINITE", "TOO_LARGE", "ENCODING", "SECRET"}  # noqa: PT017 - both outcomes are right
    else:
        assert from_text.config == from_dict.config == config


@FEW
@given(st.text() | st.binary())
def test_any_text_and_any_bytes_are_read_without_a_crash(source: str | bytes) -> None:
    with suppress(ConfigError):
        read_config(source)


@FEW
@given(st.integers(0, len(PRETTY)), st.integers(0, 40), st.text(max_size=6))
def test_any_damage_to_a_config_is_answered(start: int, length: int, inserted: str) -> None:
    with suppress(ConfigError):
        check_fields(read_config(PRETTY[:start] + inserted + PRETTY[start + length :]).config)


@FEW
@given(st.integers(1, len(PRETTY) - 1))
def test_a_config_that_is_cut_off_is_called_so(end: int) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(PRETTY[:end])
    assert caught.value.code == "TRUNCATED"


@FEW
@given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers(), min_size=1, max_size=5))
def test_the_order_of_the_fields_does_not_matter(extra: dict[str, int]) -> None:
    config = {**MIXTRAL, **{f"x_{name}": number % 1000 for name, number in extra.items()}}
    with suppress(ConfigError):
        assert read_config(json.dumps(config)) == read_config(json.dumps(dict(reversed(config.items()))))


@FEW
@given(VALUES)
def test_what_a_message_shows_is_short_and_plain(value: Any) -> None:
    shown = show(value)
    assert len(shown) <= MAX_SHOWN
    assert shown.isascii() or shown.replace("…", "").isascii()
    assert shown.isprintable()


@FEW
@given(st.text(max_size=200), st.integers(1, 300))
def test_a_shown_line_is_short_and_printable(line: str, column: int) -> None:
    assert show_line(line, column).isprintable()
    assert len(show_line(line, column)) <= MAX_SHOWN + 2
    assert show_name(line).isprintable()


NAMES = sorted(
    {name for path in INTAKE.rglob("*.py") for name in re.findall(r'"(_?[a-z][\w.]{2,40})"', path.read_text("utf-8"))}
)
ODD = ({}, [], [[]], [{}], {"a": [{}]}, "x", "", 1e300, -1, True, None)


def test_a_field_that_is_looked_at_may_hold_anything() -> None:
    """Every name that the source of intake knows, with every kind of value; without the net behind it."""
    whole = {**LLAMA, "quantization_config": {"quant_method": "fp8"}}
    for name, odd in product(NAMES, ODD):
        for config in (
            {name: odd},
            {**whole, name: odd},
            {"model_type": "llama", name: odd, "model_config": {name: odd}},
        ):
            with suppress(ConfigError):
                check_fields(read_config(config).config)
