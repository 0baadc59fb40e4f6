"""DeepSeek V3.2 and those built like it: an indexer picks the tokens to which a layer attends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, pre_norm_layer, sparse_layers
from budsim_widgets.architectures.blocks.multi_token_prediction import appended_routed_layers
from budsim_widgets.architectures.cache import LatentCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.families.deepseek import axk_sparse_layers, deepseek_experts, mla
from budsim_widgets.architectures.parts import Module, extended, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part

_PATTERN: Final = {"F": "full", "S": "shared"}


@family("deepseek_v32", "DeepseekV32ForCausalLM", extras=appended_routed_layers)
def deepseek_v32(c: Config) -> Module:
    """DeepSeek V3 with an indexer in every layer."""
    return _model(c, ["full"] * c.num_hidden_layers)


@family("glm_moe_dsa", "GlmMoeDsaForCausalLM", extras=appended_routed_layers)
def glm_moe_dsa(c: Config) -> Module:
    """Some layers attend to the tokens that the indexer of an earlier one picked."""
    return _model(c, indexer_types(c))


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
            hidden_size, extended(indexed_attention(c, "full"), gate), _feed_forward(c, sparse=sparse), **norm
        )

    return causal_lm(c, stack(axk_sparse_layers(c), layer), norm=rms_norm(hidden_size))


def _model(c: Config, indexers: list[str]) -> Module:
    given_layer_types(c, "indexed_attention")
    sparse = sparse_layers(c, dense=c.first_k_dense_replace)

    def layer(indexer: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        return pre_norm_layer(c.hidden_size, indexed_attention(c, indexer), _feed_forward(c, sparse=is_sparse))

    return causal_lm(c, stack(zip(indexers, sparse, strict=True), layer), norm=rms_norm(c.hidden_size))


def _feed_forward(c: Config, *, sparse: bool) -> Module:
    return deepseek_experts(c) if sparse else gated_mlp(c.hidden_size, c.intermediate_size)


def indexed_attention(c: Config, indexer: str, *, kept_dim: int | None = None, **more: Part) -> Module:
    """A layer's own indexer keeps a key of its own for every token.

    Args:
        c: The config.
        indexer: `full`, or `shared` where the layer has none of its own.
        kept_dim: Elements that the indexer keeps of a token; None: a key of `index_head_dim`.
        more: Further parts of the indexer.
    """
    hidden_size, rank, index_n_heads, head_dim = c.hidden_size, c.q_lora_rank, c.index_n_heads, c.index_head_dim
    if indexer == "shared":
        return mla(c)
    cache = LatentCache(
        kv_lora_rank=c.kv_lora_rank, rope_head_dim=c.qk_rope_head_dim, index_head_dim=kept_dim or head_dim
    )
    own = module(
        more,
        wq_b=linear(rank, index_n_heads * head_dim),
        wk=linear(hidden_size, head_dim),
        k_norm=layer_norm(head_dim),
        weights_proj=linear(hidden_size, index_n_heads),
    )
    return extended(mla(c, cache), {"indexer": own})


def indexer_types(c: Config) -> list[str]:
    """Listed, or as a pattern of F and S, or every so many layers behind the first ones."""
    pattern = c.get("indexer_types", c.get("index_topk_pattern"))
    if pattern is None:
        every, offset = max(c.get("index_topk_freq", 1), 1), c.get("index_skip_topk_offset", 2)
        return ["shared" if max(index - offset + 1, 0) % every else "full" for index in range(c.num_hidden_layers)]
    types = [_PATTERN.get(kind, kind) for kind in pattern]
    if len(types) < c.num_hidden_layers or not set(types) <= set(_PATTERN.values()):
        message = f"The indexers of {c.num_hidden_layers} layers must each be 'full' or 'shared'."
        raise inconsistent("indexer_types", message)
    return types[: c.num_hidden_layers]
