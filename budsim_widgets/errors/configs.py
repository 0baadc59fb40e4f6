"""A config can't be used, or the store that keeps them."""

from __future__ import annotations

from typing import Final

from budsim_widgets.errors.base import BudsimError

_MAX_FIELD_CHARACTERS: Final = 60


class ConfigError(BudsimError, ValueError):
    """A config that can't be used.

    Attributes:
        code: The finer code, such as `TRUNCATED` or `MISSING_FIELD`.
        field: The field that it is about, or None.
        line: The line of the text, counted from 1, or None.
        missing_fields: Required fields that are absent.
        required_fields: All fields that this kind of config must have.
    """

    error_code = "INVALID_CONFIG"
    default_next_step = "Compare the config with the one that the model publishes."

    def __init__(  # noqa: PLR0913 - one error describes every refusal of intake
        self,
        code: str,
        message: str,
        *,
        next_step: str = "",
        model_id: str | None = None,
        field: str | None = None,
        line: int | None = None,
        missing_fields: tuple[str, ...] = (),
        required_fields: tuple[str, ...] = (),
    ) -> None:
        is_named = field and len(field) <= _MAX_FIELD_CHARACTERS
        compare = f"Compare `{field}` with the config that the model publishes." if is_named else ""
        super().__init__(message, next_step=next_step or compare, model_id=model_id)
        self.code = code
        self.field = field
        self.line = line
        self.missing_fields = missing_fields
        self.required_fields = required_fields


class StoreError(BudsimError, OSError):
    """The store of configs can't be read or written; `.path` is the file."""

    error_code = "STORE"
    default_next_step = "Check the file, or set BUDSIM_STORE to another one."

    def __init__(self, message: str, *, path: str, next_step: str = "", model_id: str | None = None) -> None:
        super().__init__(message, next_step=next_step, model_id=model_id)
        self.path = path
