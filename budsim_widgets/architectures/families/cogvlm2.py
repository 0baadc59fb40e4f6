"""CogVLM 2 as its code beside the weights has it: tokens of pictures pass weights of their own in every layer.

An estimate: 19.5 billion parameters are published of the model on Llama 3, to three digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, gated_mlp, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.blocks.vision import num_patches
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("cogvlm2", "CogVLMForCausalLM", kind="multimodal", basis="estimate", notes=unconfirmed_notes)
def cogvlm2(c: Config) -> Module:
    """Llama with a second attention and a second feed-forward block for pictures; keys and values are kept once."""
    hidden_size, head_dim = c.hidden_size, c.hidden_size // c.num_attention_heads
    heads = hidden_size, c.num_attention_heads, c.get("num_multi_query_heads", c.num_attention_heads), head_dim
    names = "query_key_value", "dense"
    feed_forward, norm = gated_mlp(hidden_size, c.intermediate_size), rms_norm(hidden_size)
    layer = module(
        self_attn=module(
            vision_expert=fused_attention(*heads, bias=True, out_bias=False, names=names, cached=False),
            language_expert=fused_attention(*heads, names=names),
        ),
        mlp=module(vision_mlp=feed_forward, language_mlp=feed_forward),
        input_layernorm=norm,
        post_attention_layernorm=norm,
    )
    return module(
        model=module(
            embed_tokens=embedding(c.vocab_size, hidden_size),
            layers=repeat(c.num_hidden_layers, layer),
            norm=norm,
            vision=_vision(c.vision_config, hidden_size, c.intermediate_size),
        ),
        lm_head=linear(hidden_size, c.vocab_size, role="head"),
    )


def _vision(c: Config, text_hidden_size: int, intermediate_size: int) -> Module:
    """EVA 2 CLIP, a convolution that joins four patches, and a gated block into the width of the text."""
    width = c.hidden_size
    heads = width, c.num_heads, c.num_heads, width // c.num_heads
    layer = module(
        attention=fused_attention(*heads, bias=True, names=("query_key_value", "dense"), cached=False),
        mlp=mlp(width, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=layer_norm(width),
        post_attention_layernorm=layer_norm(width),
    )
    return module(
        patch_embedding=module(
            cls_embedding=Weight((1, width)),
            proj=conv(width, c.get("in_channels", 3), c.patch_size, c.patch_size),
            position_embedding=embedding(num_patches(c) + 1, width),
        ),
        transformer=module(layers=repeat(c.num_hidden_layers, layer)),
        conv=conv(text_hidden_size, width, 2, 2),
        linear_proj=module(
            linear_proj=linear(text_hidden_size, text_hidden_size),
            norm1=layer_norm(text_hidden_size),
            gate_proj=linear(text_hidden_size, intermediate_size),
            dense_h_to_4h=linear(text_hidden_size, intermediate_size),
            dense_4h_to_h=linear(intermediate_size, text_hidden_size),
        ),
        boi=Weight((1, 1, text_hidden_size)),
        eoi=Weight((1, 1, text_hidden_size)),
    )
