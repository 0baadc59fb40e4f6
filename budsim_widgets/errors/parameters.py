"""A parameter that a person gave can't be used."""

from __future__ import annotations

from typing import Any

from budsim_widgets.errors.base import BudsimError


class ModelIdError(BudsimError, ValueError):
    """The text names no model: a dataset, a page of documentation, a path, or no id at all.

    Attributes:
        field: The parameter that it was given for.
    """

    error_code = "INVALID_MODEL_ID"
    default_next_step = "Type the model's id, for example meta-llama/Llama-3.1-8B."

    def __init__(self, message: str, *, field: str = "model", **details: Any) -> None:
        super().__init__(message, **details)
        self.field = field


class WorkloadError(BudsimError, ValueError):
    """A parameter of the calculation is out of range; `.field` names it."""

    error_code = "INVALID_PARAMETER"

    def __init__(self, message: str, *, field: str, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step or f"Choose another value for {field}.")
        self.field = field


class LanguageError(BudsimError, ValueError):
    """There is no translation into this language."""

    error_code = "INVALID_LANGUAGE"
    default_next_step = "Choose one that there is a translation into."
