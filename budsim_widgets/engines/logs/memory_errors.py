"""What PyTorch says when CUDA has no more memory, and what nvidia-smi shows.

Source of the forms: `c10/cuda/CUDACachingAllocator.cpp` of PyTorch 1.13 to 2.13, and nvidia-smi's table.
"""

from __future__ import annotations

import re
from typing import Final

from budsim_widgets.engines.logs.forms import SIZE, LogForm
from budsim_widgets.engines.logs.reading import LogFormat

CUDA_OUT_OF_MEMORY: Final = LogFormat(
    None,
    "CUDA out of memory",
    (
        LogForm("tried_to_allocate", "Tried to allocate", re.compile(rf"allocate {SIZE}"), combine="last"),
        LogForm("total", "total capacity of", re.compile(rf"capacity of {SIZE}"), combine="last"),
        LogForm("total", "total capacity;", re.compile(rf"{SIZE} total capacity;"), combine="last"),
        LogForm("free", "is free", re.compile(rf"of which {SIZE} is free"), combine="last"),
        LogForm("free", "free;", re.compile(rf"{SIZE} free;"), combine="last"),
        LogForm("allocated", "is allocated by PyTorch", re.compile(rf"{SIZE} is allocated by"), combine="last"),
        LogForm("allocated", "already allocated", re.compile(rf"{SIZE} already allocated"), combine="last"),
        LogForm("reserved", "is reserved by PyTorch", re.compile(rf"{SIZE} is reserved by"), combine="last"),
        LogForm("used", "memory in use", re.compile(rf"{SIZE} memory in use"), combine="last"),
    ),
)

NVIDIA_SMI: Final = LogFormat(
    None,
    "nvidia-smi",
    (
        LogForm("used", "MiB /", re.compile(rf"{SIZE} /\s{{1,6}}\d{{1,7}}MiB")),
        LogForm("total", "MiB /", re.compile(rf"MiB /\s{{1,6}}{SIZE}")),
    ),
)
