"""Microsoft's Phi 1 to 3, Phi-3.5-MoE and Phi-3-vision, whose total 4,146,621,440 is as its page publishes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, fused_attention
from budsim_widgets.architectures.blocks.layers import experts, fused_gated_mlp, layer_norm, linear, mlp, router
from budsim_widgets.architectures.blocks.llama import phi3_decoder
from budsim_widgets.architectures.blocks.models import causal_lm, self_attention
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import Module, Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from typing import Any

    from budsim_widgets.architectures.parts import Part


@family("phi", "PhiForCausalLM")
def phi(c: Config) -> Module:
    """Parallel blocks behind one norm, biases everywhere, in the head too."""
    hidden_size = c.hidden_size
    norm = layer_norm(hidden_size // c.num_attention_heads) if c.qk_layernorm else None
    self_attn = attention(
        hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=True,
        names=("q_proj", "k_proj", "v_proj", "dense"),
        q_layernorm=norm,
        k_layernorm=norm,
    )
    layer = module(
        self_attn=self_attn,
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=layer_norm(hidden_size),
    )
    return causal_lm(
        c, repeat(c.num_hidden_layers, layer), norm=layer_norm(hidden_size), norm_name="final_layernorm", head_bias=True
    )


@family("phi3", "Phi3ForCausalLM")
def phi3(c: Config) -> Module:
    """Llama with fused projections."""
    return phi3_decoder(c)


@family("phi3small", "Phi3SmallForCausalLM")
def phi3_small(c: Config) -> Module:
    """8k: 7,392,272,384 parameters, as its page publishes; biases everywhere, and a gate beside the way up."""
    hidden_size, intermediate_size = c.hidden_size, c.get("ff_intermediate_size", c.get("intermediate_size", 14336))
    norm = layer_norm(hidden_size)
    layer = module(
        self_attn=fused_attention(
            hidden_size,
            c.num_attention_heads,
            c.num_key_value_heads,
            c.head_dim,
            bias=True,
            names=("query_key_value", "dense"),
        ),
        mlp=fused_gated_mlp(hidden_size, intermediate_size, bias=True, names=("up_proj", "down_proj")),
        input_layernorm=norm,
        post_attention_layernorm=norm,
    )
    tied = c.changed({"tie_word_embeddings": True, **c.fields})
    return causal_lm(tied, repeat(c.num_hidden_layers, layer), norm=norm, norm_name="final_layernorm")


@family("phimoe", "PhimoeForCausalLM")
@family("phimoe", "PhiMoEForCausalLM")
def phimoe(c: Config) -> Module:
    """Experts in every layer; the window, where set, holds for all layers."""
    hidden_size, count = c.hidden_size, c.num_local_experts
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias, window=c.get("sliding_window")),
        mlp=module(
            router=router(count, hidden_size),
            experts=experts(count, c.num_experts_per_tok, hidden_size, c.intermediate_size),
        ),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=layer_norm(hidden_size), head_bias=c.lm_head_bias)


_CLIP_LARGE_336: dict[str, Any] = {
    "model_type": "clip_vision_model",
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "num_channels": 3,
    "patch_size": 14,
    "image_size": 336,
}
"""The tower that every Phi-3-vision has, whatever its config says."""


@family("phi3_v", "Phi3VForCausalLM", kind="multimodal")
def phi3_v(c: Config) -> Module:
    """Phi 3 with CLIP's patches, four at a time, through two linear layers."""
    text = part_of(c.changed({**c.fields, "model_type": "phi3", "architectures": None}))
    hidden_size, patches = c.hidden_size, 4 * _CLIP_LARGE_336["hidden_size"]
    vision_embeddings: dict[str, Part | None] = {
        "img_processor": module(vision_model=part_of(Config(_CLIP_LARGE_336))),
        "glb_GN": Weight((1, 1, patches)),
        "sub_GN": Weight((1, 1, 1, patches)),
        "img_projection": module(
            {"0": linear(patches, hidden_size, bias=True), "2": linear(hidden_size, hidden_size, bias=True)}
        ),
    }
    model = text.children["model"]
    with_vision = (
        extended(model, {"vision_embed_tokens": module(vision_embeddings)}) if isinstance(model, Module) else model
    )
    return extended(text, {"model": with_vision})
