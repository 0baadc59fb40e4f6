"""AI2's Molmo, as its code beside the weights has it.

Its config says nothing of what sees: a CLIP of 336 pixels, of which 23 layers stay, as its code declares. Of
Molmo-7B-D, 8,021,025,280 parameters follow; a published file in NF4 (6,661,964,712 bytes) holds just so many, but for
some records of each quantized layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import layer_norm, linear, mixture_of_experts, mlp, rms_norm
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.parts import Module, Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.architecture import Basis
    from budsim_widgets.architectures.config import Config


def _is_confirmed(c: Config) -> bool:
    """Whether it is built as Molmo-7B-D is; nothing published confirms the one on OLMo and the one with experts."""
    return c.get("layer_norm_type") == "rms" and not any(map(c.get, ("attention_layer_norm", "moe_num_experts")))


def _basis(c: Config) -> Basis:
    return "exact" if _is_confirmed(c) else "estimate"


def _notes(c: Config) -> tuple[str, ...]:
    return () if _is_confirmed(c) else unconfirmed_notes(c)


@family("molmo", "MolmoForCausalLM", kind="multimodal", basis=_basis, notes=_notes)
def molmo(c: Config) -> Module:
    """Fused projections; tokens of pictures have a table of their own."""
    hidden_size, num_key_value_heads, gated = c.hidden_size, c.num_key_value_heads, c.intermediate_size
    head_dim = hidden_size // c.num_attention_heads
    has_norms = c.get("attention_layer_norm")
    layer = fused_attention(
        hidden_size,
        c.num_attention_heads,
        num_key_value_heads,
        head_dim,
        bias=bool(c.get("qkv_bias")),
        out_bias=False,
        names=("att_proj", "attn_out"),
        q_norm=rms_norm(hidden_size) if has_norms else None,
        k_norm=rms_norm(num_key_value_heads * head_dim) if has_norms else None,
        attn_norm=rms_norm(hidden_size),
        ff_norm=rms_norm(hidden_size),
    )
    layer = extended(layer, _feed_forward(c))
    rows = c.get("embedding_size") or c.vocab_size
    tables = {
        "embedding": Weight((rows, hidden_size), "embedding"),
        "new_embedding": Weight((128, hidden_size), "embedding"),
    }
    text = module(
        wte=module(tables),
        blocks=repeat(c.num_hidden_layers, layer),
        ln_f=rms_norm(hidden_size),
        ff_out=linear(hidden_size, rows, role="head"),
    )
    return module(model=module(transformer=text, vision_backbone=_clip(hidden_size, gated // 2)))


def _feed_forward(c: Config) -> dict[str, Module]:
    """`intermediate_size` counts gate and way up together, of each expert in the model that has some."""
    hidden_size, gated, num_experts = c.hidden_size, c.intermediate_size, c.get("moe_num_experts")
    if not num_experts:
        return {"ff_proj": linear(hidden_size, gated), "ff_out": linear(gated // 2, hidden_size)}
    return {"ffn": mixture_of_experts(hidden_size, num_experts, c.get("moe_top_k", 8), gated // 2)}


def _clip(text_hidden_size: int, intermediate_size: int) -> Module:
    """CLIP with a width of 1,024; two of its layers are pooled, and projected as a feed-forward block is."""
    width, read = 1024, 2 * 1024
    attention_parts = {name: linear(width, width, bias=True) for name in ("wq", "wk", "wv", "wo")}
    layer = module(
        attention=module(attention_parts),
        feed_forward=mlp(width, 4 * width, names=("w1", "w2")),
        attention_norm=layer_norm(width),
        ffn_norm=layer_norm(width),
    )
    return module(
        image_vit=module(
            class_embedding=Weight((width,)),
            positional_embedding=Weight((577, width)),
            patch_embedding=linear(14 * 14 * 3, width),
            pre_ln=layer_norm(width),
            transformer=module(resblocks=repeat(23, layer)),
        ),
        pad_embed=Weight((2, read)),
        image_pooling_2d=module(
            {name: linear(read, width, bias=True) for name in ("wq", "wk", "wv")}, wo=linear(width, width, bias=True)
        ),
        image_projector=module(
            w1=linear(width, intermediate_size),
            w3=linear(width, intermediate_size),
            w2=linear(intermediate_size, text_hidden_size),
        ),
    )
