"""Which number formats a workload means, for a given config."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.formats import default_format, read_format
from budsim_widgets.units import short_dtype

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.formats.base import QuantizedFormat

COMPUTE_DTYPES: Final = frozenset({"fp32", "bf16", "fp16"})
"""Formats that a model computes in."""

_ASSUMED_DTYPE: Final = "bf16"


@dataclass(frozen=True)
class WeightPrecision:
    """How weights are stored.

    Attributes:
        dtype: Format of everything that isn't quantized, and of the computation.
        quantized: Format of what is quantized, or None.
        notes: What was assumed.
        is_made_on_load: Whether the engine quantizes while it loads a file that isn't quantized so.
    """

    dtype: str
    quantized: QuantizedFormat | None
    notes: tuple[str, ...] = ()
    is_made_on_load: bool = False

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.quantized.label}, rest {self.dtype}" if self.quantized else self.dtype


@lru_cache(maxsize=256)
def weight_precision(architecture: Architecture, precision: str) -> WeightPrecision:
    """The formats that `precision` means for this model.

    `auto` is the config's `dtype` (or `torch_dtype`) and its `quantization_config`; bf16, with a note, where it names
    no dtype. fp32, bf16 and fp16 mean all tensors in that format; fp8, int8 and int4 the file's own quantization where
    it is of that kind, and otherwise what transformers makes while it loads the model.
    """
    if precision in COMPUTE_DTYPES:
        return WeightPrecision(precision, None)
    dtype, notes = _config_dtype(architecture.config)
    own = _own_format(architecture.config)
    if precision == "auto":
        return WeightPrecision(dtype, own, notes + (own.notes if own else ()))
    if own is not None and own.label.startswith(precision):
        return WeightPrecision(dtype, own, notes + own.notes)
    return WeightPrecision(dtype, default_format(precision), notes, is_made_on_load=True)


def _own_format(config: Mapping[str, Any]) -> QuantizedFormat | None:
    for fields in (config, _text(config)):
        for name in ("quantization_config", "compression_config"):
            if isinstance(fields.get(name), dict) and fields[name]:
                return read_format(fields[name])
    return None


def _config_dtype(config: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    for fields in (config, _text(config)):
        given = fields.get("dtype") or fields.get("torch_dtype")
        short = short_dtype(given)
        if short in COMPUTE_DTYPES:
            return str(short), ()
    if isinstance(given, str) and given != "auto":
        return _ASSUMED_DTYPE, (f"The config's dtype {given[:40]!r} is no format to compute in; bf16 is assumed.",)
    return _ASSUMED_DTYPE, ("The config names no dtype; bf16 is assumed.",)


def _text(config: Mapping[str, Any]) -> Mapping[str, Any]:
    text = config.get("text_config")
    return text if isinstance(text, dict) else {}
