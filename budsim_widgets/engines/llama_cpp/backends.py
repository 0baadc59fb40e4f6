"""What a process of llama.cpp takes of a device beside its buffers: the driver's context, by what computes there."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from budsim_widgets.data import load_table
from budsim_widgets.engines.answers import Estimate

if TYPE_CHECKING:
    from budsim_widgets.hardware import Accelerator

CUDA: Final = "cuda"

_BACKENDS: Final = {"AMD": "rocm", "Apple": "metal", "Intel": "vulkan"}
"""Maker of a device -> what llama.cpp computes with there, unless it was built otherwise."""

_NAMES: Final = {"rocm": "ROCm", "metal": "Metal", "vulkan": "Vulkan"}


def backend_of(accelerator: Accelerator | None) -> str:
    """What llama.cpp computes with on an accelerator; CUDA where none is named.

    Example:
        >>> from budsim_widgets.hardware import find
        >>> backend_of(find("M3 Max 64GB")), backend_of(find("RX 7900 XTX")), backend_of(None)
        ('metal', 'rocm', 'cuda')
    """
    return CUDA if accelerator is None else _BACKENDS.get(accelerator.vendor, CUDA)


@cache
def backend_overhead(backend: str) -> Estimate:
    """What a process takes before it holds a tensor, as a row of `data/overheads.json` says."""
    table = load_table("overheads")
    row = table["engines"]["llama.cpp"] if backend == CUDA else table["llama_cpp_backends"][backend]
    notes = () if backend == CUDA else (_note(_NAMES[backend]),)
    return Estimate(row["overhead_bytes"], row["least_bytes"], row["most_bytes"], notes)


def _note(name: str) -> str:
    return (
        f"What a process takes beside llama.cpp's buffers with {name} is known from few public logs, which count other "
        "programs too."
    )
