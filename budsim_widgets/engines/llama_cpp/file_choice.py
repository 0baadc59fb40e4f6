"""Which GGUF file a precision means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import WorkloadError
from budsim_widgets.formats.gguf.file_types import DTYPES
from budsim_widgets.formats.gguf.own_file import OWN_FILE
from budsim_widgets.formats.gguf.rows import gguf_architecture
from budsim_widgets.formats.precision import WeightPrecision, own_precision
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture

_PLAIN_DTYPES: Final = {file_type: dtype for dtype, file_type in DTYPES.items()}
_NO_MODEL_STEP: Final = "Choose another engine: transformers, vllm."


def file_for(architecture: Architecture, precision: str) -> WeightPrecision:
    """A GGUF file of this type; `auto` is the one that isn't quantized further than the config says.

    Raises:
        WorkloadError: llama.cpp isn't known to run the model; `.field` is `engine`.
    """
    if architecture.gguf_file is not None and precision == "auto":
        return WeightPrecision("bf16", None, gguf_type=OWN_FILE)
    if gguf_architecture(architecture) is None:
        raise WorkloadError(
            f"llama.cpp isn't known to run models of the type {quoted(architecture.model_type, 80)}.",
            field="engine",
            next_step=_NO_MODEL_STEP,
        )
    declared = own_precision(architecture)
    if precision != "auto":
        file_type = DTYPES.get(precision, precision)
        return WeightPrecision(_PLAIN_DTYPES.get(file_type, "bf16"), None, gguf_type=file_type)
    quantized = declared.quantized
    if quantized is not None and "mxfp4" in quantized.precisions:
        return WeightPrecision(declared.dtype, None, declared.dtype_notes, gguf_type="MXFP4_MOE")
    notes = declared.dtype_notes
    if quantized is not None:
        notes = (*notes, f"Converting to GGUF makes {declared.dtype} of {quantized.label}.")
    return WeightPrecision(declared.dtype, None, notes, gguf_type=DTYPES[declared.dtype])
