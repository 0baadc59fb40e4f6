"""Further families whose code lies beside their weights on the Hub: ChatGLM, the first DeepSeek MoE, Phi-3-vision.

Confirmed by the totals that their model pages publish: ChatGLM3-6B 6,243,584,000; glm-4-9b-chat 9,399,951,360;
deepseek-moe-16b-base 16,375,728,128; Phi-3-vision-128k-instruct 4,146,621,440.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import embedding, experts, gated_mlp, linear, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import Module, Weight, extended, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Part


@family("chatglm", "ChatGLMForConditionalGeneration")
@family("chatglm", "ChatGLMModel")
def chatglm(c: Config) -> Module:
    """Fused projections; groups of queries share keys."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    num_key_value_heads = c.multi_query_group_num if c.get("multi_query_attention", False) else num_attention_heads
    everywhere = c.get("add_bias_linear", False)
    attention = fused_attention(
        hidden_size,
        num_attention_heads,
        num_key_value_heads,
        c.get("kv_channels", hidden_size // num_attention_heads),
        bias=everywhere or c.get("add_qkv_bias", False),
        out_bias=everywhere,
        names=("query_key_value", "dense"),
    )
    feed_forward = module(
        dense_h_to_4h=linear(hidden_size, 2 * c.ffn_hidden_size, bias=everywhere),
        dense_4h_to_h=linear(c.ffn_hidden_size, hidden_size, bias=everywhere),
    )
    layer = module(
        input_layernorm=rms_norm(hidden_size),
        self_attention=attention,
        post_attention_layernorm=rms_norm(hidden_size),
        mlp=feed_forward,
    )
    encoder = module(
        layers=repeat(c.num_layers, layer),
        final_layernorm=rms_norm(hidden_size) if c.get("post_layer_norm", True) else None,
    )
    words = embedding(c.padded_vocab_size, hidden_size)
    output = None if c.get("tie_word_embeddings", False) else linear(hidden_size, c.padded_vocab_size, role="head")
    return module(transformer=module(embedding=module(word_embeddings=words), encoder=encoder, output_layer=output))


@family("deepseek", "DeepseekForCausalLM")
def deepseek_moe(c: Config) -> Module:
    """Llama's attention, dense layers first, then shared and routed experts."""
    hidden_size, moe_intermediate_size = c.hidden_size, c.moe_intermediate_size
    self_attn = self_attention(c, bias=c.get("attention_bias", False))
    sparse = module(
        experts=experts(c.n_routed_experts, c.num_experts_per_tok, hidden_size, moe_intermediate_size),
        gate=router(c.n_routed_experts, hidden_size),
        shared_experts=gated_mlp(hidden_size, moe_intermediate_size * c.n_shared_experts)
        if c.get("n_shared_experts", 0)
        else None,
    )
    dense = gated_mlp(hidden_size, c.intermediate_size)
    is_sparse = [
        index >= c.first_k_dense_replace and index % c.get("moe_layer_freq", 1) == 0
        for index in range(c.num_hidden_layers)
    ]
    layers = stack(
        is_sparse, lambda has_experts: pre_norm_layer(hidden_size, self_attn, sparse if has_experts else dense)
    )
    return causal_lm(c, layers, norm=rms_norm(hidden_size))


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
    """Phi 3 that sees: CLIP's patches, four at a time, through two linear layers."""
    text = part_of(Config({**c.fields, "model_type": "phi3", "architectures": None}))
    hidden_size, patches = c.hidden_size, 4 * _CLIP_LARGE_336["hidden_size"]
    sight: dict[str, Part | None] = {
        "img_processor": module(vision_model=part_of(Config(_CLIP_LARGE_336))),
        "glb_GN": Weight((1, 1, patches)),
        "sub_GN": Weight((1, 1, 1, patches)),
        "img_projection": module(
            {"0": linear(patches, hidden_size, bias=True), "2": linear(hidden_size, hidden_size, bias=True)}
        ),
    }
    model = text.children["model"]
    seeing = extended(model, {"vision_embed_tokens": module(sight)}) if isinstance(model, Module) else model
    return extended(text, {"model": seeing})
