"""What both Inklings share: attention with relative positions, short convolutions, and their frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import depthwise_conv, embedding, linear, rms_norm
from budsim_widgets.architectures.blocks.models import given_layer_types, head
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.parts import Weight, extended, module

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part, Stack


def inkling_model(c: Config, layers: Stack, **more: Module) -> Module:
    """A normed embedding, layers, a norm, and a head of its own."""
    embed = extended(embedding(c.vocab_size, c.hidden_size), {"embed_norm": rms_norm(c.hidden_size)})
    return module(
        model=module(more, embed_tokens=embed, layers=layers, norm=rms_norm(c.hidden_size)), lm_head=head(c, tied=False)
    )


def inkling_layer_types(c: Config) -> list[str]:
    """Layers have a window as their kinds or places are listed, or all but each sixth."""
    local = set(c.get("local_layer_ids", (index for index in range(c.num_hidden_layers) if (index + 1) % 6)))
    default = ["hybrid_sliding" if index in local else "hybrid" for index in range(c.num_hidden_layers)]
    return given_layer_types(c, "hybrid_sliding", "hybrid") or default


def heads_of(c: Config, kind: str) -> tuple[int, int, int]:
    """Query heads, key and value heads, and dimension of a head; layers with a window have their own."""
    own = "swa_" if kind == "hybrid_sliding" else ""
    names = ("num_attention_heads", "num_key_value_heads", "head_dim")
    num_attention_heads, num_key_value_heads, head_dim = (getattr(c, own + name) for name in names)
    return num_attention_heads, num_key_value_heads, head_dim


def inkling_attention(c: Config, kind: str, convolved: Module, **more: Part | None) -> Module:
    """Attention with a learned weight for each distance; keys and values are convolved along the tokens.

    Args:
        c: The config.
        kind: `hybrid_sliding` for a layer with a window.
        convolved: The convolution of the keys, and of the values.
        more: Further parts, such as `q_norm`.
    """
    num_attention_heads, num_key_value_heads, head_dim = heads_of(c, kind)
    window = c.sliding_window_size if kind == "hybrid_sliding" else None
    usual = attention(
        c.hidden_size,
        num_attention_heads,
        num_key_value_heads,
        head_dim,
        window=window,
        r_proj=linear(c.hidden_size, num_attention_heads * c.d_rel),
        rel_logits_proj=module(proj=Weight((c.d_rel, c.rel_extent if window is None else window))),
        k_sconv=convolved,
        v_sconv=convolved,
    )
    return extended(usual, more)


def inkling_short_conv(hidden_size: int, kernel: int) -> Module:
    """A convolution along the last tokens, which are kept in fp32."""
    return module(
        conv1d=depthwise_conv(hidden_size, kernel, bias=False),
        cache=StateCache(recurrent_elements=hidden_size * kernel),
    )
