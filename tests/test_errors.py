from __future__ import annotations

import inspect
import pickle

import pytest

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
