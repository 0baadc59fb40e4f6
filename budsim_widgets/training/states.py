"""What stands between steps: weights, gradients, the optimizer's states, divided over devices where they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from budsim_widgets.data import load_table
from budsim_widgets.formats.stored_tensor import FP32_BYTES, ceil_div
from budsim_widgets.training.adapters import adapters_of
from budsim_widgets.training.checks import check_settings
from budsim_widgets.training.optimizers import PAGED, TrainedTensor, optimizer_bytes
from budsim_widgets.training.tools import TOOLS
from budsim_widgets.training.weights import compute_bytes, dequantized_bytes, stored_weights, trained_tensors

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.stored import StoredTensors
    from budsim_widgets.training.settings import TrainingSettings

_EXPERTS_NOTE: Final = (
    "bitsandbytes leaves fused experts as they are: of a mixture of experts, only the other layers are in 4 bits."
)


@dataclass(frozen=True, kw_only=True)
class States:
    """What one device holds between steps, in bytes.

    Attributes:
        weight_bytes: The model and the adapters.
        gradient_bytes: Gradients, in all their formats; those that stand at once.
        optimizer_bytes: States of the optimizer and its copy of the weights.
        host_bytes: What stays in the computer's own memory, or can go there: a paged optimizer's states.
        num_trainable_parameters: Trained parameters of the whole model.
        trained: The trained tensors.
        stored: The frozen or trained weights of the model as they are stored, undivided.
        compute_bytes: Bytes of a number that the model computes with.
        dequantized_bytes: The largest quantized matrix in the format of the computation; 0 where nothing is quantized.
        gathered_bytes: Weights of a layer that are gathered from the other devices while it runs.
        basis: Whether the weights are known to be held so.
        notes: What a person should know.
    """

    weight_bytes: int
    gradient_bytes: int
    optimizer_bytes: int
    host_bytes: int
    num_trainable_parameters: int
    trained: tuple[TrainedTensor, ...]
    stored: tuple[StoredTensors, ...]
    compute_bytes: int
    dequantized_bytes: int
    gathered_bytes: int
    basis: Basis
    notes: tuple[str, ...] = ()

    @property
    def resident_optimizer_bytes(self) -> int:
        """States of the optimizer that can't leave the device."""
        return 0 if self.host_bytes else self.optimizer_bytes

    @property
    def total_bytes(self) -> int:
        """All of it on one device."""
        return self.weight_bytes + self.gradient_bytes + self.optimizer_bytes


def states_of(architecture: Architecture, settings: TrainingSettings) -> States:
    """What a device holds between two steps.

    Raises:
        WorkloadError: The settings don't suit the model; `.field` names the parameter.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.training.settings import TrainingSettings
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> states = states_of(llama, TrainingSettings(method="full"))
        >>> states.weight_bytes, states.gradient_bytes
        (16060522496, 16060522496)
    """
    check_settings(architecture, settings)
    adapters = adapters_of(architecture, settings)
    stored = stored_weights(architecture, settings)
    trained = trained_tensors(architecture, settings, adapters)
    frozen_bytes = sum(tensors.num_bytes for tensors in stored)
    trained_bytes = sum(tensor.num_bytes for tensor in trained)
    tool = TOOLS[settings.tool]
    weights = frozen_bytes + (trained_bytes if settings.has_adapters else 0)
    if settings.trainer == "dpo" and not settings.has_adapters:
        weights += frozen_bytes  # the reference model; adapters are switched off instead
    numel = sum(tensor.numel * tensor.num_tensors for tensor in trained)
    has_master = tool.master_bytes and settings.precision in {"bf16", "fp16"}
    second = tool.accumulated_gradient_bytes * numel if has_master else 0
    if second and settings.sharding in {"zero2", "zero3"}:
        # Each gradient is reduced into the fp32 ones as it is made: only a bucket of them stands in 16 bits.
        trained_bytes = min(trained_bytes, tool.bucket_elements * compute_bytes(settings))
    optimizer = _optimizer(settings, trained, has_master=bool(has_master))
    if _steps_in_backward(settings):
        trained_bytes = max((tensor.numel * tensor.dtype_bytes for tensor in trained), default=0)
    return _divided(
        settings,
        States(
            weight_bytes=weights,
            gradient_bytes=trained_bytes + second,
            optimizer_bytes=optimizer,
            host_bytes=0,
            num_trainable_parameters=numel,
            trained=trained,
            stored=stored,
            compute_bytes=compute_bytes(settings),
            dequantized_bytes=dequantized_bytes(architecture, settings),
            gathered_bytes=0,
            basis=adapters.basis if settings.has_adapters else architecture.basis,
            notes=_notes(architecture, settings),
        ),
        _block_bytes(stored, architecture),
    )


def _steps_in_backward(settings: TrainingSettings) -> bool:
    """Whether each gradient goes as soon as it is made, since the optimizer steps inside the backward pass."""
    tool = TOOLS[settings.tool]
    return (
        tool.steps_in_backward
        and not settings.has_adapters
        and settings.num_devices == 1
        and ("8bit" in settings.optimizer and settings.gradient_accumulation == 1)
    )


def _optimizer(settings: TrainingSettings, trained: tuple[TrainedTensor, ...], *, has_master: bool) -> int:
    if not has_master:
        return optimizer_bytes(settings.optimizer, trained)
    in_fp32 = [tensor._replace(dtype_bytes=FP32_BYTES) for tensor in trained]
    masters = sum(tensor.num_bytes for tensor in in_fp32)
    return masters + optimizer_bytes(settings.optimizer, in_fp32)


def _block_bytes(stored: tuple[StoredTensors, ...], architecture: Architecture) -> int:
    """Weights of one layer, or of embedding or head where those are larger."""
    counts = {group.name: group.num_tensors for group in architecture.tensor_groups}
    layers = max((count for name, count in counts.items() if "*" in name), default=1)
    in_layers = sum(tensors.num_bytes for tensors in stored if "*" in tensors.name) // layers
    outside = max((tensors.num_bytes for tensors in stored if "*" not in tensors.name), default=0)
    return max(in_layers, outside)


def _divided(settings: TrainingSettings, whole: States, block_bytes: int) -> States:
    """What one device holds of it: ZeRO and FSDP divide optimizer, gradients and weights, in this order."""
    devices, sharding = settings.num_devices, settings.sharding
    weights, gradients, optimizer, gathered = whole.weight_bytes, whole.gradient_bytes, whole.optimizer_bytes, 0
    if sharding is not None:
        optimizer = ceil_div(optimizer, devices)
    if sharding in {"zero2", "zero3", "fsdp"}:
        gradients = ceil_div(gradients, devices)
    if sharding in {"zero3", "fsdp"} and devices > 1:
        weights = ceil_div(weights, devices)
        # This layer and, fetched ahead, the next one.
        gathered = 2 * block_bytes
    leaves = settings.offload_optimizer or settings.optimizer in PAGED
    return replace(
        whole,
        weight_bytes=weights,
        gradient_bytes=gradients,
        optimizer_bytes=0 if settings.offload_optimizer else optimizer,
        host_bytes=optimizer if leaves else 0,
        gathered_bytes=gathered,
    )


def _notes(architecture: Architecture, settings: TrainingSettings) -> tuple[str, ...]:
    has_experts = any(group.role == "experts" for group in architecture.tensor_groups)
    table = load_table("weights")["subclass"]
    unchanged = settings.method == "qlora" and table.get(architecture.model_type)
    notes = (_EXPERTS_NOTE,) if settings.method == "qlora" and has_experts else ()
    return (*notes, "Some linear layers of this model stay in 16 bits.") if unchanged else notes
