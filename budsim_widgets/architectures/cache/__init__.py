"""What a layer keeps for every sequence between tokens.

Keys and values grow with the tokens; recurrent and convolution states don't. The rules and the widths are measured on
the caches that transformers 5.24 holds: keys, values and convolution states in the model's format (or the KV cache's
own), recurrent states in fp32 whatever the model's format.
"""

from __future__ import annotations

from budsim_widgets.architectures.cache.attention import (
    AttentionCache,
    CrossAttentionCache,
    FixedLengthCache,
    PromptedCache,
    RepeatedCache,
    SlidingWindowCache,
    StreamingEncoderCache,
)
from budsim_widgets.architectures.cache.base import FP32_BYTES, CacheSize, LayerCache, tokens_in_window
from budsim_widgets.architectures.cache.compressed import CompressedCache, IndexCache, LatentCache
from budsim_widgets.architectures.cache.state import HiddenStateCache, StateCache

__all__ = [
    "FP32_BYTES",
    "AttentionCache",
    "CacheSize",
    "CompressedCache",
    "CrossAttentionCache",
    "FixedLengthCache",
    "HiddenStateCache",
    "IndexCache",
    "LatentCache",
    "LayerCache",
    "PromptedCache",
    "RepeatedCache",
    "SlidingWindowCache",
    "StateCache",
    "StreamingEncoderCache",
    "tokens_in_window",
]
