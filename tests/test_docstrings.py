"""Examples in docstrings are promises."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

import budsim_widgets

MODULES = [name for _, name, _ in pkgutil.walk_packages(budsim_widgets.__path__, "budsim_widgets.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    failed, _ = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    assert failed == 0
