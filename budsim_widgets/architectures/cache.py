"""What a layer keeps for every sequence between tokens.

Keys and values grow with the tokens; recurrent and convolution states don't. The rules and the widths are measured on
the caches that transformers 5.23 holds: keys, values and convolution states in the model's format (or the KV cache's
own), recurrent states in fp32 whatever the model's format.
"""

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
        """Numbers of keys and values after `seq_length` tokens."""
        return 0

    def state_elements(self, seq_length: int) -> int:  # noqa: ARG002 - the interface
        """Numbers of state in the model's own format after `seq_length` tokens."""
        return 0

    @property
    def fp32_elements(self) -> int:
        """Numbers of state in fp32, whatever the model's format."""
        return 0

    def growing_fp32_elements(self, seq_length: int) -> int:  # noqa: ARG002 - the interface
        """Numbers in fp32 that `seq_length` tokens add, whatever the model's format."""
        return 0

    @property
    def bytes_for_all(self) -> int:
        """Bytes that are kept once, however many sequences there are."""
        return 0


@dataclass(frozen=True, kw_only=True)
class AttentionCache(LayerCache):
    """Keys and values of every token: `n · kv_heads · (key_dim + value_dim)`.

    Attributes:
        num_attention_heads: Query heads; says whether it is MHA, GQA or MQA, and takes no memory here.

    Example:
        Llama-3.1-8B, one layer, 8,192 tokens: 8192 · 8 · (128 + 128) numbers.

        >>> AttentionCache(
        ...     num_attention_heads=32, num_key_value_heads=8, key_head_dim=128, value_head_dim=128
        ... ).kv_elements(8192, 0)
        16777216
    """

    num_attention_heads: int
    num_key_value_heads: int
    key_head_dim: int
    value_head_dim: int

    @property
    def elements_per_token(self) -> int:
        """Numbers that one token adds."""
        return self.num_key_value_heads * (self.key_head_dim + self.value_head_dim)

    def held_tokens(self, seq_length: int) -> int:
        """Tokens whose keys and values are kept after `seq_length` of them."""
        return seq_length

    def kv_elements(self, seq_length: int, encoder_length: int) -> int:  # noqa: ARG002 - the interface
        """Numbers of keys and values after `seq_length` tokens."""
        return self.held_tokens(seq_length) * self.elements_per_token


@dataclass(frozen=True, kw_only=True)
class SlidingWindowCache(AttentionCache):
    """Keys and values of the last `window - 1` tokens; the newest token is added when it is computed.

    Example:
        >>> SlidingWindowCache(
        ...     window=4096, num_attention_heads=32, num_key_value_heads=8, key_head_dim=128, value_head_dim=128
        ... ).held_tokens(8192)
        4095

    Raises:
        ValueError: The window holds no token, not even the newest.
    """

    window: int

    def __post_init__(self) -> None:
        _check_window(self.window)

    def held_tokens(self, seq_length: int) -> int:
        """Tokens whose keys and values are kept after `seq_length` of them."""
        return tokens_in_window(seq_length, self.window)


@dataclass(frozen=True, kw_only=True)
class PromptedCache(AttentionCache):
    """Keys and values of every token, and of a learned prompt that the model puts in front.

    Attributes:
        prompt_length: Tokens of the prompt.

    Example:
        >>> PromptedCache(
        ...     prompt_length=32, num_attention_heads=32, num_key_value_heads=32, key_head_dim=128, value_head_dim=128
        ... ).held_tokens(1000)
        1032
    """

    prompt_length: int

    def held_tokens(self, seq_length: int) -> int:
        """Tokens whose keys and values are kept after `seq_length` of them."""
        return self.prompt_length + seq_length


@dataclass(frozen=True, kw_only=True)
class FixedLengthCache(AttentionCache):
    """Keys and values of as many tokens whatever was read before, such as the actions that a robot's model plans.

    Attributes:
        tokens: How many.

    Example:
        >>> FixedLengthCache(
        ...     tokens=51, num_attention_heads=8, num_key_value_heads=1, key_head_dim=256, value_head_dim=256
        ... ).held_tokens(1000)
        51
    """

    tokens: int

    def held_tokens(self, seq_length: int) -> int:  # noqa: ARG002 - the interface
        """Tokens whose keys and values are kept after `seq_length` of them."""
        return self.tokens


@dataclass(frozen=True, kw_only=True)
class RepeatedCache(AttentionCache):
    """Keys and values of a layer that every token passes several times, and that keeps those of each pass.

    Attributes:
        passes: How often a token passes the layer.

    Example:
        >>> RepeatedCache(
        ...     passes=6, num_attention_heads=12, num_key_value_heads=12, key_head_dim=128, value_head_dim=128
        ... ).elements_per_token
        18432
    """

    passes: int

    @property
    def elements_per_token(self) -> int:
        """Numbers that one token adds in all passes."""
        return self.passes * self.num_key_value_heads * (self.key_head_dim + self.value_head_dim)


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
            _check_window(self.window)

    def kv_elements(self, seq_length: int, encoder_length: int) -> int:  # noqa: ARG002 - the interface
        """Numbers of latents after `seq_length` tokens: of the last `window - 1` ones, where there is a window."""
        return tokens_in_window(seq_length, self.window) * (self.kv_lora_rank + self.rope_head_dim)

    def state_elements(self, seq_length: int) -> int:
        """Numbers of the indexer's keys after `seq_length` tokens."""
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
        """Numbers of the indexer's keys after `seq_length` tokens, in the model's format."""
        return 0 if self.is_fp32 else seq_length * self.index_head_dim

    def growing_fp32_elements(self, seq_length: int) -> int:
        """Numbers of the indexer's keys after `seq_length` tokens, in fp32."""
        return seq_length * self.index_head_dim if self.is_fp32 else 0


@dataclass(frozen=True, kw_only=True)
class CrossAttentionCache(AttentionCache):
    """Keys and values of the encoder's tokens, or of `fixed_tokens` where the encoder always yields as many."""

    fixed_tokens: int | None = None

    def kv_elements(self, seq_length: int, encoder_length: int) -> int:  # noqa: ARG002 - the interface
        """Numbers of keys and values for the encoder's tokens."""
        tokens = encoder_length if self.fixed_tokens is None else self.fixed_tokens
        return tokens * self.elements_per_token


@dataclass(frozen=True, kw_only=True)
class ListeningCache(LayerCache):
    """Keys and values of an encoder that listens while the decoder writes: some frames for each token.

    Attributes:
        num_heads: Heads of the encoder.
        head_dim: Numbers a key, and a value.
        frames_per_token: Frames that the encoder hears for each token.
        window: Frames that one sees, itself included; None for all.

    Example:
        >>> ListeningCache(num_heads=32, head_dim=64, frames_per_token=4, window=750).kv_elements(1000, 0)
        3067904
    """

    num_heads: int
    head_dim: int
    frames_per_token: int
    window: int | None

    def kv_elements(self, seq_length: int, encoder_length: int) -> int:  # noqa: ARG002 - the interface
        """Numbers of keys and values after `seq_length` tokens."""
        heard = self.frames_per_token * seq_length
        return tokens_in_window(heard, self.window) * 2 * self.num_heads * self.head_dim


@dataclass(frozen=True, kw_only=True)
class HiddenStateCache(LayerCache):
    """What a layer was given of every token, from which it makes keys and values anew, and the tokens' hashes.

    Attributes:
        size: Numbers that a layer is given of a token.
        num_hashes: Hashes of a token, whole numbers of eight bytes.
        hashed_from: Tokens from which on they are hashed; fewer are all compared with each other.

    Example:
        >>> HiddenStateCache(size=1024, num_hashes=8, hashed_from=65).state_elements(1000)
        1024000
    """

    size: int
    num_hashes: int = 0
    hashed_from: int = 0

    def state_elements(self, seq_length: int) -> int:
        """Numbers that the layer was given of `seq_length` tokens."""
        return seq_length * self.size

    def growing_fp32_elements(self, seq_length: int) -> int:
        """The hashes, each as wide as two numbers in fp32."""
        return 2 * seq_length * self.num_hashes if seq_length >= self.hashed_from else 0


@dataclass(frozen=True, kw_only=True)
class StateCache(LayerCache):
    """A state of fixed size: the last inputs of a convolution, and what a recurrence carries on.

    Attributes:
        conv_elements: Numbers in the model's format.
        recurrent_elements: Numbers in fp32.
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
        """Numbers of state in the model's own format; as many after any number of tokens."""
        return self.conv_elements

    @property
    def fp32_elements(self) -> int:
        """Numbers of state in fp32, whatever the model's format."""
        return self.recurrent_elements

    @property
    def bytes_for_all(self) -> int:
        """Bytes that are kept once, however many sequences there are."""
        return self.shared_bytes


@dataclass(frozen=True, kw_only=True)
class CompressedCache(SlidingWindowCache):
    """The keys of a window, which serve as values too, and behind it one entry for every `rate` tokens.

    Tokens that don't fill an entry yet wait as keys and gates; these, and the entries, are state that grows with the
    length, in the model's format. Overlapping entries are made of two halves, so that a token waits twice as wide,
    and the last full entry's tokens are kept for the next one.

    Attributes:
        rate: Tokens that become one entry.
        entry_dims: Numbers an entry, for each kind of entry (attention's, the indexer's).
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
        """Numbers of entries, and of the tokens that wait to become one."""
        entries, waiting = divmod(seq_length, self.rate)
        per_token = 4 if self.overlaps else 2
        kept = 2 * self.rate if self.overlaps and entries else 0
        return sum(self.entry_dims) * (entries + per_token * waiting + kept)


def tokens_in_window(seq_length: int, window: int | None) -> int:
    """Tokens that are kept of `seq_length`: the last `window - 1` ones, all where there is no window.

    A window of one token keeps them all as well: transformers takes the last `window - 1` by a slice, and a slice of
    the last none is everything.

    Example:
        >>> tokens_in_window(1000, 128), tokens_in_window(1000, 1), tokens_in_window(1000, None)
        (127, 1000, 1000)
    """
    return min(seq_length, window - 1) if window is not None and window > 1 else seq_length


def _check_window(window: int) -> None:
    if window < 1:
        raise ValueError(f"a window of {window} tokens")
