"""Where llama.cpp puts each layer: on which device, or in the computer's own memory.

Sources: `load_tensors` of src/llama-model.cpp (layers), llama-arch.cpp (what belongs to the input), common/arg.cpp
(experts in RAM) of github.com/ggml-org/llama.cpp (0c1e57098).
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.memo import kept_with_architecture, last_kept_with_architecture
from budsim_widgets.formats.gguf.layout import file_layout
from budsim_widgets.formats.stored_tensor import ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.formats.gguf.layout import FileLayout

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
        layers_before: Bytes of the layers before each, without their routed experts; one number more than layers.
        experts_before: The same of their routed experts.
        input_bytes: The embedding and what else belongs to the input.
        output_bytes: The head and the norm before it; a copy of the embedding where both are one.
        own_output_bytes: The same without that copy.
        largest_bytes: The largest matrix of a layer, or stack of experts.
        expert_layers: Layers up to the last that has routed experts; 0: there are none.
    """

    layers_before: tuple[int, ...]
    experts_before: tuple[int, ...]
    input_bytes: int
    output_bytes: int
    own_output_bytes: int
    largest_bytes: int
    expert_layers: int

    @property
    def units(self) -> int:
        """What `-ngl` counts: the layers of the file, and the output as one more."""
        return len(self.layers_before)


class WeightsOnDevices(NamedTuple):
    """Bytes of weights on each device and in the computer's own memory."""

    devices: tuple[int, ...]
    host_bytes: int


@kept_with_architecture
def layer_weights(architecture: Architecture, file_type: str) -> LayerWeights:
    """What the layers of a model hold in a GGUF file of this type; those that only predict tokens hold nothing."""
    layout = file_layout(architecture, file_type)
    layers, experts = [0] * layout.layers, [0] * layout.layers
    outside = 0
    for some in layout.typed:
        held = experts if _EXPERTS.search(some.tensors.name) else layers
        for layer in some.tensors.layers:
            held[layer] += some.num_bytes
        if not some.tensors.layers:
            outside += some.num_bytes
    loaded = layout.layers - layout.predicting_layers
    for held in (layers, experts):
        held[loaded:] = [0] * layout.predicting_layers
    input_bytes = sum(some.num_bytes for some in layout.typed if _is_input(some.tensors.name))
    return LayerWeights(
        layers_before=tuple(accumulate(layers, initial=0)),
        experts_before=tuple(accumulate(experts, initial=0)),
        input_bytes=input_bytes,
        output_bytes=outside - input_bytes + (_embedding_bytes(layout) if layout.is_tied else 0),
        own_output_bytes=outside - input_bytes,
        largest_bytes=max((some.num_bytes for some in layout.typed if some.tensors.layers), default=0),
        expert_layers=1 + max((layer for layer, num_bytes in enumerate(experts) if num_bytes), default=-1),
    )


def _is_input(name: str) -> bool:
    return name in _INPUT or name.replace(".bias", ".weight") in _INPUT


def _embedding_bytes(layout: FileLayout) -> int:
    return sum(some.num_bytes for some in layout.typed if some.tensors.name == "token_embd.weight")


def units_of_devices(gpu_layers: int, units: int, num_devices: int) -> tuple[range, ...]:
    """The units of each device: the last `gpu_layers` of all are divided evenly, in their order.

    Example:
        Two devices and 5 of 9 units: the first four stay with the CPU.

        >>> units_of_devices(5, 9, 2)
        (range(4, 7), range(7, 9))
    """
    first = units - gpu_layers
    ends = [first + ceil_div(device * gpu_layers, num_devices) for device in range(num_devices + 1)]
    return tuple(map(range, ends, ends[1:]))


@last_kept_with_architecture
def placed_weights(
    architecture: Architecture, file_type: str, gpu_layers: int, cpu_moe_layers: int, num_devices: int
) -> tuple[tuple[range, ...], WeightsOnDevices]:
    """The units of each device, and the weights with them."""
    weights = layer_weights(architecture, file_type)
    units = units_of_devices(gpu_layers, weights.units, num_devices)
    return units, weights_on_devices(weights, units, cpu_moe_layers)


def weights_on_devices(weights: LayerWeights, placed: tuple[range, ...], cpu_moe_layers: int) -> WeightsOnDevices:
    """Weights with these units on the devices, and the experts of the first layers in RAM."""
    layers, experts, output = weights.layers_before, weights.experts_before, weights.units - 1
    devices = []
    for units in placed:
        end = min(units.stop, output)
        start = min(units.start, end)
        held = layers[end] - layers[start] + experts[end] - experts[min(max(start, cpu_moe_layers), end)]
        devices.append(held + (weights.output_bytes if output in units else 0))
    has_output = any(output in units for units in placed)
    copies = weights.output_bytes if has_output else weights.own_output_bytes
    host = weights.input_bytes + layers[-1] + experts[-1] + copies - sum(devices)
    return WeightsOnDevices(tuple(devices), host)
