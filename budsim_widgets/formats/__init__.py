"""Number formats of weights, each laid out as its files lay it out.

A folder of small modules, one a family of formats. Each holds the formats as frozen values (`matrix_bytes` is the
layout, with a worked number) and a `read` that makes one from a `quantization_config`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.formats.base import QuantizedFormat

_READERS: Final[dict[str, tuple[str, str]]] = {
    "auto-round": ("grouped", "read_gptq"),
    "awq": ("grouped", "read_awq"),
    "bitsandbytes": ("bitsandbytes", "read"),
    "compressed-tensors": ("compressed", "read"),
    "fbgemm_fp8": ("fp8", "read_fbgemm"),
    "fp8": ("fp8", "read"),
    "gptq": ("grouped", "read_gptq"),
    "mxfp4": ("microscaling", "read_mxfp4"),
}
"""`quant_method` → the module and its function that reads such a config; loaded when the first one comes."""

_UNKNOWN: Final = ("assumed", "read")

_DEFAULTS: Final[dict[str, tuple[str, str]]] = {
    "fp8": ("fp8", "BlockFP8"),
    "int8": ("bitsandbytes", "Int8"),
    "int4": ("bitsandbytes", "NF4"),
}


def read_format(quantization_config: Mapping[str, Any]) -> QuantizedFormat:
    """The format that a `quantization_config` describes; an estimate for one that isn't known.

    Example:
        >>> read_format({"quant_method": "awq", "bits": 4, "group_size": 128}).label
        'int4 (AWQ, groups of 128)'
    """
    method = quantization_config.get("quant_method")
    if method is None and ("load_in_4bit" in quantization_config or "load_in_8bit" in quantization_config):
        method = "bitsandbytes"  # files of its first versions name no method
    known = _READERS.get(method, _UNKNOWN) if isinstance(method, str) else _UNKNOWN
    form: QuantizedFormat = _load(*known)(quantization_config)
    return form


def default_format(precision: str) -> QuantizedFormat:
    """What fp8, int8 and int4 mean where no file says so: what transformers makes while it loads a model.

    fp8 is `FineGrainedFP8Config()` (blocks of 128 x 128), int8 and int4 are bitsandbytes' LLM.int8() and NF4.
    """
    form: QuantizedFormat = _load(*_DEFAULTS[precision])()
    return form


def _load(module: str, name: str) -> Any:
    return getattr(import_module(f"{__name__}.{module}"), name)
