"""What one layer keeps, as vLLM counts it: pages of a block of tokens, and blocks for each request.

A class for each kind of layer, named as in `vllm/v1/kv_cache_interface.py` (0.33), where every rule comes from.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.formats.stored_tensor import ceil_div

if TYPE_CHECKING:
    from typing_extensions import Self


PACKED_ALIGNMENT: Final = 576
"""Bytes that pages of packed rows are a multiple of (`fp8_ds_mla` of DeepSeek-V4)."""


class RequestLimits(NamedTuple):
    """What a request may hold at most.

    Attributes:
        max_model_len: Tokens of a request, prompt and answer together.
        max_in_flight_tokens: Tokens that are scheduled and not yet settled, of all batches at once.
        max_num_encoder_input_tokens: Tokens of an encoder for one request.
        state_pages: Pages that a state takes for a request: 1, or more where prefixes are cached.
    """

    max_model_len: int
    max_in_flight_tokens: int
    max_num_encoder_input_tokens: int
    state_pages: int = 1


@dataclass(frozen=True, kw_only=True)
class KVCacheSpec:
    """What one layer keeps on one rank.

    Attributes:
        block_size: Tokens of a block.
        page_size_padded: Bytes that a page takes where it is made as large as others; None: what it holds.
    """

    block_size: int
    page_size_padded: int | None = None

    @property
    @abstractmethod
    def unpadded_page_size_bytes(self) -> int:
        """Bytes that a page holds."""

    @property
    def page_size_bytes(self) -> int:
        """Bytes that a page takes."""
        return self.unpadded_page_size_bytes if self.page_size_padded is None else self.page_size_padded

    @abstractmethod
    def blocks_per_request(self, limits: RequestLimits) -> int:
        """Blocks that a request of `max_model_len` tokens takes."""

    def padded(self, page_size_bytes: int) -> Self:
        """The same with a page as large as another's."""
        return replace(self, page_size_padded=page_size_bytes)


@dataclass(frozen=True, kw_only=True)
class AttentionSpec(KVCacheSpec):
    """Keys and values; the heads are those of one rank.

    Attributes:
        element_bytes: Bytes of one number.
    """

    num_kv_heads: int
    head_size: int
    head_size_v: int
    element_bytes: int

    @property
    def unpadded_page_size_bytes(self) -> int:
        """`block_size · heads · (head_size + head_size_v) · bytes`."""
        return self.block_size * self.num_kv_heads * (self.head_size + self.head_size_v) * self.element_bytes


@dataclass(frozen=True, kw_only=True)
class FullAttentionSpec(AttentionSpec):
    """Keys and values of every token.

    Example:
        Llama-3.1-8B, one layer: 16 · 8 · (128 + 128) · 2.

        >>> spec = FullAttentionSpec(block_size=16, num_kv_heads=8, head_size=128, head_size_v=128, element_bytes=2)
        >>> spec.page_size_bytes, spec.blocks_per_request(RequestLimits(8192, 16384, 8192))
        (65536, 512)
    """

    def blocks_per_request(self, limits: RequestLimits) -> int:
        """Blocks for all tokens."""
        return ceil_div(limits.max_model_len, self.block_size)


@dataclass(frozen=True, kw_only=True)
class MLAAttentionSpec(FullAttentionSpec):
    """One latent vector a token, whole on every rank; or what an indexer keeps of a token."""


@dataclass(frozen=True, kw_only=True)
class SlidingWindowSpec(AttentionSpec):
    """Keys and values of a window, and of the tokens in flight, whose blocks are freed only later.

    Example:
        A window of 1,024 with 16,384 tokens in flight holds 17,407 of 32,768; one block more, since a window seldom
        starts where a block does.

        >>> spec = SlidingWindowSpec(
        ...     block_size=16, num_kv_heads=8, head_size=128, head_size_v=128, element_bytes=2, sliding_window=1024
        ... )
        >>> spec.blocks_per_request(RequestLimits(32768, 16384, 8192))
        1089
    """

    sliding_window: int

    def blocks_per_request(self, limits: RequestLimits) -> int:
        """Blocks for the window and the tokens in flight."""
        held = min(self.sliding_window - 1 + limits.max_in_flight_tokens, limits.max_model_len)
        return ceil_div(held, self.block_size) + 1


@dataclass(frozen=True, kw_only=True)
class ChunkedLocalAttentionSpec(AttentionSpec):
    """Keys and values of the chunk that a token stands in, and of the tokens in flight."""

    attention_chunk_size: int

    def blocks_per_request(self, limits: RequestLimits) -> int:
        """Blocks for a chunk and the tokens in flight."""
        held = min(self.attention_chunk_size + limits.max_in_flight_tokens, limits.max_model_len)
        return ceil_div(held, self.block_size)


@dataclass(frozen=True, kw_only=True)
class CrossAttentionSpec(AttentionSpec):
    """Keys and values of what an encoder read."""

    def blocks_per_request(self, limits: RequestLimits) -> int:
        """Blocks for the encoder's tokens."""
        return ceil_div(limits.max_num_encoder_input_tokens, self.block_size)


@dataclass(frozen=True, kw_only=True)
class MambaSpec(KVCacheSpec):
    """A state of fixed size, which takes pages of the same pool.

    Attributes:
        state_bytes: Bytes of the state on one rank.
    """

    state_bytes: int

    @property
    def unpadded_page_size_bytes(self) -> int:
        """The state, whatever the block size."""
        return self.state_bytes

    def blocks_per_request(self, limits: RequestLimits) -> int:
        """Pages for the state."""
        return limits.state_pages


@dataclass(frozen=True, kw_only=True)
class CompressedSpec(KVCacheSpec):
    """Rows that stand for one or several tokens, packed beside those of other layers in one block (DeepSeek-V4).

    Attributes:
        row_bytes: Bytes of a row.
        tokens_per_row: Tokens that one row stands for.
        sliding_window: Tokens that are kept; 0: all.

    Example:
        Four tokens a row of 584 bytes: 64 rows in a block of 256 tokens, padded to a multiple of 576.

        >>> CompressedSpec(block_size=256, row_bytes=584, tokens_per_row=4).page_size_bytes
        37440
    """

    row_bytes: int
    tokens_per_row: int = 1
    sliding_window: int = 0

    @property
    def unpadded_page_size_bytes(self) -> int:
        """The rows of a block, up to a multiple of 576 bytes, which the kernels read at once."""
        rows = self.block_size // self.tokens_per_row
        return ceil_div(rows * self.row_bytes, PACKED_ALIGNMENT) * PACKED_ALIGNMENT

    def blocks_per_request(self, limits: RequestLimits) -> int:
        """Blocks for all tokens, or for the window and the tokens in flight."""
        if not self.sliding_window:
            return ceil_div(limits.max_model_len, self.block_size)
        held = min(self.sliding_window - 1 + limits.max_in_flight_tokens, limits.max_model_len)
        return ceil_div(held, self.block_size) + 1
