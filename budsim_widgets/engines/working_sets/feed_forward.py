"""What feed-forward blocks hold: the ways up, the activation's steps, what experts are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.data import load_table
from budsim_widgets.engines.working_sets.code import FP32_BYTES

if TYPE_CHECKING:
    from budsim_widgets.engines.working_sets.computation import Computation
    from budsim_widgets.engines.working_sets.dimensions import Experts, Feed

_INDEX_BYTES: Final = 8
_SORTED_INDEXES: Final = 3
"""64-bit numbers for each token and expert that it is sent to: the chosen expert, sorted, and the order."""


def activation_copies(name: str) -> float:
    """Copies of its input that an activation function makes at once, the result included.

    Example:
        GELU as GPT-2 writes it: half the input, and of the polynomial the cube before and after its factor.

        >>> activation_copies("gelu_new"), activation_copies("silu")
        (3.0, 1.0)
    """
    return float(load_table("working_sets")["activation_copies"].get(name, 1))


def feed_block_bytes(feed: Feed, run: Computation) -> float:
    """The most that a feed-forward block holds for each token, beside the residual stream and its input.

    Args:
        feed: The block.
        run: How it computes.
    """
    width, copies = run.width, run.activation_copies
    if feed.has_norm:
        return (width + run.norm_bytes) * feed.inner
    if not feed.is_gated:
        return width * (feed.ups + feed.inner * copies)
    if feed.is_fused:
        return width * (feed.ups + feed.inner * max(copies, 2))
    gate = feed.inner if run.code.keeps_gate else 0
    return max(width * (feed.ups + feed.inner + gate), width * feed.inner * (1 + copies))


def expert_block_bytes(experts: Experts, run: Computation) -> float:
    """The same of routed experts as `grouped_mm_experts_forward` of transformers runs them, its default where it can.

    The inputs of all experts stand sorted while they run. What they return is weighted (in fp32 where the weights are),
    brought back into order, and summed.

    Args:
        experts: The experts.
        run: How they compute.
    """
    code, hidden, width, copies = run.code, run.hidden, run.width, run.activation_copies
    used = experts.total if code.experts == "all" else code.experts_used or experts.used
    if code.experts == "all":
        return used * width * max(hidden + experts.ups + experts.inner * (1 + copies), 2 * hidden)
    weight_bytes = FP32_BYTES if code.routing == "fp32" else width
    routed = used * (_SORTED_INDEXES * _INDEX_BYTES + 2 * weight_bytes)
    is_gated = experts.ups > experts.inner
    inner_copies = code.gate_copies or (1 + copies if is_gated else copies)
    inside = experts.ups + experts.inner * inner_copies
    bias = experts.ups if experts.has_bias else 0
    running = used * width * (hidden + inside + bias) + routed
    returned = used * hidden * (2 * width + 2 * weight_bytes) + routed + used * _INDEX_BYTES
    return max(running, returned)
