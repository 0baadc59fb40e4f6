from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil

import pytest

import budsim_widgets
from budsim_widgets import errors

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.BudsimError)]


def _example(kind: type[errors.BudsimError]) -> errors.BudsimError:
    more = {errors.WorkloadError: {"field": "batch_size"}, errors.StoreError: {"path": "configs.json"}}.get(kind, {})
    if kind is errors.ConfigError:
        return errors.ConfigError("EMPTY", "There is nothing.", next_step="Paste the config.")
    return kind("There is nothing.", next_step="Paste the config.", **more)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_says_what_is_wrong_and_what_to_do(kind: type[errors.BudsimError]) -> None:
    error = _example(kind)
    assert str(error) == "There is nothing. Paste the config."
    assert error.to_dict()["error_code"] == kind.error_code
    assert error.to_dict()["next_step"] == "Paste the config."


def test_codes_that_clients_know() -> None:
    assert errors.GatedModelError.error_code == "MODEL_GATED"
    assert errors.ConfigError.error_code == "INVALID_CONFIG"
    assert errors.ModelNotFoundError.error_code == "NOT_FOUND"


def test_codes_differ_from_error_to_error() -> None:
    codes = [kind.error_code for kind in KINDS]
    assert len(set(codes)) == len(codes)


def test_every_error_stands_in_the_tree_that_the_module_draws() -> None:
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_crosses_processes_with_its_message(kind: type[errors.BudsimError]) -> None:
    error = _example(kind)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - just pickled here
    assert (type(again), str(again), again.__dict__) == (kind, str(error), error.__dict__)


def kinds_anywhere(kind: type[errors.BudsimError] = errors.BudsimError) -> set[type[errors.BudsimError]]:
    """Every error of the package, those that the server alone raises included."""
    for module in pkgutil.walk_packages(budsim_widgets.__path__, "budsim_widgets."):
        importlib.import_module(module.name)
    found = {kind}
    for below in kind.__subclasses__():
        found |= kinds_anywhere(below)
    return {one for one in found if one.__module__.startswith("budsim_widgets")}


@pytest.mark.parametrize("given", [{}, {"next_step": ""}, {"next_step": " \n"}], ids=str)
def test_an_error_always_says_what_to_do(given: dict[str, str]) -> None:
    kinds = kinds_anywhere()
    assert set(KINDS) < kinds
    for kind in kinds:
        parameters = inspect.signature(kind).parameters
        values = {"message": "There is nothing.", "field": "batch_size", "path": "x", "code": "EMPTY"}
        named = {name: value for name, value in {**values, **given}.items() if name in parameters}
        if "retry_after_seconds" in parameters and "message" not in parameters:
            named = {"retry_after_seconds": 5}
        for fields in (named, {name: value for name, value in named.items() if name != "field" or _needs(kind, name)}):
            error = kind(**fields)
            assert error.next_step.strip(), kind
            assert str(error).endswith((".", "…")), kind
            assert error.to_dict()["next_step"] == error.next_step


def _needs(kind: type[errors.BudsimError], name: str) -> bool:
    return inspect.signature(kind).parameters[name].default is inspect.Parameter.empty


def test_a_next_step_names_the_field_where_there_is_one() -> None:
    assert "`vocab_size`" in errors.ConfigError("FIELD_RANGE", "Too small.", field="vocab_size").next_step
    assert "`" not in errors.ConfigError("FIELD_RANGE", "Too small.", field="x" * 1000).next_step
    assert "batch_size" in errors.WorkloadError("Too small.", field="batch_size").next_step
