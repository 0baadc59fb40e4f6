"""GLM 5.3: delta attention, every fourth layer latent with an indexer, experts, hyper-connections, a vision tower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.deepseek import deepseek_experts
from budsim_widgets.architectures.blocks.glm_vision import glm_vision_tower
from budsim_widgets.architectures.blocks.hyper_connections import hyper_connection
from budsim_widgets.architectures.blocks.indexed_attention import indexed_attention, indexer_types
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear
from budsim_widgets.architectures.blocks.mixers import kimi_delta_attention
from budsim_widgets.architectures.blocks.models import given_layer_types, pre_norm_layer, sparse_layers
from budsim_widgets.architectures.blocks.vision import headless_decoder, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.config import Config, inconsistent
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Module


@family("glm5_next", "Glm5NextForConditionalGeneration", kind="multimodal")
def glm5_next(c: Config) -> Module:
    """The top level ties the head."""
    return multimodal_model(c, tied=is_tied_at_top(c), visual=part_of(c.vision_config))


@family("glm5_next_text", "Glm5NextTextModel")
def glm5_next_text(c: Config) -> Module:
    """Three layers are dense, the others have experts; each block stands between hyper-connections."""
    _check(c)
    hidden_size, connection = c.hidden_size, hyper_connection(c)

    def layer(kind: str, indexer: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        return pre_norm_layer(
            hidden_size,
            _delta_attention(c) if kind == "linear_attention" else _pooled_attention(c, indexer),
            deepseek_experts(c) if is_sparse else gated_mlp(hidden_size, c.intermediate_size),
            attn_hc=connection,
            ffn_hc=connection,
        )

    kinds = zip(_kinds(c), indexer_types(c), sparse_layers(c, dense=3), strict=True)
    return headless_decoder(c, stack(kinds, layer))


def _delta_attention(c: Config) -> Module:
    """Kimi's; published configs keep its dimensions in `linear_attn_config`."""
    own, hidden_size = c.get("linear_attn_config", Config({})), c.hidden_size
    num_heads, head_dim = own.get("num_heads", c.linear_num_heads), own.get("head_dim", c.linear_head_dim)
    projection_size = num_heads * head_dim
    down, up = linear(hidden_size, head_dim), linear(head_dim, projection_size)
    return kimi_delta_attention(
        hidden_size,
        num_heads,
        head_dim,
        conv_kernel=own.get("short_conv_kernel_size", c.linear_conv_kernel_dim),
        forget_gate=module(f_a_proj=down, f_b_proj=up, dt_bias=Weight((projection_size,)), A_log=Weight((num_heads,))),
        output_gate={"g_a_proj": down, "g_b_proj": up},
    )


def _pooled_attention(c: Config, indexer: str) -> Module:
    """The indexer pools `index_kpool` tokens; of each it keeps a key, a gate as wide, and whether it is none."""
    head_dim = c.index_head_dim
    return indexed_attention(
        c,
        indexer,
        kept_dim=2 * head_dim + 1,
        index_kpool_compress_ape=Weight((c.index_kpool, head_dim)),
        index_kpool_compress_gate=Weight((head_dim, c.hidden_size), "linear"),
    )


def _kinds(c: Config) -> list[str]:
    given = given_layer_types(c, "linear_attention", "indexed_attention", "full_attention")
    return given or [
        "linear_attention" if (index + 1) % 4 else "indexed_attention" for index in range(c.num_hidden_layers)
    ]


def _check(c: Config) -> None:
    num_attention_heads, num_key_value_heads, pool = c.num_attention_heads, c.num_key_value_heads, c.index_kpool
    if num_attention_heads != num_key_value_heads:
        raise inconsistent(
            "num_key_value_heads",
            f"There are {num_attention_heads} query heads, but {num_key_value_heads} key and value heads.",
        )
    if c.qk_rope_head_dim:
        raise inconsistent("qk_rope_head_dim", "The heads have no rotary part; `qk_rope_head_dim` must be 0.")
    if pool < 1 or c.index_topk % pool:
        raise inconsistent("index_kpool", f"`index_topk` {c.index_topk} tokens are no whole number of pools of {pool}.")


@family("glm5_next_vision", "Glm5NextVisionModel")
def glm5_next_vision(c: Config) -> Module:
    """GLM-OCR's with a merger of another intermediate size."""
    return glm_vision_tower(c)
