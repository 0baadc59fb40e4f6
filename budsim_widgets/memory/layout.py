"""Which tensors of a model are quantized, and how the others are stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.parts import names_of_groups
from budsim_widgets.data import load_table
from budsim_widgets.formats.skip_modules import MAX_NAMES, SkipModules
from budsim_widgets.formats.stored import StoredTensors
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from budsim_widgets.architectures import Architecture, TensorGroup
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.precision import WeightPrecision

_FP32_BYTES: Final = 4
_MATRIX: Final = 2


class Split(NamedTuple):
    """The tensors of a model, with how many of each group are quantized.

    Attributes:
        groups: (tensors, number of them that are quantized).
        is_complete: Whether the whole list of modules that stay as they are could be looked at.
    """

    groups: tuple[tuple[TensorGroup, int], ...]
    is_complete: bool


@dataclass(frozen=True)
class Layout:
    """How each tensor is stored: quantized, in fp32, or in the format of the computation."""

    quantized: QuantizedFormat | None
    dtype_bytes: int
    skip_modules: SkipModules
    kept_in_fp32: re.Pattern[str] | None
    is_stored_in_out: bool

    @classmethod
    def of(cls, architecture: Architecture, formats: WeightPrecision) -> Layout:
        """The layout of a model in these formats."""
        table = load_table("weights")
        kept = table["keep_fp32"].get(f"{architecture.model_type}|{architecture.architecture}", {})
        return cls(
            quantized=formats.quantized,
            dtype_bytes=DTYPE_BITS[formats.dtype] // 8,
            skip_modules=_skip_modules(architecture, formats, kept.get("fp16", ())),
            kept_in_fp32=_any_of(_kept_names(kept, formats.dtype)),
            is_stored_in_out=architecture.model_type in table["stored_in_out"],
        )

    def split(self, architecture: Architecture) -> Split:
        """The tensors of a model, with how many of each group are quantized.

        Layers of one kind are looked at together, unless the list names single ones.
        """
        groups = architecture.tensor_groups
        if not any(map(self._can_be_quantized, groups)):
            return Split(tuple((group, 0) for group in groups), is_complete=True)
        names = self._names(architecture, groups)
        skipped, is_complete = self.skip_modules.matched(names)
        counted = tuple(
            (group, group.num_tensors * sum(name not in skipped for name in some) // len(some) if some else 0)
            for group, some in zip(groups, names, strict=True)
        )
        looked_at_all = not self.skip_modules.names_single_layers or _number(groups) <= MAX_NAMES
        return Split(counted, is_complete and looked_at_all and not self.skip_modules.unreadable)

    def stored(self, groups: Iterable[tuple[TensorGroup, int]]) -> Iterator[StoredTensors]:
        """The tensors of each group as they are stored: those that are quantized, and the others."""
        sizes: dict[tuple[int, int], tuple[int, int]] = {}
        for group, num_quantized in groups:
            if num_quantized and self.quantized is not None:
                matrices, *size = self.matrices(group.shape)
                rows, columns = size
                if (rows, columns) not in sizes:
                    sizes[rows, columns] = self.quantized.matrix_bytes(rows, columns)
                memory_bytes, file_bytes = sizes[rows, columns]
                count = num_quantized * matrices
                yield StoredTensors(group.name, group.role, num_quantized, count * memory_bytes, count * file_bytes)
            others = group.num_tensors - num_quantized
            if others:
                is_kept = self.kept_in_fp32 is not None and self.kept_in_fp32.search(group.name)
                num_bytes = others * prod(group.shape) * (_FP32_BYTES if is_kept else self.dtype_bytes)
                yield StoredTensors(group.name, group.role, others, num_bytes, num_bytes)

    def matrices(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """(number of matrices, rows, columns) of a tensor: one, or one for each expert."""
        *experts, rows, columns = shape
        return (prod(experts), columns, rows) if self.is_stored_in_out else (prod(experts), rows, columns)

    def _names(self, architecture: Architecture, groups: Iterable[TensorGroup]) -> list[tuple[str, ...]]:
        """The modules of each group that could be quantized: of all layers, or of one that stands for them."""
        if self.skip_modules.names_single_layers and _number(groups) <= MAX_NAMES:
            full_names = names_of_groups(architecture.root)
        else:
            full_names = [(group.name.replace("*", "0"),) for group in groups]
        return [
            tuple(name.rpartition(".")[0] for name in names) if self._can_be_quantized(group) else ()
            for group, names in zip(groups, full_names, strict=True)
        ]

    def _can_be_quantized(self, group: TensorGroup) -> bool:
        if self.quantized is None or group.role not in self.quantized.roles or len(group.shape) < _MATRIX:
            return False
        # Experts are parameters of their module; of the others, only what a linear layer holds is converted.
        return group.role == "experts" or group.name.endswith(".weight") or group.name == "weight"


def _number(groups: Iterable[TensorGroup]) -> int:
    return sum(group.num_tensors for group in groups)


def not_converted(architecture: Architecture, formats: WeightPrecision) -> tuple[str, ...]:
    """Layers of classes that transformers doesn't convert while it loads."""
    if not formats.is_made_on_load or formats.quantized is None:
        return ()
    table = load_table("weights")["not_converted"].get(formats.quantized.key, {})
    return tuple(table.get(architecture.model_type, ()))


def _skip_modules(architecture: Architecture, formats: WeightPrecision, kept: Iterable[str]) -> SkipModules:
    quantized, table = formats.quantized, load_table("weights")
    if quantized is None:
        return SkipModules.of(())
    # Without a list, transformers leaves out the head, and with it a tied embedding.
    named = quantized.skip_modules if quantized.skip_modules is not None else _heads(architecture)
    return SkipModules.of((*named, *kept, *table["not_converted_anywhere"], *not_converted(architecture, formats)))


def _heads(architecture: Architecture) -> tuple[str, ...]:
    return tuple(group.name.removesuffix(".weight") for group in architecture.tensor_groups if group.role == "head")


def _kept_names(kept: dict[str, list[str]], dtype: str) -> tuple[str, ...]:
    if dtype == "fp32":
        return ()
    return (*kept.get("always", ()), *(kept.get("fp16", ()) if dtype == "fp16" else ()))


@cache
def _any_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(names)) if names else None  # names of our own table
