"""States: of fixed size, or what a layer was given."""

from __future__ import annotations

from dataclasses import dataclass

from budsim_widgets.architectures.cache.base import LayerCache


@dataclass(frozen=True, kw_only=True)
class HiddenStateCache(LayerCache):
    """What a layer was given of every token, from which it makes keys and values anew, and the tokens' hashes.

    Attributes:
        hidden_size: Elements that a layer is given per token.
        num_hashes: Hashes of a token, whole numbers of eight bytes.
        hashed_from: Tokens from which on they are hashed; fewer are all compared with each other.

    Example:
        >>> HiddenStateCache(hidden_size=1024, num_hashes=8, hashed_from=65).state_elements(1000)
        1024000
    """

    hidden_size: int
    num_hashes: int = 0
    hashed_from: int = 0

    def state_elements(self, seq_length: int) -> int:
        """Elements that the layer was given of `seq_length` tokens."""
        return seq_length * self.hidden_size

    def growing_fp32_elements(self, seq_length: int) -> int:
        """The hashes, each as wide as two numbers in fp32."""
        return 2 * seq_length * self.num_hashes if seq_length >= self.hashed_from else 0


@dataclass(frozen=True, kw_only=True)
class StateCache(LayerCache):
    """A state of fixed size: the last inputs of a convolution, and what a recurrence carries on.

    Attributes:
        conv_elements: Elements in the model's format.
        recurrent_elements: Elements in fp32.
        shared_bytes: Bytes that all sequences share, such as a counter of tokens.

    Example:
        Mamba-1 with 1,536 channels, kernel 4, state 16: conv [1536, 4], state 1536 · 16.

        >>> StateCache(conv_elements=1536 * 4, recurrent_elements=1536 * 16).fp32_elements
        24576
    """

    conv_elements: int = 0
    recurrent_elements: int = 0
    shared_bytes: int = 0

    def state_elements(self, seq_length: int) -> int:  # noqa: ARG002 - the interface
        """Elements of state in the model's own format; as many after any number of tokens."""
        return self.conv_elements

    @property
    def fp32_elements(self) -> int:
        """Elements of state in fp32, whatever the model's format."""
        return self.recurrent_elements

    @property
    def bytes_for_all(self) -> int:
        """Bytes that are kept once, however many sequences there are."""
        return self.shared_bytes
