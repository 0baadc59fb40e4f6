"""DeepSeek V3: latent attention, dense layers first, then shared and routed experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.attention import latent_attention
from budsim_widgets.architectures.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.models import causal_lm, pre_norm_layer
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def _notes(c: Config) -> tuple[str, ...]:
    extra = c.get("num_nextn_predict_layers", 0)
    if not extra:
        return ()
    note = (
        f"The checkpoint also holds {extra} multi-token-prediction layer(s), which transformers doesn't build "
        "and which aren't counted here."
    )
    return (note,)


@family("deepseek_v3", "DeepseekV3ForCausalLM", notes=_notes)
def deepseek_v3(c: Config) -> Module:
    """671B: 61 layers, 3 of them dense, then 256 routed experts of which a token uses 8, and one shared."""
    size = c.hidden_size

    def layer(*, sparse: bool) -> Module:
        return pre_norm_layer(size, _attention(c), _experts(c) if sparse else gated_mlp(size, c.intermediate_size))

    sparse = (index >= c.first_k_dense_replace for index in range(c.num_hidden_layers))
    return causal_lm(c, stack(sparse, lambda is_sparse: layer(sparse=is_sparse)), norm=rms_norm(size))


def _attention(c: Config) -> Module:
    return latent_attention(
        c.hidden_size,
        c.num_attention_heads,
        q_lora_rank=c.get("q_lora_rank"),
        kv_lora_rank=c.kv_lora_rank,
        qk_nope_head_dim=c.qk_nope_head_dim,
        qk_rope_head_dim=c.qk_rope_head_dim,
        v_head_dim=c.v_head_dim,
        bias=c.attention_bias,
    )


def _experts(c: Config) -> Module:
    size = c.hidden_size
    return module(
        experts=experts(c.n_routed_experts, c.num_experts_per_tok, size, c.moe_intermediate_size),
        gate=router(c.n_routed_experts, size),
        shared_experts=gated_mlp(size, c.moe_intermediate_size * c.n_shared_experts),
    )
