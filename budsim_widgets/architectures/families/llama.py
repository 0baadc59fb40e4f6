"""Llama and its closest relatives: pre-norm layers, grouped queries, a gated feed-forward block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("llama", "LlamaForCausalLM")
@family("llama", "LLaMAForCausalLM")
@family("internlm3", "LlamaForCausalLM")
@family("iquestcoder", "LlamaForCausalLM")
@family("mistral", "MistralForCausalLM")
def llama(c: Config) -> Module:
    """Mistral adds a window that, where set, holds for all layers."""
    window = c.get("sliding_window") if c.model_type == "mistral" else None
    layer = pre_norm_layer(
        c.hidden_size,
        self_attention(c, bias=c.get("attention_bias", False), window=window),
        gated_mlp(c.hidden_size, c.intermediate_size, bias=c.get("mlp_bias", False)),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))
