"""Keys and values, of all tokens or of some."""

from __future__ import annotations

from dataclasses import dataclass

from budsim_widgets.architectures.cache.base import LayerCache, check_window, tokens_in_window


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
        """Elements that one token adds."""
        return self.num_key_value_heads * (self.key_head_dim + self.value_head_dim)

    def held_tokens(self, seq_length: int) -> int:
        """Tokens whose keys and values are kept after `seq_length` of them."""
        return seq_length

    def kv_elements(self, seq_length: int, encoder_length: int) -> int:  # noqa: ARG002 - the interface
        """Elements of keys and values after `seq_length` tokens."""
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
        check_window(self.window)

    def held_tokens(self, seq_length: int) -> int:
        """Tokens whose keys and values are kept after `seq_length` of them."""
        return tokens_in_window(seq_length, self.window)

    def passed_kv_elements(self, seq_length: int) -> int:
        """Elements of the tokens before the window."""
        return (seq_length - self.held_tokens(seq_length)) * self.elements_per_token


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
        """Elements that one token adds in all passes."""
        return self.passes * self.num_key_value_heads * (self.key_head_dim + self.value_head_dim)


@dataclass(frozen=True, kw_only=True)
class CrossAttentionCache(AttentionCache):
    """Keys and values of the encoder's tokens, or of `fixed_tokens` where the encoder always yields as many."""

    fixed_tokens: int | None = None

    def kv_elements(self, seq_length: int, encoder_length: int) -> int:  # noqa: ARG002 - the interface
        """Elements of keys and values for the encoder's tokens."""
        tokens = encoder_length if self.fixed_tokens is None else self.fixed_tokens
        return tokens * self.elements_per_token


@dataclass(frozen=True, kw_only=True)
class StreamingEncoderCache(LayerCache):
    """Keys and values of an encoder that listens while the decoder writes: some frames for each token.

    Attributes:
        num_heads: Heads of the encoder.
        head_dim: Dimension of a key, and of a value.
        frames_per_token: Frames that the encoder hears for each token.
        window: Frames that one attends to, itself included; None for all.

    Example:
        >>> StreamingEncoderCache(num_heads=32, head_dim=64, frames_per_token=4, window=750).kv_elements(1000, 0)
        3067904
    """

    num_heads: int
    head_dim: int
    frames_per_token: int
    window: int | None

    def kv_elements(self, seq_length: int, encoder_length: int) -> int:  # noqa: ARG002 - the interface
        """Elements of keys and values after `seq_length` tokens."""
        num_frames = self.frames_per_token * seq_length
        return tokens_in_window(num_frames, self.window) * 2 * self.num_heads * self.head_dim
