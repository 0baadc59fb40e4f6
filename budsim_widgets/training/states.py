"""What stands between steps: weights, gradients, the optimizer's states, divided over devices where they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.data import load_table
from budsim_widgets.errors import WorkloadError
from budsim_widgets.formats.base import FP32_BYTES, ceil_div
from budsim_widgets.formats.bitsandbytes import NF4
from budsim_widgets.formats.precision import WeightPrecision, own_precision
from budsim_widgets.memory.layout import Layout
from budsim_widgets.printable import quoted
from budsim_widgets.training.adapters import Adapters, adapters_of
from budsim_widgets.training.optimizers import PAGED, TrainedTensor, optimizer_bytes
from budsim_widgets.training.tools import TOOLS
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture, TensorGroup
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.stored import StoredTensors
    from budsim_widgets.training.settings import TrainingSettings

_BF16_BYTES: Final = 2
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
    _check(architecture, settings)
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
            dequantized_bytes=_dequantized(architecture, settings),
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


def compute_bytes(settings: TrainingSettings) -> int:
    """Bytes of a number that the model computes with."""
    return FP32_BYTES if settings.precision == "fp32" else _BF16_BYTES


def weight_dtype(settings: TrainingSettings) -> str:
    """The format of weights that aren't quantized."""
    return "fp32" if settings.precision.endswith("-mixed") else settings.precision


def stored_weights(architecture: Architecture, settings: TrainingSettings) -> tuple[StoredTensors, ...]:
    """The weights of the model itself as they stand in memory, on one device.

    A quantized file is trained with adapters as it is. QLoRA makes NF4 of linear layers, and its preparation may turn
    everything else into fp32 (`Tool.upcasts_rest`).
    """
    layout = _layout(architecture, settings)
    if settings.method == "qlora" and TOOLS[settings.tool].upcasts_rest:
        layout = replace(layout, unquantized=replace(layout.unquantized, dtype_bytes=FP32_BYTES))
    return tuple(layout.stored(layout.split(architecture).groups))


def _layout(architecture: Architecture, settings: TrainingSettings) -> Layout:
    dtype = weight_dtype(settings)
    if settings.method == "qlora":
        form = NF4(is_double=settings.double_quantization, excluded_roles=frozenset({"experts"}))
        return Layout.of(architecture, WeightPrecision(dtype, form, is_made_on_load=True))
    declared = own_precision(architecture).quantized
    return Layout.of(architecture, WeightPrecision(dtype, declared if settings.has_adapters else None))


def _dequantized(architecture: Architecture, settings: TrainingSettings) -> int:
    matrices = (prod(group.shape[-2:]) for group, _ in _layout(architecture, settings).split(architecture).formats)
    return max(matrices, default=0) * compute_bytes(settings)


def trained_tensors(
    architecture: Architecture, settings: TrainingSettings, adapters: Adapters
) -> tuple[TrainedTensor, ...]:
    """The tensors that get a gradient."""
    dtype_bytes = DTYPE_BITS[weight_dtype(settings)] // 8
    if not settings.has_adapters:
        return tuple(
            TrainedTensor(group.shape, group.num_tensors, dtype_bytes, group.role)
            for group in architecture.tensor_groups
            if not _is_frozen(group, settings.frozen)
        )
    width = adapter_bytes(settings)
    found = []
    for adapter in adapters.adapters:
        *experts, rows, columns = adapter.module.matrix
        rank = adapter.rank
        for experts_ in experts:
            rank *= experts_
        found += [
            TrainedTensor((rank, columns), adapter.module.count, width, "linear"),
            TrainedTensor((rows, rank), adapter.module.count, width, "linear"),
        ]
    copied_bytes = FP32_BYTES if settings.method == "qlora" and TOOLS[settings.tool].upcasts_rest else dtype_bytes
    found += [TrainedTensor((size,), 1, copied_bytes, "embedding") for _, size in adapters.trained_modules]
    return tuple(found)


def adapter_bytes(settings: TrainingSettings) -> int:
    """Bytes of one number of an adapter."""
    chosen = settings.adapter_precision
    if chosen == "auto":
        chosen = "fp32" if weight_dtype(settings) == "fp32" else TOOLS[settings.tool].adapter_dtype
    return DTYPE_BITS[chosen] // 8


def _is_frozen(group: TensorGroup, frozen: tuple[str, ...]) -> bool:
    return any(f".{name}." in f".{group.name}." for name in frozen)


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


def _check(architecture: Architecture, settings: TrainingSettings) -> None:
    declared = own_precision(architecture).quantized
    if declared is not None and settings.method == "qlora":
        raise WorkloadError(
            f"The file is quantized already ({declared.label}): there is nothing to turn into 4 bits.",
            field="method",
            next_step='Choose method="lora", which trains adapters on the file as it is, or an unquantized model.',
        )
    if declared is not None and settings.method == "full":
        raise WorkloadError(
            f"The file is quantized ({declared.label}), and such weights can't be trained.",
            field="method",
            next_step='Choose method="lora", or an unquantized model.',
        )
    if architecture.kind == "encoder-only":
        raise WorkloadError(
            f"{architecture.architecture} is an encoder: it has no causal loss to be trained with.",
            field="model",
            next_step="Choose a model that generates text.",
        )
    if settings.frozen:
        _check_frozen(architecture, settings.frozen)
    rows = max((group.shape[0] for group in architecture.tensor_groups if group.shape), default=1)
    if settings.sharding is not None and settings.num_devices > rows:
        raise WorkloadError(
            f"The largest tensor has {rows:,} rows, which can't be divided over {settings.num_devices:,} devices.",
            field="num_devices",
            next_step=f"Choose num_devices up to {rows:,}.",
        )


def _check_frozen(architecture: Architecture, frozen: tuple[str, ...]) -> None:
    groups = architecture.tensor_groups
    for name in frozen:
        if not any(_is_frozen(group, (name,)) for group in groups):
            parts = sorted({part for group in groups for part in group.name.split(".")[:2] if part != "*"})
            raise WorkloadError(
                f"The model has no module {quoted(name)}.",
                field="frozen",
                next_step=f"Its parts are {', '.join(parts[:20])}.",
            )
    if all(_is_frozen(group, frozen) for group in groups):
        raise WorkloadError("Everything is frozen: nothing would be trained.", field="frozen")


def _notes(architecture: Architecture, settings: TrainingSettings) -> tuple[str, ...]:
    has_experts = any(group.role == "experts" for group in architecture.tensor_groups)
    table = load_table("weights")["not_converted"].get("nf4", {})
    unchanged = settings.method == "qlora" and table.get(architecture.model_type)
    notes = (_EXPERTS_NOTE,) if settings.method == "qlora" and has_experts else ()
    return (*notes, "Some linear layers of this model stay in 16 bits.") if unchanged else notes
