"""Which number formats a config declares for its weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.formats.declared import declared_format, declared_method
from budsim_widgets.printable import quoted
from budsim_widgets.units import short_dtype

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.formats.base import Basis, QuantizedFormat

COMPUTE_DTYPES: Final = ("fp32", "bf16", "fp16")
"""Formats that a model computes in."""

_ASSUMED_DTYPE: Final = "bf16"


@dataclass(frozen=True)
class WeightPrecision:
    """How weights are stored.

    Attributes:
        dtype: Format of everything that isn't quantized, and of the computation.
        quantized: Format of what is quantized, or None.
        dtype_notes: What was assumed about them.
        is_made_on_load: Whether the engine quantizes while it loads a file that isn't quantized so.
        basis: Whether the model is known to be stored so.
        method: The library that quantized it, as `formats.READERS` names it; empty where none did.
        gguf_type: The type of a GGUF file that holds the weights, one of `FILE_TYPES`, or `OWN_FILE`; None: they are in
            no such file.
    """

    dtype: str
    quantized: QuantizedFormat | None
    dtype_notes: tuple[str, ...] = ()
    is_made_on_load: bool = False
    basis: Basis = "exact"
    gguf_type: str | None = None
    method: str = ""

    @property
    def label(self) -> str:
        """What people call it."""
        if self.gguf_type:
            return f"{self.gguf_type} (GGUF)" if self.gguf_type != "file" else "as the GGUF file has them"
        return f"{self.quantized.label}, rest {self.dtype}" if self.quantized else self.dtype

    def unpacked(self, note: str) -> WeightPrecision:
        """The same for an engine that makes 16-bit weights of what is quantized, with what a person should know."""
        if self.quantized is None:
            return self
        assigned = tuple(own._replace(form=_unpacked(own.form)) for own in self.quantized.assigned)
        form = replace(self.quantized, is_unpacked=True, assigned=assigned)
        return replace(self, quantized=form, dtype_notes=(*self.dtype_notes, note))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the formats."""
        return self.dtype_notes + (self.quantized.remarks if self.quantized else ())


def _unpacked(form: QuantizedFormat | None) -> QuantizedFormat | None:
    return form and replace(form, is_unpacked=True)


def declared_precision(config: Mapping[str, Any]) -> WeightPrecision:
    """The `dtype` (or `torch_dtype`) and the `quantization_config` of a config; bf16, with a note, where it has none.

    Example:
        >>> declared_precision({"torch_dtype": "float16", "quantization_config": {"quant_method": "fp8"}}).label
        'fp8 (a scale per tensor), rest fp16'
    """
    dtype, notes = _dtype(config)
    form = declared_format(config)
    return WeightPrecision(dtype, form, notes, method=declared_method(config)) if form else _unquantized(dtype, notes)


@lru_cache(maxsize=64)
def _unquantized(dtype: str, notes: tuple[str, ...]) -> WeightPrecision:
    return WeightPrecision(dtype, None, notes)


@kept_with_architecture
def own_precision(architecture: Architecture) -> WeightPrecision:
    """What the config of a model declares; long lists of modules are read once."""
    return declared_precision(architecture.config)


def _dtype(config: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    for fields in (config, _text(config)):
        given = fields.get("dtype") or fields.get("torch_dtype")
        short = short_dtype(given)
        if short in COMPUTE_DTYPES:
            return str(short), ()
    if isinstance(given, str) and given != "auto":
        return _ASSUMED_DTYPE, (f"The config's dtype {quoted(given, 40)} is no format to compute in; bf16 is assumed.",)
    return _ASSUMED_DTYPE, ("The config names no dtype; bf16 is assumed.",)


def _text(config: Mapping[str, Any]) -> Mapping[str, Any]:
    text = config.get("text_config")
    return text if isinstance(text, dict) else {}
