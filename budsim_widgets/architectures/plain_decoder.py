"""Which configs of undescribed types speak of plain attention: its keys and values are the least that a layer keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLASSES: Final = ("ForCausalLM", "LMHeadModel")
_FULL, _WINDOWED = frozenset({"attention", "full_attention"}), "sliding_attention"
_WINDOW_WORDS: Final = frozenset({"window", "sliding"})
_OTHER_WORDS: Final = frozenset(
    (
        # keys and values as one narrower vector, or of another width than the queries'
        *("lora", "latent", "mla", "nope", "compress", "compressed", "compression", "v", "channels"),
        # fewer heads or layers that keep something than there are
        *("kv", "multi", "group", "groups", "query", "shared", "share", "index", "indexer"),
        # fewer tokens than there are, by names that don't say which layer does
        *("swa", "local", "chunk", "chunked"),
        # states in place of keys and values
        *("mamba", "mamba2", "ssm", "state", "states", "conv", "recurrent", "rnn", "lru", "linear", "delta", "kda"),
        *("rwkv", "wkv", "retention", "hybrid", "block", "blocks", "mem", "mems", "memory", "lightning"),
        # tokens of an encoder, or an encoder that keeps nothing
        *("encoder", "cross", "bidirectional", "type"),
    )
)
"""Words of the names of fields that, where they are set, say that a layer may keep something else."""

_OF_EXPERTS: Final = frozenset({"expert", "experts", "moe"})
_OF_TOKENS: Final = frozenset({"token"})
_HARMLESS: Final = frozenset(
    {"model_type", "is_encoder_decoder", "num_key_value_heads", "query_pre_attn_scalar", "block_size"}
    | {"n_group", "topk_group"}
)
"""Fields with such a word that say nothing of the cache, or (`num_key_value_heads`) what is asked for."""


def is_plain_decoder(fields: Mapping[str, Any]) -> bool:
    """Whether a config speaks of a decoder all of whose layers keep the keys and values of all tokens.

    Its class is a causal one that keeps a cache, it names its heads, and no field that is set speaks of latent keys, of
    states, an encoder, windows of layers that it doesn't list, or of keys that are shared otherwise than by
    `num_key_value_heads`.

    Args:
        fields: A config, with its fields under their usual names.

    Example:
        >>> known = {"architectures": ["NewForCausalLM"], "use_cache": True, "num_attention_heads": 8}
        >>> is_plain_decoder(known), is_plain_decoder({**known, "kv_lora_rank": 512})
        (True, False)
    """
    named = fields.get("architectures")
    is_causal = isinstance(named, list) and bool(named) and str(named[0]).endswith(_CLASSES)
    if not (is_causal and fields.get("use_cache") is True and type(fields.get("num_attention_heads")) is int):
        return False
    if "is_decoder" in fields and fields["is_decoder"] is not True:  # a field that models have which can be encoders
        return False
    words = _OTHER_WORDS if _knows_windows(fields) else _OTHER_WORDS | _WINDOW_WORDS
    if not _are_known(fields.get("layer_types"), fields.get("sliding_window")):
        return False
    return not any(value and _says(name, value, words) for name, value in fields.items())


def _knows_windows(fields: Mapping[str, Any]) -> bool:
    """Whether a config says of each layer whether it has a window, or that none has."""
    return isinstance(fields.get("layer_types"), list) or fields.get("use_sliding_window") is False


def _are_known(kinds: Any, window: Any) -> bool:
    """Whether all kinds of layer that a config lists attend, to everything or to a window of a size that it says."""
    known = _FULL | {_WINDOWED} if type(window) is int else _FULL
    return not isinstance(kinds, list) or known.issuperset(map(str, kinds))


def _says(name: str, value: Any, words: frozenset[str]) -> bool:
    """Whether a field is a part with a config of its own, or its name has one of these words."""
    if name in _HARMLESS:
        return False
    own = name.lower().split("_")
    if not (_OF_EXPERTS | _OF_TOKENS).isdisjoint(own):
        return False
    is_part = isinstance(value, dict) and name.endswith("_config") and name != "quantization_config"
    return is_part or not words.isdisjoint(own)
