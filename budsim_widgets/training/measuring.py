"""From an architecture and settings to a training report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.data import load_table
from budsim_widgets.training.moments import step_of
from budsim_widgets.training.optimizers import PAGED
from budsim_widgets.training.report import TrainingReport
from budsim_widgets.training.report_parts import TrainingMoment
from budsim_widgets.training.tools import TOOLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.uncertainty import Uncertainty
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.training.moments import Moment, Step
    from budsim_widgets.training.settings import TrainingSettings

_KERNELS_NOTE: Final = (
    "Recurrent layers are counted as transformers computes them without their kernels (mamba-ssm, "
    "flash-linear-attention, causal-conv1d), which keep less."
)
_EXPERTS_NOTE: Final = (
    "PEFT adds the adapters of fused experts to their weights, whole and for each layer that is kept; lora_targets of "
    "the attention's projections alone take much less."
)
_TEXT_NOTE: Final = "Activations are those of text; images, audio and video add to them."
_GENERATION_NOTE: Final = (
    "The answers are made by the model that is trained, with transformers' own cache; vLLM beside it takes more."
)
_PAGED_NOTE: Final = (
    "A paged optimizer's states move to the computer's memory when the device is full: they aren't part of the total."
)


class Overhead(NamedTuple):
    """What a process takes beside tensors, in bytes, with its range."""

    num_bytes: int
    least_bytes: int
    most_bytes: int


def measure_training(
    architecture: Architecture,
    settings: TrainingSettings,
    *,
    model_id: str | None = None,
    config_source: str = "dict",
) -> TrainingReport:
    """What fine-tuning a model takes.

    Args:
        architecture: The model.
        settings: How it is trained.
        model_id: The Hub id to show.
        config_source: Where the config comes from, to show.

    Raises:
        WorkloadError: The settings don't suit the model; `.field` names the parameter.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.training.settings import TrainingSettings
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> report = measure_training(llama, TrainingSettings(seq_length=8192))
        >>> report.num_trainable_parameters, report.peak.name
        (41943040, 'loss')
    """
    step = step_of(architecture, settings)
    overhead = _overhead(step, settings)
    moments = tuple(TrainingMoment(*moment, overhead_bytes=overhead.num_bytes) for moment in step.moments)
    states = step.states
    return TrainingReport(
        model_id=model_id,
        num_parameters=architecture.num_parameters,
        num_trainable_parameters=states.num_trainable_parameters,
        weight_bytes=states.weight_bytes,
        gradient_bytes=states.gradient_bytes,
        optimizer_bytes=states.optimizer_bytes,
        activation_bytes=step.after_forward.activation_bytes,
        loss_bytes=max(moment.loss_bytes for moment in step.moments),
        overhead_bytes=overhead.num_bytes,
        host_bytes=states.host_bytes,
        total_bytes_range=_range(step.peak, overhead, architecture.uncertainty),
        basis_of=_basis_of(architecture, step),
        moments=moments,
        num_devices=settings.num_devices,
        workload=settings,
        config_source=config_source,
        notes=_notes(architecture, settings, step),
    )


def total_bytes(step: Step, settings: TrainingSettings) -> int:
    """What a device holds at the peak, with what the process takes."""
    return step.peak.total_bytes + _overhead(step, settings).num_bytes


def _overhead(step: Step, settings: TrainingSettings) -> Overhead:
    """The CUDA context, what devices need to talk, and what the allocator holds beside tensors.

    A matrix of a quantized base is made whole in 16 bits whenever it is used; the allocator keeps its block.
    """
    peak = step.peak
    table, shares = load_table("overheads"), load_table("training")["estimates"]["allocator"]
    rows = [table["engines"]["transformers"]]
    if settings.num_devices > 1:
        rows.append(table["parallel"])
    buckets = TOOLS[settings.tool].bucket_elements * 2 if settings.num_devices > 1 else 0
    buckets += step.states.dequantized_bytes
    fixed = [sum(row[name] for row in rows) for name in ("overhead_bytes", "least_bytes", "most_bytes")]
    changing = peak.gradient_bytes + peak.activation_bytes + peak.loss_bytes
    usual, least, most = (int(changing * shares[name]) for name in ("share", "least", "most"))
    return Overhead(fixed[0] + usual + buckets, fixed[1] + least, fixed[2] + most + 2 * buckets)


def _range(peak: Moment, overhead: Overhead, uncertainty: Uncertainty) -> tuple[int, int]:
    """The total with the low and the high end of what isn't exact; states grow with the parameters."""
    shares = load_table("training")["estimates"]
    changing = peak.activation_bytes + peak.loss_bytes
    states = peak.total_bytes - changing
    least, most = uncertainty.around(states)
    low = least + int(changing * shares["dynamic"]["least"]) + overhead.least_bytes
    high = most + int(states * shares["states_most"]) + int(changing * shares["dynamic"]["most"])
    return low, high + overhead.most_bytes


def _basis_of(architecture: Architecture, step: Step) -> Mapping[str, Basis]:
    states = step.states.basis
    return {
        "parameters": architecture.basis,
        "trainable_parameters": states,
        "weights": states,
        "gradients": states,
        "optimizer": states,
        "activations": "estimate",
        "loss": "estimate",
        "overhead": "estimate",
    }


def _notes(architecture: Architecture, settings: TrainingSettings, step: Step) -> tuple[str, ...]:
    found = [*architecture.notes, *step.states.notes]
    if any(cache.state_elements(1) or cache.fp32_elements for cache, _ in architecture.layer_caches):
        found.append(_KERNELS_NOTE)
    if any(layer.kept.fixed_bytes for layer in step.activations.layers):
        found.append(_EXPERTS_NOTE)
    if architecture.is_multimodal:
        found.append(_TEXT_NOTE)
    if settings.trainer == "grpo":
        found.append(_GENERATION_NOTE)
    if settings.optimizer in PAGED:
        found.append(_PAGED_NOTE)
    limit = architecture.max_seq_length
    if limit is not None and settings.seq_length > limit:
        found.append(f"The model was made for {limit:,} tokens; {settings.seq_length:,} are asked for.")
    return tuple(dict.fromkeys(found))
