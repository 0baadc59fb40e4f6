"""The text layers of Inkling 2: gated attention with sinks, experts, a choice of earlier blocks before every block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.inkling import heads_of, inkling_short_conv
from budsim_widgets.architectures.blocks.layers import embedding, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, extended, module

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part, Stack


def inkling2_model(c: Config, layers: Stack, **more: Part) -> Module:
    """A normed embedding, layers, a norm, and a head of its own, without the rows that only fill the vocabulary up.

    Args:
        c: The config: `vocab_size`, `unpadded_vocab_size`, `hidden_size`.
        layers: The layers.
        more: Further parts beside the embedding.
    """
    hidden_size = c.hidden_size
    choice = module(query=Weight((hidden_size,)))
    embed_tokens = extended(embedding(c.vocab_size, hidden_size), {"embed_norm": rms_norm(hidden_size)})
    return module(
        model=module(
            {
                "embed_tokens": embed_tokens,
                "layers": layers,
                "norm": rms_norm(hidden_size),
                "final_input": choice,
                **more,
            }
        ),
        lm_head=linear(hidden_size, c.unpadded_vocab_size, role="head"),
    )


def padded_head_notes(c: Config) -> tuple[str, ...]:
    """That files hold the head with the rows that fill the vocabulary up; transformers drops them while it loads."""
    text = c.get("text_config", c)
    spare = text.vocab_size - text.unpadded_vocab_size
    if spare <= 0:
        return ()
    size = spare * text.hidden_size
    return (f"Files hold {spare:,} rows more of the head ({size:,} parameters), which transformers drops on load.",)


def inkling2_layer(c: Config, kind: str, *, is_first: bool, **more: Part) -> Module:
    """Layers without a window pick the inputs of queries, keys and values apart; the first layer has no choice.

    Args:
        c: The config.
        kind: `hybrid_sliding` for a layer with a window, or `hybrid`.
        is_first: Whether it is the first layer.
        more: Further parts.
    """
    hidden_size = c.hidden_size
    short, norm = inkling_short_conv(hidden_size, c.conv_kernel_size), rms_norm(hidden_size)
    choice, is_sliding = module(query=Weight((hidden_size,))), kind == "hybrid_sliding"
    inputs = ("",) if is_sliding else ("q_", "k_", "v_")
    attention_input = choice if is_sliding else module(query=Weight((3, hidden_size)))
    return module(
        {**more, **{f"{name}input_layernorm": norm for name in inputs}},
        attention_input=None if is_first else attention_input,
        mlp_input=choice,
        self_attn=_attention(c, kind),
        mlp=mixture_of_experts(hidden_size, c.n_routed_experts, c.num_experts_per_tok, c.moe_intermediate_size),
        post_attention_layernorm=norm,
        post_attention_convolution=short,
        post_mlp_convolution=short,
    )


def check_widths(c: Config) -> None:
    """Whether the tower ends as wide as the text.

    Raises:
        ConfigError: `INCONSISTENT`, where it doesn't.
    """
    tower, text = c.vision_config.text_hidden_size, c.text_config.hidden_size
    if tower != text:
        message = f"The tower ends with a `text_hidden_size` of {tower}, but the text has a `hidden_size` of {text}."
        raise inconsistent("text_hidden_size", message)


def _attention(c: Config, kind: str) -> Module:
    num_attention_heads, num_key_value_heads, head_dim = heads_of(c, kind)
    hidden_size, width = c.hidden_size, num_attention_heads * head_dim
    window = c.sliding_window_size if kind == "hybrid_sliding" else None
    kept = module(
        linear=linear(hidden_size, num_key_value_heads * head_dim),
        sconv=_dynamic_conv(c, num_key_value_heads, head_dim)
        if window is None
        else inkling_short_conv(num_key_value_heads * head_dim, c.conv_kernel_size),
    )
    return module(
        q_proj=_normed(linear(hidden_size, width), num_attention_heads, head_dim),
        k_proj=kept,
        v_proj=kept,
        o_proj=module(gate_proj=linear(hidden_size, width), linear=linear(width, hidden_size)),
        sink_proj=linear(hidden_size, num_attention_heads),
        relative_position_bias=_normed(
            linear(hidden_size, num_attention_heads * c.d_rel),
            num_attention_heads,
            c.d_rel,
            proj=Weight((c.d_rel, c.rel_extent if window is None else window)),
        ),
        cache=kv_cache(num_attention_heads, num_key_value_heads, head_dim, window=window),
    )


def _normed(projection: Module, num_heads: int, dim: int, **more: Part) -> Module:
    """A projection whose result is scaled and clipped head by head."""
    return module({"linear": projection, "norm": module(scale=Weight((num_heads, dim))), **more})


def _dynamic_conv(c: Config, num_key_value_heads: int, head_dim: int) -> Module:
    """A convolution along the last tokens whose weights are in part each token's own."""
    channels, kernel = num_key_value_heads * head_dim, c.conv_kernel_size
    return module(
        static_weight=Weight((kernel, channels)),
        weight_proj=linear(c.hidden_size, num_key_value_heads * kernel),
        cache=StateCache(recurrent_elements=channels * kernel),
    )
