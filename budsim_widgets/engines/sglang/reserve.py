"""What SGLang keeps free for activations and CUDA graphs: a sum by the size of the device, not by the model.

As `handle_gpu_memory_settings` in `sglang/srt/arg_groups/memory_hook.py` (0.5.23). It measures nothing: too little
shows as an error later, too much as a smaller cache.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.hardware import Accelerator

_MIB: Final = 2**20
_META_MIB: Final = 512
_MIB_PER_TOKEN: Final = 1.5
_FEWEST_TOKENS: Final = 2_048
_MIB_PER_DEVICE: Final = 128
_MIB_PER_GRAPH_SEQUENCE: Final = 2
_MIB_PER_PREFILL_GRAPH: Final = 8
_MLA_PREFILL_GRAPHS_MIB: Final = 1_536
_LARGE_MIB: Final = 60 * 1_024
_LEAST_OF_LARGE_MIB: Final = 10 * 1_024

_LONGEST_MLA_GRAPH: Final = 8_192


class Chosen(NamedTuple):
    """What SGLang chooses by the memory of a device.

    Attributes:
        below_mib: For devices with less memory than this.
        chunked_prefill_size: Tokens of a prompt that are read at once.
        graph_sequences: The most sequences with a CUDA graph on fewer than four devices.
        graph_sequences_of_many: The same on four and more.
    """

    below_mib: float
    chunked_prefill_size: int
    graph_sequences: int
    graph_sequences_of_many: int


_CHOICES: Final = (
    Chosen(20 * 1_024, 2_048, 8, 8),
    Chosen(35 * 1_024, 4_096, 48, 160),
    Chosen(60 * 1_024, 4_096, 32, 160),
    Chosen(160 * 1_024, 8_192, 256, 512),
    Chosen(float("inf"), 16_384, 512, 512),
)
_UNKNOWN: Final = Chosen(0, 4_096, 160, 160)


def chosen_for(accelerator: Accelerator | None) -> Chosen:
    """What SGLang chooses for a device.

    Example:
        >>> from budsim_widgets.hardware import find
        >>> chosen_for(find("H100")).chunked_prefill_size, chosen_for(find("RTX 4090")).graph_sequences
        (8192, 48)
    """
    if accelerator is None:
        return _UNKNOWN
    total = device_mib(accelerator)
    return next(choice for choice in _CHOICES if total < choice.below_mib)


def device_mib(accelerator: Accelerator) -> float:
    """The total in MiB as nvidia-smi shows it, which SGLang asks for."""
    return (accelerator.driver_bytes or accelerator.usable_bytes) / _MIB


def reserved_mib(  # noqa: PLR0913 - what the sum depends on
    accelerator: Accelerator | None, chunk: int, graph_sequences: int, *, devices: int, stages: int, is_mla: bool
) -> float:
    """What is kept free, in MiB.

    Example:
        An H100, prompts in chunks of 8,192: 512 + 12,288 + 128 + 512 for graphs of 256 sequences, and 8 for each of
        58 graphs of chunks.

        >>> from budsim_widgets.hardware import find
        >>> reserved_mib(find("H100"), 8192, 256, devices=1, stages=1, is_mla=False)
        13904.0
    """
    reserved = _META_MIB + max(chunk, _FEWEST_TOKENS) * _MIB_PER_TOKEN + devices * _MIB_PER_DEVICE
    reserved += graph_sequences * _MIB_PER_GRAPH_SEQUENCE
    if stages == 1:  # graphs of prompts aren't made in pipelines
        reserved += _MLA_PREFILL_GRAPHS_MIB if is_mla else _MIB_PER_PREFILL_GRAPH * prefill_graphs(chunk)
    if accelerator is not None and device_mib(accelerator) > _LARGE_MIB:
        reserved = max(reserved, _LEAST_OF_LARGE_MIB)
    return reserved


@lru_cache(maxsize=64)
def prefill_graphs(chunk: int) -> int:
    """How many lengths of a chunk have a CUDA graph (`generate_prefill_cuda_graph_batch_sizes`).

    Example:
        >>> prefill_graphs(4096), prefill_graphs(8192)
        (50, 58)
    """
    steps = ((4, 33, 4), (48, 257, 16), (288, 513, 32), (576, 1_025, 64), (1_280, 4_097, 256), (4_608, chunk + 1, 512))
    return sum(sum(length <= chunk for length in range(*step)) for step in steps)


def static_fraction(accelerator: Accelerator, reserved: float, architecture: Architecture) -> float:
    """The share for weights and cache: what isn't reserved, in thousandths, and less where images are read.

    Args:
        accelerator: The device.
        reserved: What is kept free, in MiB.
        architecture: The model.
    """
    total = device_mib(accelerator)
    fraction = max(0.0, round((total - reserved) / total, 3))
    if architecture.kind != "multimodal":
        return fraction
    return fraction * _share_of_images(architecture.config.get("vision_config"))


def _share_of_images(vision: Mapping[str, Any] | object) -> float:
    """0.95, and a tenth less for each tower as large as ViT-L/14 more (`adjust_mem_fraction_for_vlm`)."""
    if not isinstance(vision, dict):
        return 1.0
    layers, width = (
        value if isinstance(value := vision.get(name), int) else usual
        for name, usual in (("num_hidden_layers", 24), ("hidden_size", 1_024))
    )
    complexity = layers * width**2 / (24 * 1_024**2)
    return 0.95 * max(0.8, min(1.05, 1 - 0.1 * (complexity - 1)))
