"""OpenELM, whose code lies beside its weights on the Hub: every layer has numbers of heads and a width of its own.

No published config was at hand to confirm it: an estimate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import embedding, linear, rms_norm
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import extended, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("openelm", "OpenELMForCausalLM", basis="estimate", notes=unconfirmed_notes)
def openelm(c: Config) -> Module:
    """Norms of queries and keys, a gated feed-forward block whose two inner projections are one, a tied head."""
    width, head_dim = c.model_dim, c.head_dim
    lists = (c.num_query_heads, c.num_kv_heads, c.ffn_multipliers)
    if not all(isinstance(items, list) and len(items) == c.num_transformer_layers for items in lists):
        raise inconsistent("num_transformer_layers", "The lists of heads and widths don't have an item a layer.")

    def layer(heads: int, kv_heads: int, multiplier: float) -> Module:
        inner = _divisible(multiplier * width, c.get("ffn_dim_divisor", 256))
        norm = rms_norm(head_dim) if c.get("normalize_qk_projections", True) else None
        attn = fused_attention(width, heads, kv_heads, head_dim, names=("qkv_proj", "out_proj"))
        return module(
            attn=extended(attn, {"q_norm": norm, "k_norm": norm}),
            ffn=module(proj_1=linear(width, 2 * inner), proj_2=linear(inner, width)),
            attn_norm=rms_norm(width),
            ffn_norm=rms_norm(width),
        )

    return module(
        transformer=module(
            token_embeddings=embedding(c.vocab_size, width),
            layers=stack(list(zip(*lists, strict=True)), layer),
            norm=rms_norm(width),
        ),
        lm_head=None if c.get("share_input_output_layers", True) else linear(width, c.vocab_size, role="head"),
    )


def _divisible(value: float, divisor: int) -> int:
    """The nearest multiple of a divisor, and not a tenth less. Source: `make_divisible` of apple/OpenELM-3B.

    Example:
        >>> _divisible(0.5 * 3072, 256), _divisible(0.6 * 3072, 256)
        (1536, 1792)
    """
    nearest = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * value else nearest
