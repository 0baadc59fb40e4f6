"""Scales of a quantized cache in the files of a model: one for the keys and one for the values of each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.cache import AttentionCache, CrossAttentionCache, LatentCache
from budsim_widgets.formats.stored_tensor import FP32_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache

_KEYS_AND_VALUES: Final = 2
_FIELDS: Final = ("kv_cache_scheme", "kv_cache_quant_algo")
_PER_HEAD: Final = "attn_head"


def cache_scale_bytes(architecture: Architecture) -> int:
    """The most that the scales of keys and values take in files whose config declares a quantized cache.

    Model Optimizer writes fp32, compressed-tensors the model's 16 bits, and both leave out what wasn't calibrated: the
    files of a model may hold none.

    Example:
        32 layers with a scale for keys and one for values, 4 bytes each.

        >>> from budsim_widgets.architectures import build
        >>> cache_scale_bytes(build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "quantization_config": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}}))
        256

    Source: `_KV_CACHE_REPLACEMENTS` of Model Optimizer 0.47; `initialize_attn_qparams` of compressed-tensors 0.20.
    """
    schemes = [scheme for place in _places(architecture.config) for scheme in map(place.get, _FIELDS)]
    held = [scheme for scheme in schemes if scheme and not _is_dynamic(scheme)]
    if not held:
        return 0
    is_per_head = any(isinstance(scheme, dict) and scheme.get("strategy") == _PER_HEAD for scheme in held)
    scales = sum(number * _scales(cache, is_per_head=is_per_head) for cache, number in architecture.layer_caches)
    return _KEYS_AND_VALUES * FP32_BYTES * scales


def _places(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Where a config declares its quantization, and what it wraps."""
    for name in ("quantization_config", "compression_config", "quantization"):
        place = config.get(name)
        if isinstance(place, dict):
            yield place
            if isinstance(place.get("quantization"), dict):
                yield place["quantization"]


def _is_dynamic(scheme: object) -> bool:
    return isinstance(scheme, dict) and scheme.get("dynamic") is True


def _scales(cache: LayerCache, *, is_per_head: bool) -> int:
    """How many scales the keys of a layer have: one, or one for each head; none where it attends to no cache."""
    if isinstance(cache, AttentionCache) and not isinstance(cache, CrossAttentionCache):
        return cache.num_key_value_heads if is_per_head else 1
    return int(isinstance(cache, LatentCache))
