"""The logits and the loss: often the largest part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from budsim_widgets.formats.stored_tensor import FP32_BYTES
from budsim_widgets.training.tools import TOOLS

if TYPE_CHECKING:
    from budsim_widgets.training.activations import Activations
    from budsim_widgets.training.settings import TrainingSettings

_CHUNKS: Final = 8
"""Chunks of torchtune's CEWithChunkedOutputLoss."""
_FUSED_TOKENS: Final = 1024
"""Tokens whose logits stand at once in a loss that is fused with the head: Liger and Unsloth take about so many."""


@dataclass(frozen=True)
class Loss:
    """What the loss holds, in bytes.

    Attributes:
        logits_bytes: The logits as long as the model's outputs are held.
        after_forward_bytes: What stands after the forward pass, the logits included where they are held.
        forward_bytes: The most in the forward pass.
        backward_bytes: The most in the backward pass, when the gradient of the logits is made.
        head_bytes: What stands while the head's own gradient is made.
    """

    logits_bytes: int
    after_forward_bytes: int
    forward_bytes: int
    backward_bytes: int
    head_bytes: int


def loss_of(activations: Activations, settings: TrainingSettings) -> Loss:
    """What the loss of a batch holds.

    transformers computes it in fp32: beside 16-bit logits of V x tokens an fp32 copy (freed), the log-softmax, which
    is kept, and in the backward pass two gradients of the same size: 14 V bytes a token at the peak. A Trainer drops
    the logits before (12 V), but torch's allocator keeps their block, as it is too small for the gradients.
    """
    kind = TOOLS[settings.tool].loss if settings.loss == "auto" else settings.loss
    width = FP32_BYTES if settings.precision == "fp32" else 2
    tokens, vocab = settings.num_tokens, activations.vocab_size
    if kind == "fused":
        chunk = min(tokens, _FUSED_TOKENS) * vocab * (width + 2 * FP32_BYTES)
        hidden_gradient = tokens * activations.hidden_size * width
        return Loss(0, hidden_gradient, chunk + hidden_gradient, hidden_gradient, hidden_gradient)
    numbers = tokens * vocab
    logits = numbers * width
    capped = logits if activations.is_capped else 0
    if kind == "chunked":
        # A chunk at a time goes to fp32; the 16-bit logits, then their gradients, stand whole and go before the layers.
        chunk = -(-numbers // _CHUNKS) * (width + 3 * FP32_BYTES)
        kept = logits + capped
        return Loss(0, kept, kept + chunk, kept + chunk, logits + capped)
    log_softmax = numbers * FP32_BYTES
    copy = log_softmax if width < FP32_BYTES else 0
    return Loss(
        logits_bytes=logits,
        after_forward_bytes=logits + capped + log_softmax,
        forward_bytes=logits + capped + copy + log_softmax,
        backward_bytes=logits + capped + 3 * log_softmax,
        head_bytes=2 * logits + capped + copy,
    )
