"""Rows of single model types in a saved file that holds many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def merged(
    source: Mapping[str, Any],
    saved: Iterable[dict[str, Any]],
    fresh: Iterable[dict[str, Any]],
    measured: dict[str, str],
) -> list[dict[str, Any]]:
    """The saved rows with those of some classes measured anew or for the first time, in the file's order.

    Args:
        source: The first line of the file: the versions with which its rows were measured.
        saved: Its rows.
        fresh: The rows of these classes; those that are there are replaced.
        measured: The versions with which they were measured; where those differ, each row says so.

    Example:
        >>> old = [{"model_type": "bert", "architecture": "A"}, {"model_type": "t5", "architecture": "B"}]
        >>> merged({"torch": "2"}, old, [{"model_type": "llama", "architecture": "C"}], {"torch": "3"})[1]
        {'model_type': 'llama', 'architecture': 'C', 'measured_with': {'torch': '3'}}
    """
    differs = any(source.get(name) != version for name, version in measured.items())
    new = [{**row, "measured_with": measured} if differs else row for row in fresh]
    replaced = {_class(row) for row in new}
    kept = [row for row in saved if _class(row) not in replaced]
    return sorted((*kept, *new), key=_class)


def _class(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["model_type"], row["architecture"]
