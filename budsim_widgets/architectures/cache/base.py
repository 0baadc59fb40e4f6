"""What all caches answer, and the sum of their bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

FP32_BYTES = 4


class CacheSize(NamedTuple):
    """Bytes that the cache of a model holds."""

    kv_cache_bytes: int
    state_bytes: int


@dataclass(frozen=True, kw_only=True)
class LayerCache:
    """What one layer keeps for one sequence; the base is a layer that keeps nothing."""

    def kv_elements(self, seq_length: int, encoder_length: int) -> int:  # noqa: ARG002 - the interface
        """Elements of keys and values after `seq_length` tokens."""
        return 0

    def passed_kv_elements(self, seq_length: int) -> int:  # noqa: ARG002 - the interface
        """Elements of keys and values that are no longer needed once a prompt of `seq_length` tokens has been read.

        transformers cuts a window out of them by a slice, whose storage is freed with the next token alone.
        """
        return 0

    def state_elements(self, seq_length: int) -> int:  # noqa: ARG002 - the interface
        """Elements of state in the model's own format after `seq_length` tokens."""
        return 0

    @property
    def fp32_elements(self) -> int:
        """Elements of state in fp32, whatever the model's format."""
        return 0

    def growing_fp32_elements(self, seq_length: int) -> int:  # noqa: ARG002 - the interface
        """Elements in fp32 that `seq_length` tokens add, whatever the model's format."""
        return 0

    @property
    def bytes_for_all(self) -> int:
        """Bytes that are kept once, however many sequences there are."""
        return 0


def tokens_in_window(seq_length: int, window: int | None) -> int:
    """Tokens that are kept of `seq_length`: the last `window - 1` ones, all where there is no window.

    A window of one token keeps them all as well: transformers takes the last `window - 1` by a slice, and a slice of
    the last none is everything.

    Example:
        >>> tokens_in_window(1000, 128), tokens_in_window(1000, 1), tokens_in_window(1000, None)
        (127, 1000, 1000)
    """
    return min(seq_length, window - 1) if window is not None and window > 1 else seq_length


def check_window(window: int) -> None:
    """Whether a window holds a token at all.

    Raises:
        ValueError: It holds none, not even the newest.
    """
    if window < 1:
        raise ValueError(f"a window of {window} tokens")
