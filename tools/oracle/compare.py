"""A saved or measured row beside what budsim_widgets describes."""

from __future__ import annotations

import traceback
from typing import Any, Literal, TypeAlias

from grouping import digest, grouped

from budsim_widgets.architectures import build
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import num_parameters, tensors
from budsim_widgets.architectures.registry import part_of
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import resolve_fields

CRASHES = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
"""What a description raises on values that it didn't expect; it should raise a ConfigError."""

Verdict: TypeAlias = Literal["exact", "wrong", "refused", "crash", "estimate"]


def judge(row: dict[str, Any]) -> tuple[Verdict, list[str]]:
    """Whether the description builds the row's tensors, and what differs."""
    try:
        architecture = build(row["config"])
    except ConfigError as error:
        if error.code == "UNSUPPORTED" and error.field == "model_type":
            return _judge_part(row)
        return "refused", [f"{error.code} {error.field}: {error.message}"]
    except CRASHES as error:
        return "crash", [f"{type(error).__name__}: {error}", traceback.format_exc(limit=-2)]
    if architecture.basis != "exact":
        return "estimate", list(architecture.notes)
    return _compared(row, architecture.num_parameters, [(each.name, each.shape) for each in architecture.tensors()])


def _judge_part(row: dict[str, Any]) -> tuple[Verdict, list[str]]:
    """A tower or a codec has no vocabulary, so that nobody asks for it alone: it is described as a part of others."""
    try:
        root = part_of(Config(resolve_fields(row["config"])))
    except ConfigError as error:
        return "refused", [f"{error.code} {error.field}: {error.message}"]
    return _compared(row, num_parameters(root), [(each.name, each.shape) for each in tensors(root)])


def _compared(row: dict[str, Any], count: int, found: list[tuple[str, tuple[int, ...]]]) -> tuple[Verdict, list[str]]:
    found = [(name, tuple(map(int, shape))) for name, shape in found]  # a config may say `true` for 1
    if digest(found) == row["digest"] and count == row["num_parameters"]:
        return "exact", []
    return "wrong", differences(row["groups"], grouped(found))


def judge_run(row: dict[str, Any]) -> tuple[Verdict, list[str]]:
    """Whether the description keeps as many bytes as the run's cache held."""
    try:
        architecture = build(row["config"])
        found = architecture.cache(row["batch"], row["seq_length"], encoder_length=row["encoder_length"])
    except ConfigError as error:
        return "refused", [f"{error.code} {error.field}: {error.message}"]
    except CRASHES as error:
        return "crash", [f"{type(error).__name__}: {error}", traceback.format_exc(limit=-2)]
    wanted = (row["kv_bytes"], row["state_bytes"])
    if tuple(found) == wanted:
        return ("exact" if architecture.basis == "exact" else "estimate"), []
    if architecture.basis != "exact":
        return "estimate", list(architecture.notes)
    sizes = f"batch {row['batch']}, {row['seq_length']} tokens: held {wanted}, described {tuple(found)}"
    return "wrong", [sizes, *(f"{name} {shape} {dtype} x{count}" for name, shape, dtype, count in row["tensors"])]


def differences(wanted: list[Any], found: list[Any]) -> list[str]:
    """The groups that only one side has."""
    want = {(name, tuple(shape), count) for name, shape, count in wanted}
    have = {(name, tuple(shape), count) for name, shape, count in found}
    lines = [f"missing {name} {list(shape)} x{count}" for name, shape, count in sorted(want - have)]
    lines += [f"extra   {name} {list(shape)} x{count}" for name, shape, count in sorted(have - want)]
    return lines or ["the same groups at other indexes"]
