"""What attention keeps for the backward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.cache import SlidingWindowCache
from budsim_widgets.architectures.parts import Module
from budsim_widgets.formats.stored_tensor import FP32_BYTES
from budsim_widgets.training.kept import Kept

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import AttentionCache, LatentCache
    from budsim_widgets.architectures.parts import Part
    from budsim_widgets.training.reading import Reading


def masked(reading: Reading, part: Part) -> tuple[int, Kept]:
    """(window, what a layer keeps more once sequences are longer): keys and values of each head, and the mask.

    A fused kernel that is given a mask takes no shared keys, and wants the mask in numbers; flash attention needs
    none.
    """
    if isinstance(part, Module) and not reading.rules.is_eager and not reading.rules.is_flash:
        for cache in part.cache:
            if isinstance(cache, SlidingWindowCache):
                shared = 2 * cache.num_attention_heads - 2 * cache.num_key_value_heads
                width = reading.rules.compute_bytes
                return cache.window, Kept(width * shared * cache.key_head_dim, width)
        for child in part.children.values():
            window, more = masked(reading, child)
            if window:
                return window, more
    return 0, Kept()


def attention_kept(reading: Reading, part: Module, prefix: str, cache: AttentionCache) -> Kept:
    """Attention with keys and values of its own."""
    heads, width = cache.num_attention_heads, reading.rules.compute_bytes
    query = heads * cache.key_head_dim
    keys = cache.num_key_value_heads * cache.key_head_dim
    values = cache.num_key_value_heads * cache.value_head_dim
    result = heads * cache.value_head_dim
    linears = reading.linears(part, prefix)
    into, out = linears[:-1], linears[-1:]
    kept = reading.rules.inputs(into, reads_stream=True) + reading.rules.inputs(out, is_kept_already=True)
    kept += reading.norms(part, prefix, {"q": query, "k": keys})
    # Eager attention and rotations that join parts leave a result that must be laid out anew for the next layer.
    copied = result if reading.rules.keeps_input(out) else 0
    if reading.rules.is_eager:
        return Kept(kept + width * (2 * query + result + copied), _scores(reading, heads))
    is_fused = any(linear.out_features >= query + keys + values for linear in into)
    held = query + keys + values
    if is_fused and not reading.does("unrotated"):
        held += query + keys
    copied = copied if reading.does("rotated_by_cat") and not reading.rules.has_own_layers else 0
    return Kept(kept + width * (held + result + copied) + FP32_BYTES * heads)


def latent_kept(reading: Reading, part: Module, prefix: str, cache: LatentCache) -> Kept:
    """MLA: queries and keys are joined from two parts, the values stay in the output of their projection."""
    width, rules = reading.rules.compute_bytes, reading.rules
    heads = int(reading.config.get("num_attention_heads") or 0)
    nope = int(reading.config.get("qk_nope_head_dim") or 0)
    value_dim = int(reading.config.get("v_head_dim") or nope)
    query = heads * (nope + cache.rope_head_dim)
    result = heads * value_dim
    linears = reading.linears(part, prefix)
    kept = reading.norms(part, prefix, {})
    into = [one for one in linears[:-1] if one.in_features == reading.hidden_size]
    kept += rules.inputs(into, reads_stream=True)
    for linear in linears[:-1]:
        if linear.in_features != reading.hidden_size:
            kept += rules.inputs([linear])
    out = linears[-1:]
    kept += rules.inputs(out, is_kept_already=True)
    if rules.is_eager:
        copied = result if rules.keeps_input(out) else 0
        return Kept(kept + width * (2 * query + result + copied), _scores(reading, heads))
    return Kept(kept + width * (2 * query + heads * (nope + value_dim) + result) + FP32_BYTES * heads)


def _scores(reading: Reading, heads: int) -> float:
    """Eager attention: the softmax in fp32 and its 16-bit copy; capped scores keep the result of their tanh."""
    width = reading.rules.compute_bytes
    capped = width if reading.is_capped("attn_logit_softcapping", "capped_scores") else 0
    if reading.does("scores_in_16_bits"):
        return heads * (width + capped)
    return heads * (FP32_BYTES + (width if width < FP32_BYTES else 0) + capped)
