"""Line forms: what an engine prints about one figure or setting, and how it is found in a long text.

A form is looked for by a literal part of its line, and only the few hundred characters around it are given to an
expression: whatever a log holds, reading it takes the time of a plain search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Unit = Literal["bytes", "tokens", "requests"]

_BEFORE: Final = 160
_AFTER: Final = 400
_MOST_LINES: Final = 512
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]{0,16}[A-Za-z]")

NUMBER: Final = r"\d{1,15}(?:,\d{3}){0,4}(?:\.\d{1,12})?"
"""A number as logs write it: 441,504 or 14.9889."""

SIZE: Final = rf"(?P<value>{NUMBER})\s?(?P<unit>[KMGT]i?B|B)"
"""An amount of memory; engines that print GB mean GiB."""

_POWERS: Final = {"B": 0, "K": 1, "M": 2, "G": 3, "T": 4}


class Figure(NamedTuple):
    """A figure of a log.

    Attributes:
        value: In its unit; bytes as far as the printed digits go.
        unit: `bytes`, `tokens` or `requests`.
        digit: What the last printed digit is worth, in the same unit.
    """

    value: float
    unit: Unit
    digit: float


@dataclass(frozen=True)
class LogForm:
    """A line about one figure.

    Attributes:
        part: What the figure is, such as `weights`.
        key: A literal part of the line.
        pattern: Its group `value` is the number, `unit` its unit of memory, `device` where it lies.
        unit: What is counted.
        combine: How the figures of several lines (ranks, devices, layers) become one.
        on_host: Whether only figures of the computer's own memory count; None: of no matter.
        is_decimal: Whether its GB are 10^9 bytes.
    """

    part: str
    key: str
    pattern: re.Pattern[str]
    unit: Unit = "bytes"
    combine: Literal["max", "min", "last", "sum"] = "max"
    on_host: bool | None = None
    is_decimal: bool = False

    def figure(self, text: str) -> Figure | None:
        """The figure of a log, or None where it has no such line."""
        found = [self._figure(match) for match in self._matches(text)]
        if not found:
            return None
        if self.combine == "last":
            return found[-1]
        if self.combine == "sum":
            return Figure(sum(one.value for one in found), self.unit, sum(one.digit for one in found))
        return (max if self.combine == "max" else min)(found, key=lambda one: one.value)

    def _figure(self, match: re.Match[str]) -> Figure:
        written = match["value"].replace(",", "")
        step = 1000 if self.is_decimal else 1024
        factor = step ** _POWERS[match["unit"][0]] if self.unit == "bytes" else 1
        digits = len(written.partition(".")[2])
        return Figure(float(written) * factor, self.unit, factor * 10.0**-digits)

    def _matches(self, text: str) -> Iterator[re.Match[str]]:
        for line in lines_with(text, self.key):
            match = self.pattern.search(line)
            if match and (self.on_host is None or self.on_host == _is_host(match["device"])):
                yield match


@dataclass(frozen=True)
class SettingForm:
    """A line about one setting.

    Attributes:
        name: A parameter of a workload, or a setting of the engine.
        key: A literal part of the line.
        pattern: Its group `value` is the setting.
        kind: What it is.
    """

    name: str
    key: str
    pattern: re.Pattern[str]
    kind: type[int | float | str] = int

    def value(self, text: str) -> int | float | str | None:
        """The setting that a log shows last, or None."""
        found = None
        for line in lines_with(text, self.key):
            match = self.pattern.search(line)
            if match:
                found = self.kind(match["value"].replace(",", "") if self.kind is not str else match["value"])
        return found


def lines_with(text: str, key: str) -> Iterator[str]:
    """What stands around each place of a literal on its line, without terminal codes; the first 512 of them."""
    at, count = text.find(key), 0
    while at >= 0 and count < _MOST_LINES:
        start = max(text.rfind("\n", max(0, at - _BEFORE), at) + 1, at - _BEFORE)
        limit = at + len(key) + _AFTER
        end = text.find("\n", at, limit)
        yield _ESCAPES.sub("", text[start : limit if end < 0 else end])
        at, count = text.find(key, at + len(key)), count + 1


def _is_host(device: str) -> bool:
    return device.startswith("CPU") or "Host" in device or device == "BLAS"
