"""SK Telecom's A.X K1 and K2: DeepSeek V3 and V3.2 with further norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import latent_moe_decoder
from budsim_widgets.architectures.blocks.indexed_attention import indexed_attention, sparse_or_dense
from budsim_widgets.architectures.blocks.layers import linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, sparse_layers
from budsim_widgets.architectures.blocks.multi_token_prediction import appended_routed_layers
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import extended, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("axk1", "AXK1ForCausalLM", extras=appended_routed_layers)
def axk1(c: Config) -> Module:
    """DeepSeek V3 with a norm behind its experts."""
    return latent_moe_decoder(c, _sparse_layers(c), post_mlp_layernorm=rms_norm(c.hidden_size))


@family("axk2", "AXK2ForCausalLM", extras=appended_routed_layers)
def axk2(c: Config) -> Module:
    """DeepSeek V3.2 with gated outputs and gated norms."""
    hidden_size, rank = c.hidden_size, c.q_lora_rank
    if ("n_group" in c) != ("topk_group" in c):
        raise inconsistent("n_group", "`n_group` and `topk_group` must both be given, or both be null.")
    gate_mlp = module(fc1=linear(hidden_size, c.gated_norm_rank), fc2=linear(c.gated_norm_rank, hidden_size))
    gated_norm = module(norm=rms_norm(hidden_size), mlp=gate_mlp)
    per_head = c.qk_nope_head_dim + c.qk_rope_head_dim + c.v_head_dim

    def layer(sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        gate = {"q_b_proj": None, "q_gate_proj": linear(2 * rank, c.num_attention_heads * per_head)}
        norm = {"input_layernorm": gated_norm} | ({"post_attention_layernorm": gated_norm} if sparse else {})
        return pre_norm_layer(
            hidden_size, extended(indexed_attention(c, "full"), gate), sparse_or_dense(c, sparse=sparse), **norm
        )

    return causal_lm(c, stack(_sparse_layers(c), layer), norm=rms_norm(hidden_size))


def _sparse_layers(c: Config) -> list[bool]:
    """Which layers of A.X have experts: behind the first dense ones, each `moe_layer_freq`-th."""
    if "mlp_layer_types" in c:
        return sparse_layers(c, dense=0)
    dense, every = c.get("first_k_dense_replace", 1), c.get("moe_layer_freq", 1)
    return [index >= dense and index % every == 0 for index in range(c.num_hidden_layers)]
