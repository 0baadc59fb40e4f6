"""A request's body, bounded while it arrives, and read as strictly as a paste."""

from __future__ import annotations

from typing import Any, Final

from budsim_widgets.errors import BudsimError, ConfigError
from budsim_widgets.intake.limits import check_counts
from budsim_widgets.intake.readers import parse_json
from budsim_widgets.printable import quoted

_MOST_DIGITS: Final = 18


class BodyTooLargeError(BudsimError):
    """The body is larger than the server takes."""

    error_code = "BODY_TOO_LARGE"


class BodyEncodedError(BudsimError):
    """The body is compressed: how large it will be isn't known while it arrives."""

    error_code = "BODY_ENCODED"


class RequestError(BudsimError, ValueError):
    """The request isn't what its route takes; `.field` names the part."""

    error_code = "INVALID_REQUEST"

    def __init__(self, message: str, *, next_step: str = "", field: str | None = None) -> None:
        super().__init__(message, next_step=next_step)
        self.field = field


class Body:
    """The bytes of a body as they arrive, and no more than `max_bytes` of them.

    Args:
        declared: The header that says how many will come; empty where it isn't said beforehand.
        max_bytes: The most that is taken.

    Attributes:
        is_too_large: Whether there are more, or will be.
    """

    def __init__(self, declared: str, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._chunks = bytearray()
        self.is_too_large = _length(declared) > max_bytes

    def append(self, chunk: bytes) -> None:
        """Keep a part, unless the body has become too large."""
        self.is_too_large = self.is_too_large or len(self._chunks) + len(chunk) > self._max_bytes
        if self.is_too_large:
            self._chunks.clear()
        else:
            self._chunks += chunk

    def too_large(self) -> BodyTooLargeError:
        """The error for it."""
        return BodyTooLargeError(
            f"The body has more than {self._max_bytes / 1024:,.0f} KiB.",
            next_step="Send the config.json alone; it has a few KiB.",
        )

    def read(self) -> Any:
        """The JSON that it holds.

        Raises:
            RequestError: It is no JSON, or JSON that no config is: too deep, too many items, a key twice.
        """
        try:
            text = self._chunks.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise RequestError(
                f"Byte {error.start + 1:,} of the body is not UTF-8 text.", next_step="Send JSON in UTF-8."
            ) from None
        if not text.strip():
            raise RequestError("The body is empty.", next_step="Send a JSON object.")
        try:
            check_counts(text)
            return parse_json(text)
        except ConfigError as error:
            raise RequestError(f"The body can't be read. {error.message}", next_step="Fix the JSON.") from None


def refuse_compressed(coding: str) -> None:
    """Take bodies as they are only.

    Args:
        coding: The header `Content-Encoding`; empty where there is none.

    Raises:
        BodyEncodedError: It is another than `identity`.
    """
    if coding.strip().lower() not in {"", "identity"}:
        raise BodyEncodedError(
            f"The body comes as {quoted(coding, 40)}; only plain JSON is taken.",
            next_step="Send it without Content-Encoding.",
        )


def _length(declared: str) -> int:
    """The length that a header declares; 0 for what is no number, which is counted as it arrives."""
    if not (declared.isascii() and declared.isdigit()):
        return 0
    return int(declared.lstrip("0")[: _MOST_DIGITS + 1] or "0")
