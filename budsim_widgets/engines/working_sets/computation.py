"""How a forward pass computes: what its blocks need to know beside their own widths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from budsim_widgets.engines.working_sets.code import FP32_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.engines.working_sets.code import Attention, Code


class Computation(NamedTuple):
    """A model's code with the format and the attention that it runs with.

    Attributes:
        code: What was read of it.
        hidden: Width of the residual stream.
        width: Bytes of a number.
        attention: The kernel.
        activation_copies: Copies of its input that the activation function makes at once, the result included.
        rotated: The part of each head that is rotated.
        config: The text model's config.
    """

    code: Code
    hidden: int
    width: int
    attention: Attention
    activation_copies: float
    rotated: float
    config: Mapping[str, Any]

    @property
    def stream_bytes(self) -> int:
        """Bytes of one token's residual stream."""
        return self.hidden * self.width

    @property
    def is_cast(self) -> bool:
        """Whether a number in fp32 is another one than the model's own."""
        return self.width < FP32_BYTES

    @property
    def norm_bytes(self) -> int:
        """Bytes an element that a norm holds beside its input; see `Code.norm_bytes`."""
        return self.code.norm_bytes(self.width)

    @property
    def softmax_bytes(self) -> int:
        """Bytes of a score while the softmax runs: its input, the input cast to fp32, the result.

        torch casts bf16 scores before it computes (`softmax(…, dtype=float32)`); scores made in fp32 are cast back.
        """
        if self.code.softmax == "fp32 scores":
            return 2 * FP32_BYTES + (self.width if self.is_cast else 0)
        if self.code.softmax == "fp32 sinks":
            return 3 * FP32_BYTES
        if self.code.softmax == "fp32" and self.is_cast:
            return self.width * self.code.score_copies + 2 * FP32_BYTES
        return self.width * (1 + self.code.score_copies)

    @property
    def kept_score_bytes(self) -> int:
        """Bytes of a score that a layer holds until it returns; twice where the one before it holds its own, too."""
        if self.attention != "eager" or self.code.keeps_scores == "not":
            return 0
        return self.width * (2 if self.code.keeps_scores == "next" else 1)
