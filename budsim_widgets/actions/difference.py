"""What changed between two versions of a config: its fields, and what that means in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from budsim_widgets.engines import Workload
from budsim_widgets.memory.shown import ShownTable
from budsim_widgets.memory.weights import weights_of
from budsim_widgets.printable import printable
from budsim_widgets.units import format_bytes, format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from budsim_widgets.actions.saved_config import SavedConfig
    from budsim_widgets.architectures import Architecture

_ABSENT: Final = "—"
_SHOWN_CHARACTERS: Final = 80
_SHOWN_FIELDS: Final = 40
_SOME_TOKENS: Final = 1024


@dataclass(frozen=True)
class FieldChange:
    """A field that has another value, or is new, or gone.

    Attributes:
        name: Its name, with dots where it lies in a sub-config.
        old: Its value before as JSON, or None where it wasn't there.
        new: Its value after as JSON, or None where it isn't there.
    """

    name: str
    old: str | None
    new: str | None

    @property
    def texts(self) -> tuple[str, str]:
        """Before and after, as people read it: cut where it is long, a dash where the field isn't there."""
        return _shown(self.old), _shown(self.new)


@dataclass(frozen=True)
class MemoryChange:
    """A number that follows from the config.

    Attributes:
        name: What it is.
        old: Its value before, or None where that config can't be built.
        new: Its value after, or None.
        is_bytes: Whether it is a number of bytes.
    """

    name: str
    old: int | None
    new: int | None
    is_bytes: bool = True

    @property
    def texts(self) -> tuple[str, str, str]:
        """Before, after, and by how much it grew, as people read it.

        Example:
            >>> MemoryChange("Parameters", 8_030_261_248, 8_030_261_248, is_bytes=False).texts
            ('8.03B', '8.03B', 'same')
        """
        if self.old is None or self.new is None:
            return self._text(self.old), self._text(self.new), ""
        grown = self.new - self.old
        sign = "+" if grown > 0 else "\N{MINUS SIGN}"
        return self._text(self.old), self._text(self.new), f"{sign}{self._text(abs(grown))}" if grown else "same"

    def _text(self, value: int | None) -> str:
        if value is None:
            return "can't be built"
        return format_bytes(value) if self.is_bytes else format_count(value)


@dataclass(frozen=True, repr=False)
class ConfigDifference(ShownTable):
    """What changed between two versions of a model's config.

    Attributes:
        model_id: The model.
        old_version: The version that it starts from.
        new_version: The version that it goes to.
        fields: The fields that differ, by name.
        memory: Parameters, weights, KV cache per token and recurrent state, before and after.
        headers: The columns of its table.
    """

    headers: ClassVar[tuple[str, ...]] = ("", "before", "after", "")

    model_id: str
    old_version: int
    new_version: int
    fields: tuple[FieldChange, ...]
    memory: tuple[MemoryChange, ...]

    @property
    def title(self) -> str:
        """Which versions of what, and how much of it differs."""
        count = f"{len(self.fields)} field{'s' * (len(self.fields) != 1)} differ{'s' * (len(self.fields) == 1)}"
        what = count if self.fields else "no field differs"
        return f"{printable(self.model_id)}, version {self.old_version} \N{RIGHTWARDS ARROW} {self.new_version}: {what}"

    def __str__(self) -> str:
        fields = [(printable(change.name), *change.texts, "") for change in self.shown_fields]
        memory = [(change.name, *change.texts) for change in self.memory]
        blocks = [_columns(rows) for rows in (memory, fields) if rows]
        more = [f"  {self.hidden_text}"] if self.hidden_text else []
        return "\n".join([self.title, *blocks, *more])

    __repr__ = __str__

    def cells(self) -> list[tuple[str, ...]]:
        """The numbers first, then the fields that are shown."""
        rows: list[tuple[str, ...]] = [(change.name, *change.texts) for change in self.memory]
        return rows + [(printable(change.name), *change.texts, "") for change in self.shown_fields]

    @property
    def remarks(self) -> tuple[str, ...]:
        """How many fields aren't shown."""
        return (self.hidden_text,) if self.hidden_text else ()

    @property
    def shown_fields(self) -> tuple[FieldChange, ...]:
        """The fields that a person is shown: another model's config differs in hundreds."""
        return self.fields[:_SHOWN_FIELDS]

    @property
    def hidden_text(self) -> str:
        """How many fields aren't shown."""
        hidden = len(self.fields) - _SHOWN_FIELDS
        return f"and {hidden} more fields" if hidden > 0 else ""


def difference(old: SavedConfig, new: SavedConfig) -> ConfigDifference:
    """What changed from one version to another.

    The KV cache is what the token after the first 1,024 adds for one sequence, in 16 bits.
    """
    before, after = dict(_flat(old.config)), dict(_flat(new.config))
    names = [*before, *(name for name in after if name not in before)]
    fields = (FieldChange(name, before.get(name), after.get(name)) for name in names)
    return ConfigDifference(
        old.model_id,
        old.version,
        new.version,
        tuple(change for change in fields if change.old != change.new),
        tuple(_memory(old.architecture, new.architecture)),
    )


def _memory(old: Architecture | None, new: Architecture | None) -> Iterator[MemoryChange]:
    yield MemoryChange("Parameters", *_both(old, new, lambda one: one.num_parameters), is_bytes=False)
    usual = Workload()
    yield MemoryChange(
        "Weights", *_both(old, new, lambda one: weights_of(one, usual.precision, usual.engine).num_bytes)
    )
    yield MemoryChange("KV cache per token", *_both(old, new, _cache_bytes_per_token))
    state = MemoryChange("Recurrent state", *_both(old, new, lambda one: one.cache(1, _SOME_TOKENS).state_bytes))
    if state.old or state.new:
        yield state


def _both(
    old: Architecture | None, new: Architecture | None, measured: Callable[[Architecture], int]
) -> tuple[int | None, int | None]:
    return (None if old is None else measured(old), None if new is None else measured(new))


def _cache_bytes_per_token(architecture: Architecture) -> int:
    grown = architecture.cache(1, _SOME_TOKENS + 1).kv_cache_bytes - architecture.cache(1, _SOME_TOKENS).kv_cache_bytes
    return max(grown, 0)


def _flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every field with its value as JSON; those of sub-configs by names with dots."""
    for name, value in config.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", json.dumps(value, ensure_ascii=False, sort_keys=True)


def _shown(value: str | None) -> str:
    if value is None:
        return _ABSENT
    return printable(value if len(value) <= _SHOWN_CHARACTERS else f"{value[: _SHOWN_CHARACTERS - 1]}…")


def _columns(rows: list[tuple[str, str, str, str]]) -> str:
    names, olds, news = (max(len(row[column]) for row in rows) for column in range(3))
    arrow = "\N{RIGHTWARDS ARROW}"
    lines = (f"  {name:<{names}}  {old:<{olds}} {arrow} {new:<{news}}  {note}" for name, old, new, note in rows)
    return "\n".join(line.rstrip() for line in lines)
