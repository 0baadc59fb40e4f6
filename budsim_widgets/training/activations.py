"""What a forward pass keeps for the backward one, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.formats.stored_tensor import FP32_BYTES
from budsim_widgets.training.kept import Kept

if TYPE_CHECKING:
    from budsim_widgets.training.kept import Rules

_NOTHING = Kept()
_IDS_BYTES = 8
"""Token ids and labels are 64-bit numbers."""


class LayerKept(NamedTuple):
    """Equal layers.

    Attributes:
        kept: What one of them keeps.
        num_layers: How many there are.
        inner_width: Elements a token of the widest feed-forward block that get a gradient at once: both factors of a
            gated product.
        adapted_width: Width of the widest input of an adapter.
        window: Tokens that each sees; 0: all.
        masked: What one keeps more where sequences are longer than the window.
    """

    kept: Kept
    num_layers: int
    inner_width: int
    adapted_width: int
    window: int = 0
    masked: Kept = _NOTHING

    def num_bytes(self, num_tokens: int, seq_length: int) -> int:
        """What one of them keeps of so many tokens in sequences of a length."""
        whole = self.kept.plus(self.masked) if 0 < self.window < seq_length else self.kept
        return whole.num_bytes(num_tokens, seq_length)


@dataclass(frozen=True)
class Activations:
    """What a forward pass keeps.

    Attributes:
        layers: The layers, equal ones together.
        last: The norm behind the last layer and the input of the head.
        last_is_layer_norm: Whether that norm is torch's layer norm.
        rotary_bytes: Cosines and sines, for each position of one sequence.
        hidden_size: Width of the residual stream.
        stream_bytes: Bytes of a number of it.
        vocab_size: Rows of the head.
        is_capped: Whether the logits pass a tanh, whose result is kept.
        rules: How the model is trained.
        cast_bytes: 16-bit copies of fp32 weights, with autocast.
        unkept: What the first layer keeps less: its first norm reads an embedding that gets no gradient.
    """

    layers: tuple[LayerKept, ...]
    last: Kept
    last_is_layer_norm: bool
    rotary_bytes: int
    hidden_size: int
    stream_bytes: int
    vocab_size: int
    is_capped: bool
    rules: Rules
    cast_bytes: int = 0
    unkept: Kept = _NOTHING

    @property
    def num_layers(self) -> int:
        """Layers of the model."""
        return sum(layer.num_layers for layer in self.layers)

    def largest_layer_bytes(self, num_tokens: int, seq_length: int) -> int:
        """What the layer that keeps most keeps."""
        return max((layer.num_bytes(num_tokens, seq_length) for layer in self.layers), default=0)

    def flowing_bytes(self, num_tokens: int) -> int:
        """Gradients on their way through a block, while nearly all that its layer keeps is still there.

        Of the residual stream and of the feed-forward block, where both factors of a product get theirs before the
        product goes. An fp32 adapter makes an fp32 gradient of its output and its input, beside the 16-bit ones.
        """
        rules, hidden = self.rules, self.hidden_size
        inner = max((layer.inner_width for layer in self.layers), default=0)
        adapted = max((layer.adapted_width for layer in self.layers), default=0)
        if rules.is_fused:
            return num_tokens * hidden * self.stream_bytes
        if rules.ranks and not rules.shares_inputs:
            width = rules.adapter_bytes
            summed = max(int(layer.kept.fixed_bytes) for layer in self.layers)
            return summed + num_tokens * (2 * hidden * self.stream_bytes + width * (hidden + adapted))
        return num_tokens * (hidden * self.stream_bytes + inner * rules.compute_bytes)

    def shared_with_checkpoint_bytes(self, num_tokens: int) -> int:
        """What a layer keeps that checkpointing keeps anyway: its input, where its first norm keeps it as it is."""
        rules = self.rules
        keeps_input = rules.is_fused or self.last_is_layer_norm or rules.stream_bytes == FP32_BYTES
        return num_tokens * self.hidden_size * self.stream_bytes if keeps_input else 0

    def norm_flowing_bytes(self, num_tokens: int) -> int:
        """Gradients on their way through the last norm, which computes in fp32."""
        if self.rules.is_fused or self.last_is_layer_norm:
            return 2 * num_tokens * self.hidden_size * self.stream_bytes
        return num_tokens * self.hidden_size * (2 * self.stream_bytes + 3 * FP32_BYTES)

    def kept_bytes(self, num_tokens: int, seq_length: int, *, checkpointing: bool, is_offloaded: bool = False) -> int:
        """What all layers keep; with checkpointing only their inputs, which may lie in the host.

        Args:
            num_tokens: Tokens of all sequences.
            seq_length: Tokens of one.
            checkpointing: Whether layers are computed again in the backward pass.
            is_offloaded: Whether the inputs that checkpointing keeps are moved to the host.
        """
        after = self.last.num_bytes(num_tokens, seq_length) + self.rotary_bytes * seq_length + _IDS_BYTES * num_tokens
        if not checkpointing:
            after -= self.unkept.num_bytes(num_tokens, seq_length)
            return (
                after
                + self.cast_bytes
                + sum(layer.num_layers * layer.num_bytes(num_tokens, seq_length) for layer in self.layers)
            )
        if is_offloaded:
            return after
        return after + self.num_layers * num_tokens * self.hidden_size * self.stream_bytes
