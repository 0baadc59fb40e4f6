"""Formats of files that a person names without showing their config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.formats.integers import GroupQuantized
from budsim_widgets.formats.microscaling import MXFP4, NVFP4

if TYPE_CHECKING:
    from budsim_widgets.formats.base import QuantizedFormat

_HEAD: Final = ("lm_head",)

FILE_FORMATS: Final[dict[str, tuple[QuantizedFormat, str]]] = {
    "gptq-int4": (
        GroupQuantized(key="gptq", has_index=True, skip_modules=_HEAD),
        "as GPTQModel quantizes unless told otherwise: 4 bits, groups of 128, without the head",
    ),
    "awq-int4": (
        GroupQuantized(key="awq", skip_modules=_HEAD),
        "as AutoAWQ quantizes unless told otherwise: 4 bits, groups of 128 with zero points, without the head",
    ),
    "nvfp4": (NVFP4(skip_modules=_HEAD), "as LLM Compressor quantizes linear layers, without the head"),
    "mxfp4": (MXFP4(), "as OpenAI's gpt-oss has it: experts alone"),
}
"""What files of a name hold that a person gives, and in what words."""


def file_format(precision: str) -> tuple[QuantizedFormat, str]:
    """The format of a file that a person names without showing its config, and a note that says what is assumed.

    Example:
        >>> file_format("awq-int4")[0].label
        'int4 (AWQ, groups of 128)'
    """
    form, settings = FILE_FORMATS[precision]
    return form, f"Weights are those of a file quantized {settings}. Files differ: the config of yours gives its own."
