"""From a model, a workload and an accelerator to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.fitting.limits import largest_batch, longest_context, most_gpu_layers
from budsim_widgets.fitting.options import Search, offloading
from budsim_widgets.fitting.placement import place
from budsim_widgets.fitting.report import FitReport
from budsim_widgets.memory.weights import weights_of

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Engine, Workload
    from budsim_widgets.fitting.placement import Placement
    from budsim_widgets.hardware import Accelerator

_PLACEHOLDER = "MODEL"


def fit(
    architecture: Architecture, workload: Workload, accelerator: Accelerator, *, model_id: str | None = None
) -> FitReport:
    """What of a model fits on devices of one kind.

    Args:
        architecture: The model.
        workload: How it runs, the number of devices included.
        accelerator: The device.
        model_id: The Hub id to show.

    Raises:
        WorkloadError: The model can't be spread over that many devices.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.engines import Workload
        >>> from budsim_widgets.hardware import find
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8, "max_position_embeddings": 131072})
        >>> report = fit(llama, Workload(seq_length=8192), find("RTX 4090"))
        >>> report.verdict, report.limited_by
        ('fits', 'memory')
    """
    today = place(architecture, workload, accelerator)
    context = longest_context(architecture, workload, accelerator)
    max_batch_size = largest_batch(architecture, workload, accelerator)
    search = Search(architecture, workload, accelerator, today, context.seq_length, max_batch_size)
    options = search.options()
    engine = _startable(architecture, workload, today).with_settings(**offloading(options))
    tokens, concurrency = _served(architecture, workload, today)
    return FitReport(
        model_id=model_id,
        accelerator=accelerator,
        num_devices=len(today.memory.per_device),
        workload=workload,
        verdict=today.verdict,
        memory=today.memory,
        capacity_bytes=today.capacity_bytes,
        free_bytes=today.free_bytes,
        max_seq_length=context.seq_length,
        limited_by=context.limited_by,
        max_batch_size=max_batch_size,
        cache_tokens=tokens,
        max_concurrency=float(max_batch_size) if concurrency is None else concurrency,
        gpu_layers=most_gpu_layers(architecture, workload, accelerator),
        options=options,
        launch_command=engine.launch_command(_served_as(model_id), workload),
    )


def _served_as(model_id: str | None) -> str:
    """What an engine is told to serve: a folder of a model has no name of its own that engines take."""
    return _PLACEHOLDER if model_id is None or "://" in model_id else model_id


def _startable(architecture: Architecture, workload: Workload, today: Placement) -> Engine:
    dtype = weights_of(architecture, workload.precision, workload.engine).precision.dtype
    return workload.engine.startable(architecture, workload, dtype, today.room_bytes())


def _served(architecture: Architecture, workload: Workload, today: Placement) -> tuple[int, float | None]:
    dtype = weights_of(architecture, workload.precision, workload.engine).precision.dtype
    return workload.engine.served(architecture, workload, dtype, today.room_bytes())
