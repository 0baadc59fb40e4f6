"""Work is bounded by a config's size: counted in steps, for every kind of config that makes much of it."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hostile_configs import KINDS, LISTS, MAX_BYTES, lists, mixed
from steps import steps_of

from budsim_widgets.actions import Actions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_STEPS = 1_500_000
"""Calls and returns, of functions of C too: about 60 ms."""


def steps(config: dict[str, Any]) -> int:
    """What a calculation of a config that is seen for the first time takes."""
    actions = Actions()
    return steps_of(lambda: actions.calculate(config))


# one test for each method's lists, so that two workers share them
PIECES = {**{kind.__name__: kind for kind in KINDS if kind is not lists}, **{m: partial(lists, m) for m in LISTS}}


@pytest.mark.slow
@pytest.mark.parametrize("kind", PIECES.values(), ids=PIECES)
def test_a_hostile_config_is_calculated_or_refused_in_bounded_steps(
    kind: Callable[[], Iterator[tuple[str, dict[str, Any]]]],
) -> None:
    too_many = {what: taken for what, config in kind() if (taken := steps(config)) > MAX_STEPS}
    assert too_many == {}


@pytest.mark.slow
def test_they_are_as_large_as_a_paste_may_be() -> None:
    too_large = [
        what
        for kind in KINDS
        for what, config in kind()
        if len(json.dumps(config, ensure_ascii=False).encode()) > MAX_BYTES
    ]
    assert too_large == []


def test_the_slowest_of_each_kind_of_list_takes_bounded_steps() -> None:
    """A few of them, for everyday."""
    slowest = ("globs", "signs in front", "entries of all kinds", "names of all lengths", "many states at once")
    chosen = [config for what, config in (*lists("modelopt"), *mixed()) if any(part in what for part in slowest)]
    assert max(map(steps, chosen)) < MAX_STEPS
