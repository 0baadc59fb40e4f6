"""A log as it was read: which engine printed it, its settings and its figures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import WorkloadError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.engines.logs.forms import Figure, LogForm, SettingForm

MAX_CHARACTERS: Final = 5_000_000
"""A longer log is refused."""

_FIRST_CHARACTERS: Final = 1_000_000
_LAST_CHARACTERS: Final = 250_000
_MANY_SPACES: Final = " " * 200


@dataclass(frozen=True)
class LogReading:
    """What a log says.

    Attributes:
        engine: The name of the engine that printed it; None where another program did.
        label: What people call what printed it.
        version: Its version, where it is printed.
        settings: Parameters of a workload and settings of the engine, by name.
        figures: The figures, by part.
    """

    engine: str | None
    label: str
    version: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class LogFormat:
    """What one program prints.

    Attributes:
        engine: The engine's name, or None.
        label: What people call the program.
        figures: The lines about figures; of several forms of one part the first that is there counts.
        settings: The lines about settings.
        parts: All the parts that it can print.
        last_load: A literal that begins the loading of a model: only the last loading is read.
        sums: Parts that are printed in pieces, by name.
        settle: Makes the settings of a workload from those that are printed.
    """

    engine: str | None
    label: str
    figures: tuple[LogForm, ...]
    settings: tuple[SettingForm, ...] = ()
    last_load: str = ""
    sums: tuple[tuple[str, tuple[str, ...]], ...] = ()
    settle: Callable[[dict[str, Any]], dict[str, Any]] = dict

    @property
    def parts(self) -> tuple[str, ...]:
        """All the parts that it can print, each once."""
        pieces = {piece for _, some in self.sums for piece in some}
        printed = (form.part for form in self.figures if form.part not in pieces)
        return tuple(dict.fromkeys((*printed, *(name for name, _ in self.sums))))

    def read(self, text: str) -> LogReading:
        """What a log says, as far as this program printed it."""
        text = self._from_last_load(text)
        figures: dict[str, Figure] = {}
        for form in self.figures:
            found = None if form.part in figures else form.figure(text)
            if found is not None:
                figures[form.part] = found
        self._add_up(figures)
        printed = {form.name: value for form in self.settings if (value := form.value(text)) is not None}
        version = printed.get("version")
        settings = self.settle(printed)
        return LogReading(self.engine, self.label, None if version is None else str(version), settings, figures)

    def _add_up(self, figures: dict[str, Figure]) -> None:
        for name, pieces in self.sums:
            found = [figures.pop(piece) for piece in pieces if piece in figures]
            if len(found) == len(pieces) and name not in figures:
                value, digit = sum(one.value for one in found), sum(one.digit for one in found)
                figures[name] = found[0]._replace(value=value, digit=digit)

    def _from_last_load(self, text: str) -> str:
        start = text.rfind(self.last_load) if self.last_load else -1
        return text if start < 0 else text[text.rfind("\n", 0, start) + 1 :]


def checked_text(text: object) -> str:
    """The text of a log.

    Raises:
        WorkloadError: It is no text, or longer than 5,000,000 characters.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if not isinstance(text, str):
        raise WorkloadError(
            f"A log is text, not {type(text).__name__}.", field="text", next_step="Paste what the engine printed."
        )
    if len(text) > MAX_CHARACTERS:
        raise WorkloadError(
            f"The log has {len(text):,} characters; {MAX_CHARACTERS:,} are read.",
            field="text",
            next_step="Paste its part from the start of the engine to the first request.",
        )
    if _MANY_SPACES in text:  # they make every search slow
        text = re.sub(rf"{_MANY_SPACES}+", " ", text)
    if len(text) <= _FIRST_CHARACTERS + _LAST_CHARACTERS:
        return text
    # an engine prints its memory while it starts, and an error at the end
    return f"{text[:_FIRST_CHARACTERS]}\n{text[-_LAST_CHARACTERS:]}"
