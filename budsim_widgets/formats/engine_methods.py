"""Quantizations that engines know by a name and whose files nobody measured: estimates that name them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from budsim_widgets.formats import generic
from budsim_widgets.formats.fp8 import BlockFP8, ScaledFP8
from budsim_widgets.formats.integers import IntScaled
from budsim_widgets.formats.microscaling import NVFP4, Microscaled
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.fields import Fields

_FP4: Final = NVFP4(has_input_scale=False)
_MX4: Final = Microscaled(bits=4)
_BY_ROW: Final = ScaledFP8(per="row")

_FORMS: Final[dict[str, QuantizedFormat]] = {
    **dict.fromkeys(("nvfp4", "nvfp4_online"), _FP4),
    **dict.fromkeys(("mxfp_w4a8", "quark_mxfp4"), _MX4),
    **dict.fromkeys(("fp8_per_channel", "ptpc_fp8", "w8a8_fp8"), _BY_ROW),
    **dict.fromkeys(("fp8_per_block", "deepgemm_fp8"), BlockFP8()),
    **dict.fromkeys(("auto-round-int8", "int8_per_channel_weight_only", "tpu_int8", "w8a8_int8"), IntScaled()),
    "experts_int8": IntScaled(excluded_roles=frozenset({"linear", "head"})),
    "fp8_per_tensor": ScaledFP8(),
}
"""`quant_method` → what its name says.

Sources: the names in public copies of vLLM's source, and the classes of SGLang 0.5.23 and transformers 5.24.
"""

NAMES: Final = tuple(_FORMS)

_LISTS: Final = ("modules_to_not_convert", "ignore", "ignored_layers", "exclude_modules")
_GGUF: Final = "The weights are in a GGUF file, whose types this config doesn't say"


def read(fields: Fields) -> QuantizedFormat:
    """The format that the name of a method says, as an estimate.

    Example:
        >>> from budsim_widgets.formats.fields import Fields
        >>> form = read(Fields({"quant_method": "ptpc_fp8"}))
        >>> form.label, form.is_exact
        ('fp8 (a scale per row)', False)
    """
    return _taken_for(_FORMS[fields.method], fields)


def read_four_over_six(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: fouroversix`: NVFP4 whose scales are chosen otherwise, or MXFP4.

    Raises:
        ConfigError: `dtype` is neither. Source: `FourOverSixConfig` of transformers 5.24.
    """
    name = "weight_dtype" if "weight_dtype" in fields else "dtype"
    return _taken_for(_MX4 if fields.choice(name, "nvfp4", ("nvfp4", "mxfp4")) == "mxfp4" else _FP4, fields)


def read_gguf(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: gguf`: the file itself says it."""
    return replace(generic.read(fields), reason=_GGUF)


def _taken_for(form: QuantizedFormat, fields: Fields) -> QuantizedFormat:
    doubt = (
        f"The quantization {quoted(fields.method)} is known by its name alone: weights are taken for {form.label}. "
        "An estimate."
    )
    return replace(form, skip_modules=fields.names(*_LISTS), doubts=(doubt,))
