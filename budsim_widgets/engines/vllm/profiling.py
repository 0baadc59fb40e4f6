"""The peak of the run that vLLM makes when it starts, and keeps free ever after.

It computes as many tokens as it ever will at once, and the scores of as many sequences. The peak is that of the widest
layer or of the scores, whichever is larger; no cache takes part, so it doesn't depend on the context.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.engines.layer_widths import layer_widths
from budsim_widgets.engines.vllm.states import text_fields
from budsim_widgets.engines.vllm.versions import FIRST_WITH_ENGINE_V1, FIRST_WITH_RUNNER_V2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.parts import TensorGroup
    from budsim_widgets.engines.vllm.accelerator import BatchLimits
    from budsim_widgets.engines.vllm.versions import Version

_RESIDUAL_COPIES: Final = 3
_RESIDUAL_COPIES_V2: Final = 1
"""Copies of the residual stream beside the gate, up and multiplied numbers of a feed-forward block."""

_EXPERT_RESIDUAL_COPIES: Final = 4

_SCORES_BYTES: Final = 38.6
"""A score in bf16 and in fp32, its sorted copy, the index of it in int64, the softmax and its sum, the copies that
`torch.sort` works in: 9.66 numbers in fp32 (`apply_top_k_top_p` of vLLM)."""

_UNSORTED_SCORES_BYTES: Final = 28.0
_FIRST_WITHOUT_SORTING: Final = (0, 17, 0)
"""Kernels find the likeliest tokens without a sorted copy (vllm-project/vllm#33538); two logs, of 0.24 and 0.26."""

_SCORES_BYTES_V2: Final = 14.0
"""A score in bf16, in fp32, masked to the most likely ones, and the softmax: `Sampler` of the second model runner with
`SamplingParams.for_sampler_warmup`, and FlashInfer's `top_k_top_p_sampling_from_logits` (0.33)."""

_LEAST_SCORES_BYTES_V2: Final = 8.0

_COUNTERS_BYTES: Final = 4 + 1 / 8
"""Of each token of the vocabulary and sequence: how often it was written, and whether it stood in the prompt
(`PenaltiesState` of the second model runner)."""

_WIDTHS_OF_GATED: Final = 3
_ERROR: Final = 0.25


class ProfiledPeak(NamedTuple):
    """What the run at the start shows, in bytes.

    Attributes:
        layers_bytes: The widest layer.
        sampler_bytes: The scores of all sequences.
        least_sampler_bytes: The same with the fewest copies that a sampler makes.
        counters_bytes: What stays on the device for every sequence, beside the peak.
    """

    layers_bytes: int
    sampler_bytes: int
    least_sampler_bytes: int
    counters_bytes: int

    @property
    def peak_bytes(self) -> int:
        """The larger of layers and scores."""
        return max(self.layers_bytes, self.sampler_bytes)

    @property
    def num_bytes(self) -> int:
        """What is kept free: the peak, and what stays beside it."""
        return self.peak_bytes + self.counters_bytes

    @property
    def range_bytes(self) -> tuple[int, int]:
        """(least, most): with the fewest copies of the scores, and the error of the formulas."""
        least = max(self.layers_bytes, self.least_sampler_bytes)
        return (
            int(least * (1 - _ERROR)) + self.counters_bytes,
            int(self.peak_bytes * (1 + _ERROR)) + self.counters_bytes,
        )


@kept_with_architecture
def profiled_peak(  # noqa: PLR0913 - what the run depends on
    architecture: Architecture,
    limits: BatchLimits,
    *,
    ranks: int,
    dtype_bytes: int,
    version: Version,
    eager: bool,
    chunked: bool,
) -> ProfiledPeak:
    """The peak of a text model.

    Args:
        architecture: The model.
        limits: Tokens and sequences at once.
        ranks: Devices that share a layer; the scores of all stand on each.
        dtype_bytes: Width of the computation's format.
        version: The version of vLLM.
        eager: Whether layers run one operation after the other.
        chunked: Whether a prompt is read in chunks.

    Example:
        Llama-3.1-8B as vLLM 0.6 reads 20,000 tokens at once: 20000 · 2 · (3 · 14336 + 3 · 4096), 2.06 GiB; its log
        says 2.07.

        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.engines.vllm.accelerator import BatchLimits
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> peak = profiled_peak(
        ...     llama, BatchLimits(20000, 256), ranks=1, dtype_bytes=2, version=(0, 6, 4), eager=True, chunked=False
        ... )
        >>> peak.peak_bytes
        2211840000
    """
    tokens, sequences = limits.max_num_batched_tokens, min(limits.max_num_seqs, limits.max_num_batched_tokens)
    widths = layer_widths(architecture)
    is_v2 = version >= FIRST_WITH_RUNNER_V2
    copies = _RESIDUAL_COPIES_V2 if is_v2 and not eager else _RESIDUAL_COPIES
    numbers = max(_dense_width(architecture) / ranks + copies * widths.hidden, _experts_width(architecture, ranks))
    stream = tokens * widths.hidden * dtype_bytes
    scores = sequences * widths.vocabulary
    most, least = _score_bytes(version)
    if chunked and version < FIRST_WITH_ENGINE_V1:  # such a run scored nothing
        scores = 0
    return ProfiledPeak(
        layers_bytes=int(tokens * dtype_bytes * numbers),
        sampler_bytes=int(scores * most) + stream,
        least_sampler_bytes=int(scores * least) + stream,
        counters_bytes=int(scores * _COUNTERS_BYTES) if is_v2 else 0,
    )


def _score_bytes(version: Version) -> tuple[float, float]:
    if version >= FIRST_WITH_RUNNER_V2:
        return _SCORES_BYTES_V2, _LEAST_SCORES_BYTES_V2
    return (_UNSORTED_SCORES_BYTES,) * 2 if version >= _FIRST_WITHOUT_SORTING else (_SCORES_BYTES,) * 2


def _dense_width(architecture: Architecture) -> int:
    """Gate, up and multiplied numbers of the widest block without experts."""
    fields = text_fields(architecture.config)
    has_experts = any(group.active_share for group in architecture.tensor_groups)
    width = fields.get("intermediate_size")
    if has_experts:
        return _WIDTHS_OF_GATED * width if isinstance(width, int) and fields.get("first_k_dense_replace") else 0
    return layer_widths(architecture).feed_forward


def _experts_width(architecture: Architecture, ranks: int) -> float:
    """Elements a token of the routed experts: those of all that it is sent to, and the residual stream."""
    routed = [group for group in architecture.tensor_groups if group.active_share and group.role == "experts"]
    hidden = layer_widths(architecture).hidden
    if not routed or not hidden:
        return 0.0
    used = max(group.active_share[0] for group in routed if group.active_share)
    ups, width = _expert_widths(routed, hidden)
    return used * (max(ups / ranks, hidden) + width / ranks) + _EXPERT_RESIDUAL_COPIES * hidden


def _expert_widths(routed: Sequence[TensorGroup], hidden: int) -> tuple[int, int]:
    """(gate and up, inside) of one expert."""
    sizes = sorted({_of_one_expert(group.shape) // hidden for group in routed if len(group.shape) > 1})
    if not sizes:
        return 0, 0
    return (sizes[-1], sizes[0]) if len(sizes) > 1 else (2 * sizes[0], sizes[0])


def _of_one_expert(shape: tuple[int, ...]) -> int:
    rows, columns = shape[-2:]
    return rows * columns
