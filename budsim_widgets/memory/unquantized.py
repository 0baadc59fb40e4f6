"""Tensors as they are: in the format of the computation, or in fp32 where transformers keeps them so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.data import load_table
from budsim_widgets.formats.stored import StoredTensors
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from budsim_widgets.architectures import Architecture, TensorGroup

_FP32_BYTES: Final = 4


@dataclass(frozen=True)
class Unquantized:
    """How the tensors of a model are stored that nothing quantizes.

    Attributes:
        dtype_bytes: Bytes of an element in the format of the computation.
        kept_in_fp32: What the names of those hold that stay in fp32; None: nothing does.
    """

    dtype_bytes: int
    kept_in_fp32: re.Pattern[str] | None

    @classmethod
    def of(cls, architecture: Architecture, dtype: str) -> Unquantized:
        """Those of a model that computes in this format."""
        return cls(DTYPE_BITS[dtype] // 8, _any_of(_kept_names(names_kept_in_fp32(architecture), dtype)))

    def stored(self, groups: Iterable[TensorGroup]) -> Iterator[StoredTensors]:
        """The tensors of each group."""
        kept, dtype_bytes = self.kept_in_fp32, self.dtype_bytes
        for name, shape, role, number, _ in groups:
            is_kept = kept is not None and kept.search(name)
            num_bytes = number * prod(shape) * (_FP32_BYTES if is_kept else dtype_bytes)
            yield StoredTensors(name, role, number, num_bytes, num_bytes)


def names_kept_in_fp32(architecture: Architecture) -> Mapping[str, list[str]]:
    """The modules of a class that transformers keeps in fp32: `always`, or only where it computes in `fp16`."""
    rows: Mapping[str, Mapping[str, list[str]]] = load_table("weights")["keep_fp32"]
    return rows.get(f"{architecture.model_type}|{architecture.architecture}", {})


def _kept_names(kept: Mapping[str, list[str]], dtype: str) -> tuple[str, ...]:
    if dtype == "fp32":
        return ()
    return (*kept.get("always", ()), *(kept.get("fp16", ()) if dtype == "fp16" else ()))


@cache
def _any_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(names)) if names else None  # names of our own table
