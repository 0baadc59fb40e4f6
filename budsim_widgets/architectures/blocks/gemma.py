"""What Gemma 3n, Gemma 4, its assistants and DiffusionGemma share: keys of earlier layers, and Gemma 4's decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, experts, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import layer_types, pre_norm_layer, window_of
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, extended, module, stack

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def sharing_layers(c: Config, kinds: list[str], *, may_share_all: bool) -> list[bool]:
    """Which layers attend to the keys of an earlier layer of their kind: the last `num_kv_shared_layers`.

    Where more share than there are, transformers counts from the end (`kv_sharing_modes` of version 5.24), so that the
    last layer of each kind that it finds so keeps keys of its own.

    Args:
        c: The config: `num_hidden_layers`, `num_kv_shared_layers`.
        kinds: The kind of every layer.
        may_share_all: Whether a config is built whose layers all share the keys of another model.

    Raises:
        ConfigError: `INCONSISTENT`, where the layers that keep keys aren't of every kind.
    """
    layers, sharing = c.num_hidden_layers, c.num_kv_shared_layers
    first = layers - sharing
    shares = [index >= first for index in range(layers)]
    if not sharing or (may_share_all and first == 0):
        return shares
    own = kinds[:first]
    if set(own) != set(kinds):
        message = f"The last {sharing} of {layers} layers share keys, but before them there isn't a layer of each kind."
        raise inconsistent("num_kv_shared_layers", message)
    for kind in set(kinds):
        shares[first - 1 - own[::-1].index(kind)] = False
    return shares


def without_keys(self_attn: Module) -> Module:
    """Attention to the keys of another layer: it projects and keeps none of its own."""
    return module({name: part for name, part in self_attn.children.items() if name in {"q_proj", "q_norm", "o_proj"}})


def gemma4_layer_types(c: Config) -> list[str]:
    """The kind of every layer; the last one is full whatever the config lists."""
    return [*layer_types(c, full_every=6)[:-1], "full_attention"]


def gemma4_model(c: Config, kinds: list[str], shares: list[bool]) -> Module:
    """The language model without its head.

    Args:
        c: The config.
        kinds: The kind of every layer.
        shares: Which layers attend to the keys of earlier ones.
    """
    hidden_size, own = c.hidden_size, c.get("hidden_size_per_layer_input", 0)

    def layer(kind: str, head_dim: int, num_key_value_heads: int, is_sharing: bool) -> Module:  # noqa: FBT001 - one value a layer
        self_attn = _attention(c, kind, head_dim, num_key_value_heads)
        intermediate_size = c.intermediate_size * (2 if is_sharing and c.get("use_double_wide_mlp", False) else 1)
        return _layer(
            c, without_keys(self_attn) if is_sharing else self_attn, gated_mlp(hidden_size, intermediate_size)
        )

    dims = ((kind, *_heads(c, index, kind), shares[index]) for index, kind in enumerate(kinds))
    of_layers = c.num_hidden_layers * own
    return module(
        embed_tokens=embedding(c.vocab_size, hidden_size),
        layers=stack(dims, layer),
        norm=rms_norm(hidden_size),
        embed_tokens_per_layer=embedding(c.vocab_size_per_layer_input, of_layers) if own else None,
        per_layer_model_projection=linear(hidden_size, of_layers) if own else None,
        per_layer_projection_norm=rms_norm(own) if own else None,
    )


def _layer(c: Config, self_attn: Module, feed_forward: Module) -> Module:
    """Experts, where there are any, stand beside the dense block."""
    hidden_size, own, norm = c.hidden_size, c.get("hidden_size_per_layer_input", 0), rms_norm(c.hidden_size)
    sparse = c.get("enable_moe_block", False)
    return pre_norm_layer(
        hidden_size,
        self_attn,
        feed_forward,
        pre_feedforward_layernorm=norm,
        post_feedforward_layernorm=norm,
        per_layer_input_gate=linear(hidden_size, own) if own else None,
        per_layer_projection=linear(own, hidden_size) if own else None,
        post_per_layer_input_norm=norm if own else None,
        router=_router(c) if sparse else None,
        experts=experts(c.num_experts, c.get("top_k_experts", c.num_experts), hidden_size, c.moe_intermediate_size)
        if sparse
        else None,
        post_feedforward_layernorm_1=norm if sparse else None,
        post_feedforward_layernorm_2=norm if sparse else None,
        pre_feedforward_layernorm_2=norm if sparse else None,
    )


def _router(c: Config) -> Module:
    count, hidden_size = c.num_experts, c.hidden_size
    return module(
        proj=linear(hidden_size, count, role="other"), scale=Weight((hidden_size,)), per_expert_scale=Weight((count,))
    )


def _attention(c: Config, kind: str, head_dim: int, num_key_value_heads: int) -> Module:
    """With `attention_k_eq_v`, full layers have no values of their own, but keep what they compute from the keys."""
    window = window_of(c, kind)
    if window is not None and c.get("use_bidirectional_attention") == "all":
        window = window // 2 + 1  # half of the window lies behind a token
    norm = rms_norm(head_dim)
    whole = attention(
        c.hidden_size,
        c.num_attention_heads,
        num_key_value_heads,
        head_dim,
        bias=c.attention_bias,
        window=window,
        q_norm=norm,
        k_norm=norm,
    )
    return extended(whole, {"v_proj": None}) if c.attention_k_eq_v and kind == "full_attention" else whole


def _heads(c: Config, index: int, kind: str) -> tuple[int, int]:
    """(`head_dim`, `num_key_value_heads`) of a layer; full layers have their own."""
    head_dim, num_key_value_heads = c.head_dim, c.num_key_value_heads
    listed = c.fields.get("per_layer_config")
    if isinstance(listed, dict):
        # Its keys are numbers of layers, filled up with zeros in front.
        own: dict[str, int] = next(
            (fields for key, fields in listed.items() if str(key).lstrip("0") == str(index or "")), {}
        )
        return own.get("head_dim", head_dim), own.get("num_key_value_heads", num_key_value_heads)
    if kind != "full_attention":
        return head_dim, num_key_value_heads
    of_full = c.get("num_global_key_value_heads", num_key_value_heads) if c.attention_k_eq_v else num_key_value_heads
    return c.get("global_head_dim", 512), of_full


def gemma4_embedder(tower_hidden_size: int, text: Config) -> Module:
    """The projection from a tower's hidden size to the text's."""
    return module(embedding_projection=linear(tower_hidden_size, text.hidden_size))


def clippable_linear(in_features: int, out_features: int) -> Module:
    """A linear layer in a shell that may clip what goes in and out."""
    return module(linear=linear(in_features, out_features))
