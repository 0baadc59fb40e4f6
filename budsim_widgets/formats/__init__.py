"""Number formats of weights, each laid out as its files lay it out.

A module a family of formats. Each holds the formats as frozen values (`tensors` is the layout, with a worked number)
and a `read` that makes one from a `quantization_config`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.formats import bitsandbytes, compressed_tensors, fp8, generic, integers, microscaling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.formats.base import QuantizedFormat

READERS: Final[dict[str, Callable[[Mapping[str, Any]], QuantizedFormat]]] = {
    "auto-round": integers.read_gptq,
    "awq": integers.read_awq,
    "bitsandbytes": bitsandbytes.read,
    "compressed-tensors": compressed_tensors.read,
    "fbgemm_fp8": fp8.read_fbgemm,
    "fp8": fp8.read,
    "gptq": integers.read_gptq,
    "mxfp4": microscaling.read_mxfp4,
}
"""`quant_method` → what reads such a config."""

_HEAD: Final = ("lm_head",)

FILE_FORMATS: Final[dict[str, tuple[QuantizedFormat, str]]] = {
    "gptq-int4": (
        integers.GroupQuantized(key="gptq", has_index=True, skip_modules=_HEAD),
        "as GPTQModel quantizes unless told otherwise: 4 bits, groups of 128, without the head",
    ),
    "awq-int4": (
        integers.GroupQuantized(key="awq", skip_modules=_HEAD),
        "as AutoAWQ quantizes unless told otherwise: 4 bits, groups of 128 with zero points, without the head",
    ),
    "nvfp4": (microscaling.NVFP4(skip_modules=_HEAD), "as LLM Compressor quantizes linear layers, without the head"),
    "mxfp4": (microscaling.MXFP4(), "as OpenAI's gpt-oss has it: experts alone"),
}
"""What files of a name hold that a person gives, and in what words."""


def read_format(quantization_config: Mapping[str, Any]) -> QuantizedFormat:
    """The format that a `quantization_config` describes; an estimate for one that isn't known.

    Example:
        >>> read_format({"quant_method": "awq", "bits": 4, "group_size": 128}).label
        'int4 (AWQ, groups of 128)'
    """
    method = quantization_config.get("quant_method")
    if method is None and ("load_in_4bit" in quantization_config or "load_in_8bit" in quantization_config):
        method = "bitsandbytes"  # files of its first versions name no method
    reader = READERS.get(method, generic.read) if isinstance(method, str) else generic.read
    return reader(quantization_config)


def file_format(precision: str) -> tuple[QuantizedFormat, str]:
    """The format of a file that a person names without showing its config, and a note that says what is assumed.

    Example:
        >>> file_format("awq-int4")[0].label
        'int4 (AWQ, groups of 128)'
    """
    form, settings = FILE_FORMATS[precision]
    return form, f"Weights are those of a file quantized {settings}. Files differ: the config of yours gives its own."
