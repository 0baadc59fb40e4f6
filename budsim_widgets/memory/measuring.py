"""From an architecture and a workload to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.memory.measured import measured
from budsim_widgets.memory.report import MemoryReport

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Workload


def measure(  # noqa: PLR0913 - what stands in a report beside its numbers, each by name
    architecture: Architecture,
    workload: Workload,
    *,
    model_id: str | None = None,
    config_source: str = "dict",
    notices: tuple[str, ...] = (),
    answer: type[MemoryReport] = MemoryReport,
) -> MemoryReport:
    """What a model takes with a workload.

    Args:
        architecture: The model.
        workload: How it runs.
        model_id: The Hub id to show.
        config_source: Where the config comes from, to show.
        notices: What was noticed before; they stand before the notes.
        answer: The class of the report.

    Raises:
        WorkloadError: The model can't be spread over that many devices.
        ConfigError: The config holds what a format or an engine can't calculate with.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.engines import Workload
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> report = measure(llama, Workload(seq_length=8192))
        >>> report.weight_bytes, report.kv_cache_bytes
        (16060522496, 1073741824)
    """
    return answer(
        model_id=model_id,
        workload=workload,
        config_source=config_source,
        notices=notices,
        measured=measured(architecture, workload, model_id),
        architecture=architecture,
    )
