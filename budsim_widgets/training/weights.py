"""The model's own weights as they stand in memory while it is trained, and which of its tensors get a gradient."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.formats.bitsandbytes import NF4
from budsim_widgets.formats.precision import WeightPrecision, own_precision
from budsim_widgets.formats.stored_tensor import FP32_BYTES
from budsim_widgets.memory.layout import Layout
from budsim_widgets.training.optimizers import TrainedTensor
from budsim_widgets.training.tools import TOOLS
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture, TensorGroup
    from budsim_widgets.formats.stored import StoredTensors
    from budsim_widgets.training.adapters import Adapters
    from budsim_widgets.training.settings import TrainingSettings

_BF16_BYTES: Final = 2


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


def dequantized_bytes(architecture: Architecture, settings: TrainingSettings) -> int:
    """Bytes of the largest quantized matrix in the format of the computation; 0 where nothing is quantized."""
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
            if not is_frozen(group, settings.frozen)
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


def is_frozen(group: TensorGroup, frozen: tuple[str, ...]) -> bool:
    """Whether a tensor stands below one of the frozen modules."""
    return any(f".{name}." in f".{group.name}." for name in frozen)
