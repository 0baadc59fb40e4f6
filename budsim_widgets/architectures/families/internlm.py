"""InternLM 1 to 3: Llama.

The code of the first two lies beside their weights; InternLM2-7B has 7,737,708,544 parameters, as its page says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.llama import llama_decoder, unconfirmed_notes, uniform_decoder
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("internlm", "InternLMForCausalLM", basis="estimate", notes=unconfirmed_notes)
def internlm(c: Config) -> Module:
    """Llama with biases in attention."""
    self_attn = self_attention(c, bias=c.get("bias", True))
    return uniform_decoder(c, pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size)))


@family("internlm2", "InternLM2ForCausalLM")
def internlm2(c: Config) -> Module:
    """Llama with a fused projection and other names."""
    hidden_size, bias = c.hidden_size, c.get("bias", False)
    layer = module(
        attention=fused_attention(
            hidden_size,
            c.num_attention_heads,
            c.num_key_value_heads,
            hidden_size // c.num_attention_heads,
            bias=bias,
            names=("wqkv", "wo"),
        ),
        feed_forward=gated_mlp(hidden_size, c.intermediate_size, names=("w1", "w3", "w2")),
        attention_norm=rms_norm(hidden_size),
        ffn_norm=rms_norm(hidden_size),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=rms_norm(hidden_size),
        embed_name="tok_embeddings",
        head_name="output",
    )


@family("internlm3", "LlamaForCausalLM")
@family("internlm3", "InternLM3ForCausalLM")
def internlm3(c: Config) -> Module:
    """Llama under another name."""
    return llama_decoder(c)
