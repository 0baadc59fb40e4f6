"""Vision and audio, which llama.cpp loads from a file of their own (mmproj) onto the first device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.engines.answers import Estimate, Projector
from budsim_widgets.errors import WorkloadError
from budsim_widgets.formats.gguf.layout import projector_bytes
from budsim_widgets.formats.gguf.rows import gguf_architecture

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.llama_cpp.compute import Buffer

_COMPUTE: Final = 0.28
"""The compute buffer of vision and audio, as a share of their weights: 248 of 888 MiB in the one log that has it."""
_NOTE: Final = (
    "What vision and audio take while they compute is an estimate from a single public log, and depends on the size of "
    "the pictures."
)


def projector_of(architecture: Architecture, file_type: str) -> Projector:
    """What the file of vision and audio takes.

    Args:
        architecture: The model.
        file_type: The type of the file, of `MMPROJ_TYPES`.

    Raises:
        WorkloadError: The model has neither, or the file at hand doesn't say.
    """
    num_bytes = projector_bytes(architecture, file_type) if architecture.gguf_file is None else 0
    if not num_bytes:
        raise _no_projector(architecture)
    row = gguf_architecture(architecture) or {}
    return Projector(num_bytes, file_type, row.get("mmproj_basis", "estimate"))


def with_projector(buffer: Buffer, architecture: Architecture, file_type: str) -> Estimate:
    """A compute buffer, and what vision and audio compute with beside it; errors as of `projector_of`."""
    num_bytes = projector_of(architecture, file_type).num_bytes
    return Estimate(
        buffer.num_bytes + int(_COMPUTE * num_bytes), buffer.least_bytes, buffer.most_bytes + num_bytes, (_NOTE,)
    )


def _no_projector(architecture: Architecture) -> WorkloadError:
    """A mmproj file is asked for of a model that has neither vision nor audio, or whose own file doesn't hold them."""
    if architecture.gguf_file is not None:
        message = "The GGUF file is the language model's; the file of vision and audio isn't at hand."
    else:
        message = "This model has neither vision nor audio that llama.cpp loads from a mmproj file."
    return WorkloadError(message, field="mmproj", next_step="Choose mmproj=None.")
