"""Zamba 1 and 2: Mamba layers, before some of which the same attention block stands again and again."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import depthwise_conv, fused_gated_mlp, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.mamba import time_step_rank
from budsim_widgets.architectures.blocks.mixers import mamba2_mixer
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Stack, Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part

_PUBLISHED_ZAMBA2 = "mmmmmmhmmmmmhmmmmmhmmmmmhmmmmmhmmmmmhmmmmmhmmmmhmmmhmm"


@family("zamba", "ZambaForCausalLM")
def zamba(c: Config) -> Module:
    """One block, which takes the layer's input beside the embedding: twice `hidden_size`."""

    def block(_: int) -> Module:
        attention_hidden_size, head_dim = c.get("attention_hidden_size") or 2 * c.hidden_size, _head_dim(c)
        return module(
            self_attn=_attention(c, attention_hidden_size, head_dim),
            feed_forward=gated_mlp(c.hidden_size, c.intermediate_size),
            input_layernorm=rms_norm(attention_hidden_size),
            pre_ff_layernorm=rms_norm(c.hidden_size),
        )

    return _model(c, _zamba_kinds(c), block, block_name="shared_transf", num_blocks=1, mixer=_zamba_mixer(c))


@family("zamba2", "Zamba2ForCausalLM")
def zamba2(c: Config) -> Module:
    """`num_mem_blocks` of them in turn, with an adapter for each place where one stands."""
    kinds = given_layer_types(c, "linear_attention", "hybrid") or _zamba2_kinds(c)
    places, blocks = len(c.get("hybrid_layer_ids", ())) or kinds.count("hybrid"), c.num_mem_blocks

    def block(number: int) -> Module:
        attention_hidden_size, head_dim = c.get("attention_hidden_size") or 2 * c.hidden_size, _head_dim(c)
        intermediate_size = c.get("intermediate_size") or 4 * c.hidden_size

        def adapters(into: int, out: int) -> Stack:
            pair = module({"0": linear(into, c.adapter_rank), "1": linear(c.adapter_rank, out)})
            return Stack(((pair, tuple(range(number, places, blocks))),))

        of_attention = {
            f"linear_{name}_adapter_list": adapters(attention_hidden_size, attention_hidden_size) for name in "qkv"
        }
        feed_forward = fused_gated_mlp(c.hidden_size, intermediate_size, bias=c.add_bias_linear)
        return module(
            self_attn=_attention(
                c, attention_hidden_size, head_dim, **of_attention if c.use_shared_attention_adapter else {}
            ),
            feed_forward=module(
                feed_forward.children, gate_up_proj_adapter_list=adapters(c.hidden_size, 2 * intermediate_size)
            ),
            input_layernorm=rms_norm(attention_hidden_size),
            pre_ff_layernorm=rms_norm(c.hidden_size),
        )

    return _model(c, kinds, block, block_name="shared_transformer", num_blocks=blocks, mixer=_zamba2_mixer(c))


def _model(  # noqa: PLR0913 - the parts of a model
    c: Config, kinds: list[str], block: Callable[[int], Module], *, block_name: str, num_blocks: int, mixer: Module
) -> Module:
    """A block is built where it stands first; with untied embeddings it isn't shared, and stands everywhere."""
    hidden_size = c.hidden_size
    mamba = module(mamba=mixer, input_layernorm=rms_norm(hidden_size))

    def layer(place: int | None) -> Module:
        if place is None:
            return mamba
        whole = block(place % num_blocks)
        own = whole if place < num_blocks or not c.tie_word_embeddings else _cache_only(whole)
        return module({block_name: own}, linear=linear(hidden_size, hidden_size), mamba_decoder=mamba)

    number = count()
    places = [next(number) if kind == "hybrid" else None for kind in kinds]
    distinct_places = [
        place if place is None or place < num_blocks else num_blocks + place % num_blocks for place in places
    ]
    return causal_lm(c, stack(distinct_places, layer), norm=rms_norm(hidden_size), norm_name="final_layernorm")


def _cache_only(block: Module) -> Module:
    """What a shared block adds where it stands again: keys and values, no weights."""
    self_attn = block.children["self_attn"]
    return module(self_attn=module(cache=self_attn.cache if isinstance(self_attn, Module) else None))


def _attention(c: Config, attention_hidden_size: int, head_dim: int, **more: Part) -> Module:
    num_attention_heads = c.num_attention_heads
    whole = attention(attention_hidden_size, num_attention_heads, c.num_key_value_heads, head_dim)
    out = linear(num_attention_heads * head_dim, c.hidden_size)
    return module({**whole.children, "o_proj": out, **more}, cache=whole.cache)


def _head_dim(c: Config) -> int:
    return int(c.get("attention_head_dim") or 2 * c.hidden_size // c.num_attention_heads)


def _zamba_mixer(c: Config) -> Module:
    """Mamba-1 with heads, whose projections are three-dimensional."""
    hidden_size, n_mamba_heads, state = c.hidden_size, c.n_mamba_heads, c.mamba_d_state
    mamba_intermediate_size, rank = c.mamba_expand * hidden_size, time_step_rank(c.mamba_dt_rank, hidden_size)
    head_dim = mamba_intermediate_size // n_mamba_heads
    if mamba_intermediate_size % n_mamba_heads:
        raise inconsistent(
            "n_mamba_heads",
            f"A Mamba width of {mamba_intermediate_size} can't be shared out among {n_mamba_heads} heads.",
        )
    return module(
        conv1d=depthwise_conv(mamba_intermediate_size, c.mamba_d_conv, bias=c.mamba_conv_bias),
        in_proj=linear(hidden_size, 2 * mamba_intermediate_size, bias=c.mamba_proj_bias),
        x_proj_weight=Weight((n_mamba_heads, rank + 2 * state, head_dim)),
        dt_proj_weight=Weight((n_mamba_heads, head_dim, rank)),
        dt_proj_bias=Weight((n_mamba_heads, head_dim)),
        A_log=Weight((n_mamba_heads, head_dim, state)),
        D=Weight((n_mamba_heads, head_dim)),
        out_proj=linear(mamba_intermediate_size, hidden_size, bias=c.mamba_proj_bias),
        cache=StateCache(
            conv_elements=mamba_intermediate_size * c.mamba_d_conv, recurrent_elements=mamba_intermediate_size * state
        ),
    )


def _zamba2_mixer(c: Config) -> Module:
    mamba_intermediate_size, n_mamba_heads = int(c.mamba_expand * c.hidden_size), c.n_mamba_heads
    if mamba_intermediate_size % n_mamba_heads:
        raise inconsistent(
            "n_mamba_heads",
            f"A Mamba width of {mamba_intermediate_size} can't be shared out among {n_mamba_heads} heads.",
        )
    return mamba2_mixer(
        c.hidden_size,
        n_mamba_heads,
        mamba_intermediate_size // n_mamba_heads,
        groups=c.mamba_ngroups,
        state_size=c.mamba_d_state,
        conv_kernel=c.mamba_d_conv,
        bias=c.add_bias_linear,
    )


def _zamba_kinds(c: Config) -> list[str]:
    given = given_layer_types(c, "linear_attention", "hybrid", name="layers_block_type")
    if given is not None:
        return given
    begin = ["linear_attention", "linear_attention", "hybrid"]
    rest = range(c.num_hidden_layers - len(begin))
    kinds = [*begin, *("hybrid" if i % c.attn_layer_period == c.attn_layer_offset else begin[0] for i in rest)]
    if len(kinds) != c.num_hidden_layers:
        raise inconsistent("num_hidden_layers", f"Zamba has at least {len(begin)} layers, not {c.num_hidden_layers}.")
    return kinds


def _zamba2_kinds(c: Config) -> list[str]:
    if c.num_hidden_layers != len(_PUBLISHED_ZAMBA2):
        message = f"{c.num_hidden_layers} layers need a list `layers_block_type`; the default lists 54."
        raise inconsistent("num_hidden_layers", message)
    return ["hybrid" if kind == "h" else "linear_attention" for kind in _PUBLISHED_ZAMBA2]
