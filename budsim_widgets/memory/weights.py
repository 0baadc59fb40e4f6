"""Bytes of a model's weights, tensor by tensor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from math import prod
from typing import TYPE_CHECKING

from budsim_widgets.data import load_table
from budsim_widgets.formats.exceptions import Exceptions
from budsim_widgets.formats.precision import declared_precision
from budsim_widgets.formats.stored import StoredTensors
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from budsim_widgets.architectures import Architecture, TensorGroup
    from budsim_widgets.engines import Engine
    from budsim_widgets.formats.base import Basis, QuantizedFormat
    from budsim_widgets.formats.precision import WeightPrecision

_FP32_BYTES = 4

_NOT_CONVERTED = (
    "transformers doesn't convert this model's linear layers while it loads: they stay as they are. Choose a file that "
    "is quantized already."
)


@dataclass(frozen=True)
class Weights:
    """What a model's weights take in some precision.

    Attributes:
        precision: The formats.
        stored: The tensors.
        notes: What a person should know about the number.
        basis: Whether the layout is known.
    """

    precision: WeightPrecision
    stored: tuple[StoredTensors, ...]
    notes: tuple[str, ...]
    basis: Basis

    @cached_property
    def num_bytes(self) -> int:
        """Bytes of all tensors in memory."""
        return sum(tensors.num_bytes for tensors in self.stored)

    @cached_property
    def file_bytes(self) -> int:
        """Bytes of all tensors in files; those of the model itself where the engine quantizes while it loads."""
        return sum(tensors.file_bytes for tensors in self.stored)


@lru_cache(maxsize=256)
def weights_of(architecture: Architecture, precision: str, engine: Engine) -> Weights:
    """The weights of a model in a precision of `Workload`, as an engine holds them.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.engines import Transformers
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> weights_of(llama, "bf16", Transformers()).num_bytes
        16060522496
    """
    formats = engine.weight_precision(architecture, precision)
    layout = _Layout.of(architecture, formats)
    groups = tuple(_looked_at(architecture, layout.exceptions))
    experts = layout.experts_notes(groups) if formats.is_made_on_load else ()
    claims = (formats.basis, formats.quantized.basis if formats.quantized else "exact")
    is_exact = not experts and all(claim == "exact" for claim in claims)
    not_converted = (_NOT_CONVERTED,) if _not_converted(architecture, formats) else ()
    return Weights(
        precision=formats,
        stored=tuple(layout.stored(group) for group in groups),
        notes=(*formats.notes, *experts, *not_converted),
        basis="exact" if is_exact else "estimate",
    )


def matrices_of_files(
    architecture: Architecture,
) -> Iterator[tuple[TensorGroup, QuantizedFormat | None, int, tuple[int, int]]]:
    """Each tensor of a model's own files: its format or None, and how many matrices of what size it holds."""
    layout = _Layout.of(architecture, declared_precision(architecture.config))
    for group in _looked_at(architecture, layout.exceptions):
        if layout.is_quantized(group):
            matrices, rows, columns = layout.matrices(group.shape)
            yield group, layout.quantized, group.count * matrices, (rows, columns)
        else:
            yield group, None, 0, (0, 0)


@dataclass(frozen=True)
class _Layout:
    """How one tensor is stored: quantized, in fp32, or in the format of the computation."""

    quantized: QuantizedFormat | None
    dtype_bytes: int
    exceptions: Exceptions
    kept_in_fp32: re.Pattern[str] | None
    is_stored_in_out: bool

    @classmethod
    def of(cls, architecture: Architecture, formats: WeightPrecision) -> _Layout:
        table = load_table("weights")
        kept = table["keep_fp32"].get(f"{architecture.model_type}|{architecture.architecture}", {})
        return cls(
            quantized=formats.quantized,
            dtype_bytes=DTYPE_BITS[formats.dtype] // 8,
            exceptions=_exceptions(architecture, formats, kept.get("fp16", ())),
            kept_in_fp32=_any_of(_kept_names(kept, formats.dtype)),
            is_stored_in_out=architecture.model_type in table["stored_in_out"],
        )

    def stored(self, group: TensorGroup) -> StoredTensors:
        """The tensors of a group as they are stored."""
        if self.quantized is not None and self.is_quantized(group):
            matrices, rows, columns = self.matrices(group.shape)
            count = group.count * matrices
            memory_bytes = count * self.quantized.memory_bytes(rows, columns)
            return StoredTensors(
                group.name, group.role, group.count, memory_bytes, count * self.quantized.file_bytes(rows, columns)
            )
        is_kept = self.kept_in_fp32 is not None and self.kept_in_fp32.search(group.name)
        num_bytes = group.count * prod(group.shape) * (_FP32_BYTES if is_kept else self.dtype_bytes)
        return StoredTensors(group.name, group.role, group.count, num_bytes, num_bytes)

    def is_quantized(self, group: TensorGroup) -> bool:
        if self.quantized is None or group.role not in self.quantized.roles or len(group.shape) < 2:  # noqa: PLR2004 - a matrix
            return False
        module, _, parameter = group.name.rpartition(".")
        # Experts are parameters of their module; of the others, only what a linear layer holds is converted.
        if parameter != "weight" and group.role != "experts":
            return False
        return not self.exceptions.match(module)

    def matrices(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """(number of matrices, rows, columns) of a tensor: one, or one for each expert."""
        *experts, rows, columns = shape
        return (prod(experts), columns, rows) if self.is_stored_in_out else (prod(experts), rows, columns)

    def experts_notes(self, groups: Iterable[TensorGroup]) -> tuple[str, ...]:
        if self.quantized is None or not self.quantized.experts_note:
            return ()
        has_experts = any(group.role == "experts" and self.is_quantized(group) for group in groups)
        return (self.quantized.experts_note,) if has_experts else ()


def _looked_at(architecture: Architecture, exceptions: Exceptions) -> Iterable[TensorGroup]:
    """The tensors: layers together, or one by one where a list of exceptions names single layers."""
    if not exceptions.has_indexes:
        return architecture.tensor_groups
    from budsim_widgets.architectures import TensorGroup  # noqa: PLC0415 - needed for such lists only

    return (TensorGroup(tensor.name, tensor.shape, tensor.role, 1) for tensor in architecture.tensors())


def _exceptions(architecture: Architecture, formats: WeightPrecision, kept: Iterable[str]) -> Exceptions:
    quantized, table = formats.quantized, load_table("weights")
    if quantized is None:
        return Exceptions(())
    # Without a list, transformers leaves out the head, and with it a tied embedding.
    named = quantized.skip_modules if quantized.skip_modules is not None else _heads(architecture)
    names = (*named, *kept, *table["not_converted_anywhere"])
    return Exceptions((*names, *_not_converted(architecture, formats)))


def _not_converted(architecture: Architecture, formats: WeightPrecision) -> tuple[str, ...]:
    """Layers of classes that transformers doesn't convert while it loads."""
    if not formats.is_made_on_load or formats.quantized is None:
        return ()
    table = load_table("weights")["not_converted"].get(formats.quantized.key, {})
    return tuple(table.get(architecture.model_type, ()))


def _heads(architecture: Architecture) -> tuple[str, ...]:
    return tuple(group.name.removesuffix(".weight") for group in architecture.tensor_groups if group.role == "head")


def _kept_names(kept: dict[str, list[str]], dtype: str) -> tuple[str, ...]:
    if dtype == "fp32":
        return ()
    return (*kept.get("always", ()), *(kept.get("fp16", ()) if dtype == "fp16" else ()))


@cache
def _any_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(names)) if names else None
