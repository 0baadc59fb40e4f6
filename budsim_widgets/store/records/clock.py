"""The time, and times as records keep them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final

_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9998


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(timezone.utc)


def parse_time(text: str) -> datetime:
    """The time of a record, in UTC; one without a zone is in UTC already.

    Raises:
        ValueError: It is no time, or one so far off that it doesn't exist in every zone.
    """
    time = datetime.fromisoformat(text)
    if not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        raise ValueError("no time of a config")
    if time.tzinfo is timezone.utc:  # as the store writes it
        return time
    return time.replace(tzinfo=timezone.utc) if time.tzinfo is None else time.astimezone(timezone.utc)
