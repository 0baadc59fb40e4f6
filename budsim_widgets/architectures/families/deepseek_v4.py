"""DeepSeek V4: keys compressed in the long run, hyper-connections around each block, experts in every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.hyper_connections import hyper_connection, hyper_head
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, pre_norm_layer
from budsim_widgets.architectures.blocks.multi_token_prediction import layers_at
from budsim_widgets.architectures.cache import CompressedCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, extended, module, stack
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from typing import Final

    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_KINDS: Final = {0: "sliding_attention", 4: "compressed_sparse_attention", 128: "heavily_compressed_attention"}


_SLIDING, _SPARSE, _HEAVY = _KINDS.values()


@family("deepseek_v4", "DeepseekV4ForCausalLM", extras=layers_at("mtp"))
def deepseek_v4(c: Config) -> Module:
    """Each layer attends to a window and, before it, to one entry for every 4 or every 128 tokens."""
    hidden_size = c.hidden_size

    def layer(kind: str) -> Module:
        connection = hyper_connection(c)
        return pre_norm_layer(hidden_size, _attention(c, kind), _experts(c), attn_hc=connection, ffn_hc=connection)

    return causal_lm(c, stack(_kinds(c), layer), norm=rms_norm(hidden_size), hc_head=hyper_head(c))


def _experts(c: Config) -> Module:
    """The shared expert is as wide as a routed one, whatever `n_shared_experts` says."""
    hidden_size, moe_intermediate_size = c.hidden_size, c.moe_intermediate_size
    routed = mixture_of_experts(hidden_size, c.n_routed_experts, c.num_experts_per_tok, moe_intermediate_size)
    return extended(
        routed, {"shared_experts": gated_mlp(hidden_size, moe_intermediate_size, bias=c.get("mlp_bias", False))}
    )


def _attention(c: Config, kind: str) -> Module:
    hidden_size, q_size = c.hidden_size, c.num_attention_heads * c.head_dim
    return module(
        q_a_proj=linear(hidden_size, c.q_lora_rank),
        q_a_norm=rms_norm(c.q_lora_rank),
        q_b_proj=linear(c.q_lora_rank, q_size),
        kv_proj=linear(hidden_size, c.head_dim),
        kv_norm=rms_norm(c.head_dim),
        o_a_proj=linear(q_size // c.o_groups, c.o_groups * c.o_lora_rank),
        o_b_proj=linear(c.o_groups * c.o_lora_rank, hidden_size),
        sinks=Weight((c.num_attention_heads,)),
        compressor=None if kind == _SLIDING else _compressor(c, kind),
        cache=_cache(c, kind),
    )


def _compressor(c: Config, kind: str) -> Module:
    """Sparse attention overlaps its entries, and has an indexer that picks some of them."""
    rate = _rate(c, kind)
    if kind == _HEAVY:
        return _pooling(c.hidden_size, c.head_dim, c.head_dim, rate)
    indexer = extended(
        _pooling(c.hidden_size, c.index_head_dim, 2 * c.index_head_dim, rate),
        {
            "q_b_proj": linear(c.q_lora_rank, c.index_n_heads * c.index_head_dim),
            "scorer": module(weights_proj=linear(c.hidden_size, c.index_n_heads)),
        },
    )
    return extended(_pooling(c.hidden_size, c.head_dim, 2 * c.head_dim, rate), {"indexer": indexer})


def _pooling(hidden_size: int, head_dim: int, out_features: int, rate: int) -> Module:
    return module(
        kv_proj=linear(hidden_size, out_features),
        gate_proj=linear(hidden_size, out_features),
        position_bias=Weight((rate, out_features)),
        kv_norm=rms_norm(head_dim),
    )


def _cache(c: Config, kind: str) -> LayerCache:
    num_attention_heads, window = c.num_attention_heads, c.sliding_window
    if kind == _SLIDING:
        return kv_cache(num_attention_heads, 1, c.head_dim, window=window)
    return CompressedCache(
        num_attention_heads=num_attention_heads,
        num_key_value_heads=1,
        key_head_dim=c.head_dim,
        value_head_dim=0,
        window=window,
        rate=_rate(c, kind),
        entry_dims=(c.head_dim, c.index_head_dim) if kind == _SPARSE else (c.head_dim,),
        overlaps=kind == _SPARSE,
    )


def _rate(c: Config, kind: str) -> int:
    """Tokens that become one entry; older configs have a field for each kind."""
    older, usual = ("compress_rate_csa", 4) if kind == _SPARSE else ("compress_rate_hca", 128)
    rates = c.fields.get("compress_rates") or {_SPARSE: 4, _HEAVY: 128}
    rate = c.get(older, rates.get(kind))
    if not isinstance(rate, int) or rate < 1:
        message = f"`compress_rates` must say how many tokens of {kind} become one entry, such as {usual}."
        raise ConfigError("FIELD_VALUE", message, field="compress_rates")
    return rate


def _kinds(c: Config) -> list[str]:
    """Listed by name or, in older configs, by the number of tokens that become one entry."""
    given = given_layer_types(c, *_KINDS.values())
    if given is not None:
        return given
    ratios = c.get("compress_ratios")
    if ratios is None:
        return [_SPARSE if index > 1 and index % 2 else _HEAVY for index in range(c.num_hidden_layers)]
    kinds = [_KINDS[ratio] for ratio in ratios[: c.num_hidden_layers] if ratio in _KINDS]
    if len(kinds) < c.num_hidden_layers:
        message = f"`compress_ratios` must list 0, 4 or 128 for each of {c.num_hidden_layers} layers."
        raise inconsistent("compress_ratios", message)
    return kinds
