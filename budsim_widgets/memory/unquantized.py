"""Tensors as they are: in the format of the computation, or in fp32 where transformers keeps them so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, partial
from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.parts import groups, num_parameters
from budsim_widgets.architectures.registry import classes_of
from budsim_widgets.data import load_table
from budsim_widgets.formats.stored import StoredTensors, StoredWeights
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from budsim_widgets.architectures import Architecture, TensorGroup
    from budsim_widgets.architectures.parts import Part

_FP32_BYTES: Final = 4


@dataclass(frozen=True)
class Unquantized:
    """How the tensors of a model are stored that nothing quantizes.

    Attributes:
        dtype_bytes: Bytes of an element in the format of the computation.
        kept_in_fp32: What the names of those hold that files have in fp32; None: nothing does.
        held_in_fp32: The same of those that memory has in fp32: these, and routers and the like.
    """

    dtype_bytes: int
    kept_in_fp32: re.Pattern[str] | None
    held_in_fp32: re.Pattern[str] | None

    @classmethod
    def of(cls, architecture: Architecture, dtype: str, *, is_loaded_by_transformers: bool = True) -> Unquantized:
        """Those of a model that computes in this format.

        Args:
            architecture: The model.
            dtype: The format.
            is_loaded_by_transformers: Whether memory holds in fp32 what transformers turns into it.
        """
        return _of_class(architecture.model_type, architecture.architecture, dtype, is_loaded_by_transformers)

    def stored(self, groups: Iterable[TensorGroup]) -> Iterator[StoredTensors]:
        """The tensors of each group."""
        kept, held, dtype_bytes = self.kept_in_fp32, self.held_in_fp32, self.dtype_bytes
        for name, shape, role, number, _ in groups:
            count = number * prod(shape)
            num_bytes = count * (_FP32_BYTES if held is not None and held.search(name) else dtype_bytes)
            file_bytes = count * (_FP32_BYTES if kept is not None and kept.search(name) else dtype_bytes)
            yield StoredTensors(name, role, number, num_bytes, file_bytes)

    def file_bytes_of(self, part: Part) -> int:
        """Bytes in files of all tensors below a part."""
        if self.kept_in_fp32 is None:
            return num_parameters(part) * self.dtype_bytes
        return sum([tensors.file_bytes for tensors in self.stored(groups(part))])

    def weights_of(self, architecture: Architecture) -> StoredWeights:
        """All tensors of a model; their sums need no list of them."""
        all_groups, in_dtype = architecture.tensor_groups, architecture.num_parameters * self.dtype_bytes
        wider = _FP32_BYTES - self.dtype_bytes
        held = _named(all_groups, self.held_in_fp32)
        kept = _named(held, self.kept_in_fp32)  # memory has in fp32 what files have so
        return StoredWeights(
            num_bytes=in_dtype + wider * sum([group.num_parameters for group in held]),
            file_bytes=in_dtype + wider * sum([group.num_parameters for group in kept]),
            list_tensors=partial(self.stored, all_groups),
        )


def _named(groups: Sequence[TensorGroup], names: re.Pattern[str] | None) -> Sequence[TensorGroup]:
    """The tensors whose names hold one of these."""
    return [group for group in groups if names.search(group.name)] if names is not None else ()


def names_kept_in_fp32(architecture: Architecture) -> Mapping[str, list[str]]:
    """The modules of a class that transformers keeps in fp32: `always`, or only where it computes in `fp16`.

    What it has in fp32 only once it is loaded is `loaded`. A class with another head keeps what those of its type do.
    """
    return _names_of_class(architecture.model_type, architecture.architecture)


def _names_of_class(model_type: str, architecture: str) -> Mapping[str, list[str]]:
    rows: Mapping[str, Mapping[str, list[str]]] = load_table("weights")["keep_fp32"]
    own = rows.get(f"{model_type}|{architecture}")
    if own is not None or architecture in classes_of(model_type):
        return own or {}
    return next((kept for name, kept in rows.items() if name.startswith(f"{model_type}|")), {})


@lru_cache(maxsize=1024)
def _of_class(model_type: str, architecture: str, dtype: str, is_loaded_by_transformers: bool) -> Unquantized:  # noqa: FBT001 - of this module alone
    names = _names_of_class(model_type, architecture)
    kept = _kept_names(names, dtype)
    loaded = tuple(names.get("loaded", ())) if is_loaded_by_transformers and dtype != "fp32" else ()
    return Unquantized(DTYPE_BITS[dtype] // 8, _any_of(kept), _any_of((*kept, *loaded)))


def _kept_names(kept: Mapping[str, list[str]], dtype: str) -> tuple[str, ...]:
    if dtype == "fp32":
        return ()
    return (*kept.get("always", ()), *(kept.get("fp16", ()) if dtype == "fp16" else ()))


def _any_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(names)) if names else None  # names of our own table
