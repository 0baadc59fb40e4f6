"""How the vocabulary is scored, and what that holds."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.data import load_table
from budsim_widgets.engines.working_sets.code import FP32_BYTES

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture


class Head(NamedTuple):
    """Bytes of a score of a token, while they are made and when `generate()` samples from the last ones.

    Attributes:
        scores_all: Whether all tokens are scored.
        made_bytes: While they are made, beside the residual stream.
        kept_bytes: When they are there.
        sampled_bytes: Of the last token's beside them, in fp32.
        hiddens: Copies of the residual stream that stand while they are made.
    """

    scores_all: bool
    made_bytes: int
    kept_bytes: int
    sampled_bytes: int = FP32_BYTES
    hiddens: int = 1

    def peak_bytes(self, batch_size: int, seq_length: int, hidden_bytes: int, vocabulary: int) -> int:
        """The most that is held.

        Args:
            batch_size: Sequences.
            seq_length: Tokens of each.
            hidden_bytes: Bytes of one token's residual stream.
            vocabulary: Tokens that there are.

        Example:
            Llama-3.1, one sequence of one token: 128,256 scores in 16 bits, and once more in fp32.

            >>> Head(scores_all=False, made_bytes=2, kept_bytes=2).peak_bytes(1, 1, 2 * 4096, 128256)
            769536
        """
        scored = vocabulary * (batch_size * seq_length if self.scores_all else batch_size)
        making = self.hiddens * batch_size * seq_length * hidden_bytes + scored * self.made_bytes
        return max(making, scored * self.kept_bytes + batch_size * vocabulary * self.sampled_bytes)


def head_of(architecture: Architecture, width: int) -> Head:
    """How a model's class scores the vocabulary.

    Args:
        architecture: The model.
        width: Bytes of a number.
    """
    name = architecture.architecture
    if name.endswith("ForMaskedLM") and architecture.kind == "encoder-only":
        # A linear layer and a norm come before, and nobody samples.
        return Head(scores_all=True, made_bytes=width, kept_bytes=width, sampled_bytes=0, hiddens=2)
    return _head_of_class(name, width)


@lru_cache(maxsize=256)
def _head_of_class(name: str, width: int) -> Head:
    table = load_table("working_sets")
    if name in table["scores_in_fp32"]:
        return Head(scores_all=True, made_bytes=width + FP32_BYTES, kept_bytes=FP32_BYTES)
    if name in table["scores_twice"]:
        return Head(scores_all=True, made_bytes=2 * width, kept_bytes=width)
    return Head(scores_all=name in table["scores_all"], made_bytes=width, kept_bytes=width)
