"""From an architecture and a workload to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.memory.activations import activation_bytes
from budsim_widgets.memory.kv_cache import cache_of
from budsim_widgets.memory.overhead import overhead_bytes
from budsim_widgets.memory.report import Line, MemoryReport
from budsim_widgets.memory.weights import weights_of

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.memory.workload import Workload


def measure(
    architecture: Architecture, workload: Workload, *, model_id: str | None = None, config_source: str = "dict"
) -> MemoryReport:
    """What a model takes with a workload.

    Args:
        architecture: The model.
        workload: How it runs.
        model_id: The Hub id to show.
        config_source: Where the config comes from, to show.

    Raises:
        WorkloadError: The model can't be spread over that many devices.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.memory.workload import Workload
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> report = measure(llama, Workload(seq_length=8192))
        >>> report.weight_bytes, report.kv_cache_bytes
        (16060522496, 1073741824)
    """
    weights = weights_of(architecture, workload.precision)
    dtype = weights.precision.dtype
    cache = cache_of(architecture, workload, dtype)
    activations = activation_bytes(architecture, workload, dtype)
    overhead = overhead_bytes(workload)
    is_exact = architecture.basis == "exact"
    lines = (
        Line("Weights", weights.num_bytes, weights.basis if is_exact else "estimate", weights.precision.label),
        Line("KV cache", cache.size.kv_cache_bytes, cache.basis if is_exact else "estimate", cache.dtype),
        Line("Recurrent state", cache.size.state_bytes, architecture.basis, f"{dtype} and fp32"),
        Line("Activations", activations, "estimate", "peak of the prefill"),
        Line("Overhead", overhead, "estimate", "CUDA context, allocator"),
    )
    return MemoryReport(
        model_id=model_id,
        model_type=architecture.kind,
        attention_type=architecture.attention_type,
        basis="exact" if is_exact and weights.basis == cache.basis == "exact" else "estimate",
        notes=(*architecture.notes, *weights.notes, *cache.notes),
        num_parameters=architecture.num_parameters,
        num_active_parameters=architecture.num_active_parameters,
        weight_bytes=weights.num_bytes,
        kv_cache_bytes=cache.size.kv_cache_bytes,
        state_bytes=cache.size.state_bytes,
        activation_bytes=activations,
        overhead_bytes=overhead,
        workload=workload,
        config_source=config_source,
        lines=lines,
        architecture=architecture,
    )
