"""Where llama.cpp puts each layer: on which device, or in the computer's own memory.

Sources: `load_tensors` of src/llama-model.cpp (layers), llama-arch.cpp (what belongs to the input), common/arg.cpp
(experts in RAM) of github.com/ggml-org/llama.cpp (0c1e57098).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.formats.gguf import file_layout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.formats.gguf import FileLayout

_EXPERTS: Final = re.compile(r"\.ffn_(?:up|down|gate|gate_up)_(?:ch)?exps")
"""What `--n-cpu-moe` keeps in RAM."""

_INPUT: Final = frozenset(
    name + ".weight"
    for name in ("token_embd", "token_embd_norm", "position_embd", "token_types", "per_layer_token_embd")
)
"""Tensors that stay with the CPU always; their biases with them."""


class LayerWeights(NamedTuple):
    """What the layers of a model hold, in bytes.

    Attributes:
        layers: Each layer without its routed experts.
        experts: The routed experts of each layer.
        input_bytes: The embedding and what else belongs to the input.
        output_bytes: The head and the norm before it; a copy of the embedding where both are one.
        own_output_bytes: The same without that copy.
        loaded_layers: Layers that are loaded; those behind them only predict several tokens.
        largest_bytes: The largest matrix of a layer, or stack of experts.
    """

    layers: tuple[int, ...]
    experts: tuple[int, ...]
    input_bytes: int
    output_bytes: int
    own_output_bytes: int
    loaded_layers: int
    largest_bytes: int


class WeightsOnDevices(NamedTuple):
    """Bytes of weights on each device and in the computer's own memory."""

    devices: tuple[int, ...]
    host_bytes: int


@kept_with_architecture
def layer_weights(architecture: Architecture, file_type: str) -> LayerWeights:
    """What the layers of a model hold in a GGUF file of this type."""
    layout = file_layout(architecture, file_type)
    layers, experts = [0] * layout.layers, [0] * layout.layers
    outside = 0
    for some in layout.typed:
        held = experts if _EXPERTS.search(some.tensors.name) else layers
        for layer in some.tensors.layers:
            held[layer] += some.num_bytes
        if not some.tensors.layers:
            outside += some.num_bytes
    input_bytes = sum(some.num_bytes for some in layout.typed if _is_input(some.tensors.name))
    loaded = layout.layers - layout.predicting_layers
    return LayerWeights(
        layers=tuple(layers),
        experts=tuple(experts),
        input_bytes=input_bytes,
        output_bytes=outside - input_bytes + (_embedding_bytes(layout) if layout.is_tied else 0),
        own_output_bytes=outside - input_bytes,
        loaded_layers=loaded,
        largest_bytes=max((some.num_bytes for some in layout.typed if some.tensors.layers), default=0),
    )


def _is_input(name: str) -> bool:
    return name in _INPUT or name.replace(".bias", ".weight") in _INPUT


def _embedding_bytes(layout: FileLayout) -> int:
    return sum(some.num_bytes for some in layout.typed if some.tensors.name == "token_embd.weight")


def placeable_layers(weights: LayerWeights) -> int:
    """What `-ngl` counts: the layers of the file, and the output as one more."""
    return len(weights.layers) + 1


def device_of(unit: int, gpu_layers: int, units: int, num_devices: int) -> int | None:
    """The device of a layer; None: the CPU. The last `gpu_layers` of all units are divided evenly, in their order.

    Example:
        Two devices and 5 of 9 units: the first four stay with the CPU.

        >>> [device_of(unit, 5, 9, 2) for unit in range(9)]
        [None, None, None, None, 0, 0, 0, 1, 1]
    """
    first = units - gpu_layers
    return (unit - first) * num_devices // gpu_layers if unit >= first and gpu_layers else None


def weights_on_devices(
    weights: LayerWeights, gpu_layers: int, cpu_moe_layers: int, num_devices: int
) -> WeightsOnDevices:
    """Weights with so many units on the devices, and the experts of the first layers in RAM."""
    units = placeable_layers(weights)
    devices, host = [0] * num_devices, weights.input_bytes
    for layer in range(weights.loaded_layers):
        device = device_of(layer, gpu_layers, units, num_devices)
        experts = weights.experts[layer]
        if device is None:
            host += weights.layers[layer] + experts
        elif layer < cpu_moe_layers:
            devices[device] += weights.layers[layer]
            host += experts
        else:
            devices[device] += weights.layers[layer] + experts
    output = device_of(units - 1, gpu_layers, units, num_devices)
    if output is None:
        host += weights.own_output_bytes
    else:
        devices[output] += weights.output_bytes
    return WeightsOnDevices(tuple(devices), host)


def sums_on_devices(
    held: Iterable[tuple[int, int]], gpu_layers: int, units: int, num_devices: int
) -> tuple[tuple[int, ...], int]:
    """What layers keep, where each layer lies.

    Args:
        held: (layer, its bytes).
        gpu_layers: Units on the devices.
        units: Units in all.
        num_devices: Devices.

    Returns:
        Bytes of each device, bytes in RAM.
    """
    devices, host = [0] * num_devices, 0
    for layer, num_bytes in held:
        device = device_of(layer, gpu_layers, units, num_devices)
        if device is None:
            host += num_bytes
        else:
            devices[device] += num_bytes
    return tuple(devices), host
