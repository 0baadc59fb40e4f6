from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

import budsim_widgets as bw
from budsim_widgets import errors
from budsim_widgets.actions import Actions, default_actions


@pytest.mark.parametrize("name", bw.__all__)
def test_a_public_name_is_what_its_module_calls_so(name: str) -> None:
    value = getattr(bw, name)
    if inspect.isclass(value):
        assert value.__name__ == name
        assert getattr(bw, name) is value
    elif inspect.isfunction(value):
        assert value.__name__ == name
    else:
        actions = default_actions()
        assert value.__self__ in (actions, *vars(actions).values())
        assert inspect.getdoc(value)


def test_every_error_is_a_public_name() -> None:
    tree = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.BudsimError)}
    assert tree <= set(bw.__all__)


def test_a_star_import_takes_the_public_names_and_no_others() -> None:
    command = "from budsim_widgets import *; print(*sorted(name for name in dir() if not name.startswith('__')))"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == sorted(bw.__all__)


def test_what_is_completed_are_the_public_names() -> None:
    assert set(dir(bw)) == {*bw.__all__, "__version__"}


@pytest.mark.parametrize("name", ["calculat", "_actions", "__wrapped__", "Actions"])
def test_another_name_is_refused_by_itself(name: str) -> None:
    with pytest.raises(AttributeError, match=name) as caught:
        getattr(bw, name)
    assert (caught.value.name, caught.value.obj) == (name, bw)  # from which Python makes “Did you mean …?”


def test_an_action_of_the_package_is_that_of_the_shared_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bw.calculate == default_actions().calculate
    mine = Actions()
    monkeypatch.setattr("budsim_widgets.actions.default_actions", lambda: mine)
    assert bw.calculate == mine.calculate


@pytest.mark.parametrize("name", ["calculate", "compare", "get_config"])
def test_an_action_can_be_sent_to_a_pool_of_processes(name: str) -> None:
    sent = pickle.dumps(getattr(bw, name))
    assert pickle.loads(sent) == getattr(bw, name)  # noqa: S301 - just pickled here


def test_parameters_are_completed_and_a_misspelt_one_is_refused_with_the_right_one() -> None:
    assert {"batch_size", "seq_length", "precision", "engine"} <= set(inspect.signature(bw.calculate).parameters)
    with pytest.raises(bw.WorkloadError, match="Did you mean batch_size"):
        bw.calculate({"model_type": "llama"}, batchsize=2)


@pytest.mark.parametrize("package", ["engines", "fitting", "hardware", "intake", "memory"])
def test_every_name_of_a_package_is_found_when_it_is_used(package: str) -> None:
    module = import_module(f"budsim_widgets.{package}")
    for name in module.__all__:
        assert not isinstance(getattr(module, name), ModuleType), name
    with pytest.raises(AttributeError, match="has no attribute 'Missing'"):
        module.Missing  # noqa: B018 - what is tried


@pytest.mark.parametrize("package", ["engines", "fitting", "hardware", "intake", "memory"])
def test_no_name_of_a_package_is_that_of_a_module_in_it(package: str) -> None:
    """Once that module is loaded, the name would be the module."""
    module = import_module(f"budsim_widgets.{package}")
    modules = {found.name for found in iter_modules(module.__path__)}
    assert modules & set(module.__all__) == set()
