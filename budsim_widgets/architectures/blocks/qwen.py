"""The language models of Qwen that several of its models share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import given_layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.blocks.vision import headless_decoder, hidden_size_per_head
from budsim_widgets.architectures.parts import stack

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def windowed_layer_types(c: Config) -> list[str]:
    """The kind of every layer: listed, or with `use_sliding_window` a window from layer `max_window_layers` on."""
    if "layer_types" in c:
        return list(c.layer_types)
    windowed_from = (
        c.max_window_layers if c.get("use_sliding_window") and "sliding_window" in c else c.num_hidden_layers
    )
    return ["sliding_attention" if index >= windowed_from else "full_attention" for index in range(c.num_hidden_layers)]


def qwen2_text_decoder(c: Config, *, head_dim: int | None = None) -> Module:
    """Qwen 2; without a `head_dim` it is `hidden_size // num_attention_heads`, as in Qwen2-VL and Qwen2.5-VL."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    head_dim = hidden_size_per_head(c) if head_dim is None else head_dim

    def layer(layer_type: str) -> Module:
        window = window_of(c, layer_type) if c.get("use_sliding_window") else None
        self_attn = attention(
            hidden_size,
            num_attention_heads,
            c.num_key_value_heads,
            head_dim,
            bias=True,
            out_bias=False,
            window=window,
        )
        return pre_norm_layer(hidden_size, self_attn, gated_mlp(hidden_size, c.intermediate_size))

    return headless_decoder(c, stack(_windowed_layers(c), layer))


def _windowed_layers(c: Config) -> list[str]:
    given = given_layer_types(c, "full_attention", "sliding_attention")
    if given is not None:
        return given
    windowed_from = c.max_window_layers if "sliding_window" in c else c.num_hidden_layers
    return ["sliding_attention" if index >= windowed_from else "full_attention" for index in range(c.num_hidden_layers)]


def qwen3_moe_text_decoder(c: Config) -> Module:
    """Each `decoder_sparse_step`-th layer has experts, but for `mlp_only_layers`."""
    hidden_size = c.hidden_size

    def layer(*, is_sparse: bool) -> Module:
        if not is_sparse:
            return qwen3_text_layer(c, gated_mlp(hidden_size, c.intermediate_size))
        return qwen3_text_layer(
            c, mixture_of_experts(hidden_size, c.num_experts, c.num_experts_per_tok, c.moe_intermediate_size)
        )

    dense = set(c.get("mlp_only_layers", ()))
    sparse = (
        index not in dense and c.num_experts > 0 and (index + 1) % c.decoder_sparse_step == 0
        for index in range(c.num_hidden_layers)
    )
    return headless_decoder(c, stack(sparse, lambda is_sparse: layer(is_sparse=is_sparse)))


def qwen3_text_layer(c: Config, feed_forward: Module) -> Module:
    # Only Qwen3-Omni's text declares a window; where set, it holds for all layers.
    """A layer of Qwen 3: normed queries and keys."""
    window = c.get("sliding_window") if c.model_type == "qwen3_omni_moe_text" else None
    self_attn = self_attention(c, bias=c.attention_bias, window=window, qk_norm=rms_norm(c.head_dim))
    return pre_norm_layer(c.hidden_size, self_attn, feed_forward)
