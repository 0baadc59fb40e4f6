"""The saved answers of transformers, and whether the descriptions give the same."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from budsim_widgets.architectures import Architecture, build
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.registry import classes_of, part_of
from budsim_widgets.data import load_table
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import resolve_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from budsim_widgets.architectures import Tensor

FOLDER = Path(__file__).parent / "oracle"

HIDDEN_CACHES = {"recurrent_gemma"}
"""Types that keep their cache inside their modules, so that a run can't look at it."""

Row: TypeAlias = "dict[str, Any]"
Pair: TypeAlias = "tuple[str, str]"
Verdict: TypeAlias = Literal["exact", "wrong", "not covered"]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """The rows of a file; its first line names their source."""
    lines = gzip.decompress((FOLDER / f"{name}.jsonl.gz").read_bytes()).splitlines()
    read = (json.loads(line) for line in lines[1:])
    return tuple(row for row in read if row["model_type"] not in HIDDEN_CACHES or "tensors" not in row)


@cache
def source(name: str) -> dict[str, str]:
    """The versions with which the rows of a file were measured, unless a row says otherwise."""
    line, _, _ = gzip.decompress((FOLDER / f"{name}.jsonl.gz").read_bytes()).partition(b"\n")
    found: dict[str, str] = json.loads(line)
    return found


@cache
def by_pair(name: str) -> dict[Pair, list[Row]]:
    """(model type, class) → its rows."""
    pairs: dict[Pair, list[Row]] = {}
    for row in rows(name):
        pairs.setdefault((row["model_type"], row["architecture"]), []).append(row)
    return pairs


@cache
def tasks() -> dict[Pair, list[str]]:
    """(model type, class) → the tasks for which transformers lists it, of the classes that build a default model."""
    return {(row["model_type"], row["architecture"]): row["tasks"] for row in rows("defaults")}


def is_described(pair: Pair) -> bool:
    """Whether a family describes this very class."""
    return pair[1] in classes_of(pair[0])


def tensors_verdict(row: Row) -> tuple[Verdict, str]:
    """Whether a description builds the tensors of a row, by name and shape, and what differs."""

    def compare(architecture: Architecture) -> str:
        tensors = list(architecture.tensors())
        if architecture.num_parameters == row["num_parameters"] and _digest(tensors) == row["digest"]:
            return ""
        return _differences(row["groups"], tensors) or "the same tensors at other indexes"

    return _verdict(row, compare)


def cache_verdict(row: Row) -> tuple[Verdict, str]:
    """Whether a description keeps the bytes that a run's cache held."""

    def compare(architecture: Architecture) -> str:
        held = architecture.cache(row["batch"], row["seq_length"], encoder_length=row["encoder_length"])
        wanted = (row["kv_bytes"], row["state_bytes"])
        return "" if tuple(held) == wanted else f"held {wanted}, described {tuple(held)}: {row['tensors']}"

    return _verdict(row, compare)


def _verdict(row: Row, compare: Callable[[Architecture], str]) -> tuple[Verdict, str]:
    """An estimate, or a refusal to give one, claims nothing; whoever says exact must be."""
    config = {**row["config"], "architectures": [row["architecture"]]}
    described = is_described((row["model_type"], row["architecture"]))
    try:
        architecture = build(config) if row["model_type"] not in _without_text() else _part(config)
    except ConfigError as error:
        return ("wrong", f"{error.code} {error.field}: {error}") if described else ("not covered", str(error))
    if architecture.basis != "exact":
        return ("wrong", "an estimate") if described else ("not covered", "an estimate")
    difference = compare(architecture)
    return ("wrong", difference) if difference else ("exact", "")


def _part(config: dict[str, Any]) -> Architecture:
    """A tower or a codec as others hold it: it has no vocabulary, so that nobody asks for it alone."""
    root = part_of(Config(resolve_fields(config)))
    return Architecture(config["model_type"], config["architectures"][0], "exact", root, config)


@cache
def _without_text() -> frozenset[str]:
    return frozenset(load_table("defaults")["without_text"])


def _digest(tensors: Iterable[Tensor]) -> str:
    """As tools/oracle/grouping.py makes it."""
    lines = sorted(f"{tensor.name} {','.join(map(str, tensor.shape))}" for tensor in tensors)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def _differences(wanted: list[Any], tensors: Iterable[Tensor]) -> str:
    found = Counter((_starred(tensor.name), tensor.shape) for tensor in tensors)
    want = {(name, tuple(shape)): count for name, shape, count in wanted}
    lines = [f"missing {key} x{count}" for key, count in sorted(want.items()) if found[key] != count]
    lines += [f"extra {key} x{count}" for key, count in sorted(found.items()) if want.get(key) != count]
    return "\n".join(lines)


def _starred(name: str) -> str:
    return ".".join("*" if word.isdigit() else word for word in name.split("."))
