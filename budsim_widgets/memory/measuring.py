"""From an architecture and a workload to a report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from budsim_widgets.engines.activations import activation_bytes, activation_notes
from budsim_widgets.engines.overhead import overhead_bytes
from budsim_widgets.memory.kv_cache import cache_bytes_per_rank, cache_of
from budsim_widgets.memory.parallel import NOTE as PARALLEL_NOTE
from budsim_widgets.memory.parallel import check_parallel, num_layers, stage_shares, weight_bytes_per_stage
from budsim_widgets.memory.report import DeviceMemory, Line, MemoryReport
from budsim_widgets.memory.weights import weights_of

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.workload import Workload
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.memory.kv_cache import Cache
    from budsim_widgets.memory.weights import Weights


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
        >>> from budsim_widgets.engines.workload import Workload
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
    whole = DeviceMemory(0, weights.num_bytes, cache.kv_cache_bytes, cache.state_bytes, activations, overhead)
    devices = () if workload.num_devices == 1 else _spread(architecture, workload, weights, cache, whole)
    total = _sum(devices) if devices else whole
    lines, basis = _lines(architecture, total, weights, cache, is_parallel=bool(devices))
    return MemoryReport(
        model_id=model_id,
        model_type=architecture.kind,
        attention_type=architecture.attention_type,
        basis=basis,
        notes=_notes(architecture, workload, weights, cache),
        num_parameters=architecture.num_parameters,
        num_active_parameters=architecture.num_active_parameters,
        weight_bytes=total.weight_bytes,
        kv_cache_bytes=total.kv_cache_bytes,
        state_bytes=total.state_bytes,
        activation_bytes=total.activation_bytes,
        overhead_bytes=total.overhead_bytes,
        per_device=devices,
        workload=workload,
        config_source=config_source,
        lines=lines,
        architecture=architecture,
    )


def _spread(
    architecture: Architecture, workload: Workload, weights: Weights, cache: Cache, whole: DeviceMemory
) -> tuple[DeviceMemory, ...]:
    """What each device holds; the devices of a stage hold the same."""
    check_parallel(architecture, workload)
    ranks = workload.tensor_parallel
    shares = stage_shares(num_layers(architecture), workload.pipeline_parallel)
    stages = weight_bytes_per_stage(architecture, weights, workload)
    kv_bytes, state_bytes = cache_bytes_per_rank(architecture, workload, cache)
    return tuple(
        replace(
            whole,
            index=stage * ranks + rank,
            weight_bytes=stages[stage],
            kv_cache_bytes=int(kv_bytes * share),
            state_bytes=int(state_bytes * share),
        )
        for stage, share in enumerate(shares)
        for rank in range(ranks)
    )


def _sum(devices: tuple[DeviceMemory, ...]) -> DeviceMemory:
    return DeviceMemory(
        0,
        sum(device.weight_bytes for device in devices),
        sum(device.kv_cache_bytes for device in devices),
        sum(device.state_bytes for device in devices),
        sum(device.activation_bytes for device in devices),
        sum(device.overhead_bytes for device in devices),
    )


def _lines(
    architecture: Architecture, total: DeviceMemory, weights: Weights, cache: Cache, *, is_parallel: bool
) -> tuple[tuple[Line, ...], Basis]:
    """The lines, and what the exact ones are together."""
    can_be_exact = architecture.basis == "exact" and not is_parallel
    weight_basis: Basis = weights.basis if can_be_exact else "estimate"
    cache_basis: Basis = cache.basis if can_be_exact else "estimate"
    dtype = weights.precision.dtype
    lines = (
        Line("Weights", total.weight_bytes, weight_basis, weights.precision.label),
        Line("KV cache", total.kv_cache_bytes, cache_basis, cache.dtype),
        Line("Recurrent state", total.state_bytes, cache_basis, f"{dtype} and fp32"),
        Line("Activations", total.activation_bytes, "estimate", "peak while the prompt is read"),
        Line("Overhead", total.overhead_bytes, "estimate", "CUDA context, libraries, allocator"),
    )
    shown = tuple(line for line in lines if line.num_bytes or line.name != "Recurrent state")
    return shown, "exact" if weight_basis == cache_basis == "exact" else "estimate"


def _notes(architecture: Architecture, workload: Workload, weights: Weights, cache: Cache) -> tuple[str, ...]:
    notes = (*architecture.notes, *weights.notes, *cache.notes, *activation_notes(architecture, workload))
    if workload.num_devices > 1:
        notes = (*notes, PARALLEL_NOTE)
    limit = architecture.max_seq_length
    if limit is not None and workload.seq_length > limit:
        notes = (*notes, f"The model was made for {limit:,} tokens; {workload.seq_length:,} are asked for.")
    return notes
