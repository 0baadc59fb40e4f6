"""What stands for keys and values in less room, and what finds the tokens that matter."""

from __future__ import annotations

from dataclasses import dataclass

from budsim_widgets.architectures.cache.attention import SlidingWindowCache
from budsim_widgets.architectures.cache.base import LayerCache, check_window, tokens_in_window


@dataclass(frozen=True, kw_only=True)
class LatentCache(LayerCache):
    """Multi-head latent attention: one compressed vector a token, shared by all heads.

    `n · (kv_lora_rank + rope_dim)`; where a sparse-attention indexer keeps its keys, they are a state of
    `n · index_head_dim`, which stays in the model's format when keys and values are quantized.

    Example:
        DeepSeek-V3, one layer, 1,000 tokens.

        >>> LatentCache(kv_lora_rank=512, rope_head_dim=64).kv_elements(1000, 0)
        576000
    """

    kv_lora_rank: int
    rope_head_dim: int
    index_head_dim: int = 0
    window: int | None = None

    def __post_init__(self) -> None:
        if self.window is not None:
            check_window(self.window)

    def kv_elements(self, seq_length: int, encoder_length: int) -> int:  # noqa: ARG002 - the interface
        """Elements of latents after `seq_length` tokens: of the last `window - 1` ones, where there is a window."""
        return tokens_in_window(seq_length, self.window) * (self.kv_lora_rank + self.rope_head_dim)

    def passed_kv_elements(self, seq_length: int) -> int:
        """Elements of the tokens before the window."""
        return seq_length * (self.kv_lora_rank + self.rope_head_dim) - self.kv_elements(seq_length, 0)

    def state_elements(self, seq_length: int) -> int:
        """Elements of the indexer's keys after `seq_length` tokens."""
        return seq_length * self.index_head_dim


@dataclass(frozen=True, kw_only=True)
class IndexCache(LayerCache):
    """The keys by which an indexer finds the tokens that matter: `n · head_dim`.

    They stand beside the layer's own keys and values, or alone where a layer reads those of another.

    Attributes:
        is_fp32: Whether they are kept in fp32, where their rotation isn't cast back; else in the model's format.
    """

    index_head_dim: int
    is_fp32: bool = False

    def state_elements(self, seq_length: int) -> int:
        """Elements of the indexer's keys after `seq_length` tokens, in the model's format."""
        return 0 if self.is_fp32 else seq_length * self.index_head_dim

    def growing_fp32_elements(self, seq_length: int) -> int:
        """Elements of the indexer's keys after `seq_length` tokens, in fp32."""
        return seq_length * self.index_head_dim if self.is_fp32 else 0


@dataclass(frozen=True, kw_only=True)
class CompressedCache(SlidingWindowCache):
    """The keys of a window, which serve as values too, and behind it one entry for every `rate` tokens.

    Tokens that don't fill an entry yet wait as keys and gates; these, and the entries, are state that grows with the
    length, in the model's format. Overlapping entries are made of two halves, so that a token waits twice as wide,
    and the last full entry's tokens are kept for the next one: their keys in the model's format, their gates in fp32,
    since the bias of a position that is added to them is (`overlap_gate` of transformers 5.24).

    Attributes:
        rate: Tokens that become one entry.
        entry_dims: Dimension of an entry, for each kind of entry (attention's, the indexer's).
        overlaps: Whether an entry reaches into the tokens of the one before.

    Example:
        >>> CompressedCache(
        ...     window=128, num_attention_heads=64, num_key_value_heads=1, key_head_dim=512, value_head_dim=0,
        ...     rate=128, entry_dims=(512,), overlaps=False
        ... ).state_elements(1000)
        110080
    """

    rate: int
    entry_dims: tuple[int, ...]
    overlaps: bool

    def state_elements(self, seq_length: int) -> int:
        """Elements of entries, and of the tokens that wait to become one."""
        entries, waiting = divmod(seq_length, self.rate)
        per_token = 4 if self.overlaps else 2
        return sum(self.entry_dims) * (entries + per_token * waiting + self._overlapping(entries))

    def growing_fp32_elements(self, seq_length: int) -> int:
        """Elements of the gates that are kept for the next entry."""
        return sum(self.entry_dims) * self._overlapping(seq_length // self.rate)

    def _overlapping(self, entries: int) -> int:
        """Tokens that are kept of the last full entry."""
        return self.rate if self.overlaps and entries else 0
