"""From an architecture and a workload to a report."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.memory.device_memory import DeviceMemory
from budsim_widgets.memory.report import MemoryReport
from budsim_widgets.memory.weights import weights_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import CacheBytes, Engine, Estimate, Workload
    from budsim_widgets.engines.answers import Spread
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.memory.weights import Weights


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
    with config_errors(model_id, config=architecture.config):
        engine = workload.engine
        weights = weights_of(architecture, workload.precision, engine)
        compute_dtype = weights.precision.dtype
        cache = engine.cache(architecture, workload, compute_dtype)
        activations = engine.activations(architecture, workload, compute_dtype)
        overhead = engine.overhead(workload)
        placed = engine.spread(architecture, workload, weights.stored, cache)
        return answer(
            model_id=model_id,
            model_type=architecture.kind,
            attention_type=architecture.attention_type,
            notes=notices
            + _notes(
                architecture,
                workload,
                (weights.notes, cache.notes, activations.notes, overhead.notes, placed.notes),
            ),
            num_parameters=architecture.num_parameters,
            num_active_parameters=architecture.num_active_parameters,
            per_device=_devices(placed, activations, overhead),
            host_bytes=placed.host_bytes,
            projector_bytes=placed.projector.num_bytes if placed.projector else 0,
            total_bytes_range=_range(placed, activations, overhead),
            basis_in_memory=_basis_in_memory(architecture, weights, cache, placed),
            workload=workload,
            config_source=config_source,
            details=_details(engine, weights, cache, placed),
            architecture=architecture,
        )


def _devices(placed: Spread, activations: Estimate, overhead: Estimate) -> tuple[DeviceMemory, ...]:
    beside = activations.num_bytes, overhead.num_bytes
    return tuple([DeviceMemory(index, *share, *beside) for index, share in enumerate(placed.devices)])


def _range(placed: Spread, activations: Estimate, overhead: Estimate) -> tuple[int, int]:
    """The total with the low and the high end of its estimates."""
    known, count = sum(map(sum, placed.devices)), len(placed.devices)
    least = known + count * (activations.least_bytes + overhead.least_bytes)
    return least, known + count * (activations.most_bytes + overhead.most_bytes)


def _basis_in_memory(
    architecture: Architecture, weights: Weights, cache: CacheBytes, placed: Spread
) -> dict[str, Basis]:
    """Who claims what: the description the parameters, the format the weights, the engine the cache."""
    parameters = architecture.basis
    is_placed = parameters == placed.basis == "exact"
    cached: Basis = "exact" if is_placed and cache.basis == "exact" else "estimate"
    return {
        "parameters": parameters,
        "weights": "exact" if is_placed and weights.basis == "exact" else "estimate",
        "kv_cache": cached,
        "state": cached,
        "activations": "estimate",
        "overhead": "estimate",
        **({"projector": placed.projector.basis if parameters == "exact" else "estimate"} if placed.projector else {}),
    }


def _details(engine: Engine, weights: Weights, cache: CacheBytes, placed: Spread) -> dict[str, str]:
    return {
        **({"projector": placed.projector.file_type} if placed.projector else {}),
        "weights": weights.precision.label,
        "kv_cache": cache.dtype,
        "state": f"{weights.precision.dtype} and fp32",
        "activations": engine.activations_detail,
        "overhead": engine.overhead_detail,
    }


def _notes(architecture: Architecture, workload: Workload, others: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    found = (*architecture.notes, *chain.from_iterable(others))
    limit = architecture.max_seq_length
    if limit is not None and workload.seq_length > limit:
        found += (f"The model was made for {limit:,} tokens; {workload.seq_length:,} are asked for.",)
    return tuple(dict.fromkeys(found)) if len(found) > 1 else found
