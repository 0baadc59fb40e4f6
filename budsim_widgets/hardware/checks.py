"""The values that a person may give an accelerator, checked when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.access_tokens import masked
from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from typing import TypeGuard

MAX_GIB: Final = 16_384
"""16 TiB: sixteen times what any device has."""

MAX_NAME_LENGTH: Final = 100
MAX_SOURCE_LENGTH: Final = 2_000
_MOST_NAMES: Final = 50
_MAX_RATE: Final = 1e19
_YEARS: Final = range(1990, 2101)
_MOST_BITS_SHOWN: Final = 128


def checked_gib(field: str, value: object) -> int:
    """A number of GiB as bytes.

    Raises:
        WorkloadError: It isn't a number between 0 and `MAX_GIB`.
    """
    if not _is_number(value) or not 0 < value <= MAX_GIB:
        raise _refusal(field, value, f"a number of GiB above 0 and up to {MAX_GIB:,}")
    num_bytes = int(value * GIB)
    if not num_bytes:
        raise _refusal(field, value, "at least one byte")
    return num_bytes


def checked_bytes(field: str, value: object) -> int | None:
    """A number of bytes, or None.

    Raises:
        WorkloadError: It isn't a whole number between 1 and 16 TiB.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_GIB * GIB:
        raise _refusal(field, value, f"a whole number of bytes above 0 and up to {MAX_GIB:,} GiB")
    return value


def checked_range(value: object) -> tuple[int, int]:
    """Two numbers of bytes, the smaller one first.

    Raises:
        WorkloadError: They aren't.
    """
    field = "usable_bytes_range"
    if not isinstance(value, (list, tuple)) or len(value) != 2:  # noqa: PLR2004 - least and most
        raise _refusal(field, value, "two whole numbers of bytes")
    least, most = (checked_bytes(field, one) for one in value)
    if least is None or most is None or least > most:
        raise _refusal(field, value, "two whole numbers of bytes, the smaller one first")
    return least, most


def checked_list(field: str, value: object) -> tuple[object, ...]:
    """A list, of at most 50.

    Raises:
        WorkloadError: It isn't one.
    """
    if not isinstance(value, (list, tuple)) or len(value) > _MOST_NAMES:
        raise _refusal(field, value, f"a list of at most {_MOST_NAMES}")
    return tuple(value)


def checked_rate(field: str, value: object) -> float | None:
    """A number a second, or None.

    Raises:
        WorkloadError: It isn't a positive number.
    """
    return None if value is None else _rate(field, value)


def checked_rates(field: str, values: object) -> dict[str, float]:
    """Numbers a second by name.

    Raises:
        WorkloadError: It isn't a dict, or one of them isn't a positive number.
    """
    if not isinstance(values, dict):
        raise _refusal(field, values, "a dict of operations a second by number format")
    return {checked_name(field, name): _rate(field, value) for name, value in values.items()}


def checked_year(field: str, value: object) -> int | None:
    """A year, or None.

    Raises:
        WorkloadError: It isn't one.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value not in _YEARS:
        raise _refusal(field, value, "a year")
    return value


def checked_name(field: str, value: object) -> str:
    """A name: one printable line.

    Raises:
        WorkloadError: It is too long, or holds what can't be shown.
    """
    if not isinstance(value, str) or len(value) > MAX_NAME_LENGTH or not value.isprintable():
        raise _refusal(field, value, f"one line of text of up to {MAX_NAME_LENGTH} characters")
    return masked(value.strip())


def _rate(field: str, value: object) -> float:
    if not _is_number(value) or not 0 < value <= _MAX_RATE:
        raise _refusal(field, value, "a number a second above 0")
    return value


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refusal(field: str, value: object, wanted: str) -> WorkloadError:
    is_huge = isinstance(value, int) and value.bit_length() > _MOST_BITS_SHOWN
    shown = "a huge number" if is_huge else quoted(value, 40)
    return WorkloadError(f"{field} is {shown}, not {wanted}.", field=field)
