"""What engines print about their memory: one module for each program, and one function that reads any of them."""

from __future__ import annotations

from typing import Final

from budsim_widgets.engines.logs.forms import Figure
from budsim_widgets.engines.logs.llama_cpp import LLAMA_CPP_LOG
from budsim_widgets.engines.logs.memory_errors import CUDA_OUT_OF_MEMORY, NVIDIA_SMI
from budsim_widgets.engines.logs.ollama import OLLAMA_LOG
from budsim_widgets.engines.logs.reading import MAX_CHARACTERS, LogFormat, LogReading, checked_text
from budsim_widgets.engines.logs.sglang import SGLANG_LOG
from budsim_widgets.engines.logs.vllm import VLLM_LOG

LOG_FORMATS: Final[tuple[LogFormat, ...]] = (
    *(VLLM_LOG, SGLANG_LOG, LLAMA_CPP_LOG, OLLAMA_LOG),
    *(CUDA_OUT_OF_MEMORY, NVIDIA_SMI),
)
"""What is read, an engine's own log before what others print into it."""


def read_log(text: str | bytes) -> LogReading | None:
    """What a log says, of the program that printed most of its figures; None where none of them did.

    Raises:
        WorkloadError: It is no text, or longer than 5,000,000 characters.

    Example:
        >>> reading = read_log("INFO gpu_worker.py: Available KV cache memory: 53.90 GiB")
        >>> reading.label, reading.figures["kv_cache"].value / 2**30
        ('vLLM', 53.9)
    """
    checked = checked_text(text)
    readings = [reading for one in LOG_FORMATS if (reading := one.read(checked)).figures]
    return max(readings, key=lambda reading: (reading.engine is not None, len(reading.figures)), default=None)


__all__ = ["LOG_FORMATS", "MAX_CHARACTERS", "Figure", "LogFormat", "LogReading", "read_log"]
