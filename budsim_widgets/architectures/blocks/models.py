"""Whole models: the frames into which a family puts its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, linear, rms_norm
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Part, Stack, extended, module
from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures.config import Config


def causal_lm(  # noqa: PLR0913 - the parts of a model
    c: Config,
    layers: Stack,
    *,
    norm: Part | None,
    base: str = "model",
    embed_name: str = "embed_tokens",
    layers_name: str = "layers",
    norm_name: str = "norm",
    head_name: str = "lm_head",
    head_bias: bool = False,
    **more: Part | None,
) -> Module:
    """Embedding, layers, norm and head, under the names that most decoders use.

    With `tie_word_embeddings` the head is the embedding, and no tensor of its own.

    Args:
        c: The config: `vocab_size`, `hidden_size`, `tie_word_embeddings`.
        layers: The decoder layers.
        norm: The norm behind the last layer.
        base: Name of everything but the head.
        embed_name: Name of the token embedding.
        layers_name: Name of the layers.
        norm_name: Name of the last norm.
        head_name: Name of the head.
        head_bias: Whether the head has a bias (a tied head keeps its own bias).
        more: Further parts beside the embedding, such as learned positions.
    """
    return module(
        {
            base: module(
                {
                    embed_name: embedding(c.vocab_size, c.hidden_size),
                    **more,
                    layers_name: layers,
                    norm_name: norm,
                }
            ),
            head_name: head(c, bias=head_bias),
        }
    )


def head(c: Config, *, bias: bool = False, hidden_size: int | None = None, tied: bool | None = None) -> Module | None:
    """The layer that scores the vocabulary; only its bias, or nothing, where it is tied to the embedding.

    Args:
        c: The config: `vocab_size`, `hidden_size`, `tie_word_embeddings`.
        bias: Whether it has a bias.
        hidden_size: Its width, where that isn't `hidden_size`.
        tied: Whether it is tied; None: as the config says. Of a multimodal model often the top level decides.
    """
    whole = linear(hidden_size or c.hidden_size, c.vocab_size, bias=bias, role="head")
    tied = c.get("tie_word_embeddings", False) if tied is None else tied
    if not tied:
        return whole
    return module(bias=whole.children["bias"]) if bias else None


def self_attention(  # noqa: PLR0913 - the dimensions of an attention block
    c: Config,
    *,
    bias: bool = False,
    out_bias: bool | None = None,
    window: int | None = None,
    qk_norm: Part | None = None,
    more: Mapping[str, Part | None] | None = None,
) -> Module:
    """Attention of the usual dimensions: `hidden_size`, `num_attention_heads`, `num_key_value_heads`, `head_dim`.

    Args:
        c: The config.
        bias: Whether the projections have biases.
        out_bias: Whether the output has one; None: as the others.
        window: Tokens that a query attends to, itself included; None for all.
        qk_norm: The norm of queries and of keys, where they have one.
        more: Further parts by name.
    """
    usual = attention(
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=bias,
        out_bias=out_bias,
        window=window,
        q_norm=qk_norm,
        k_norm=qk_norm,
    )
    return extended(usual, more) if more else usual


def pre_norm_layer(hidden_size: int, self_attn: Part, mlp: Part, **more: Part | None) -> Module:
    """A decoder layer as Llama has it: an RMS norm before attention, another before the feed-forward block."""
    norm = rms_norm(hidden_size)
    return module(
        {
            "self_attn": self_attn,
            "mlp": mlp,
            "input_layernorm": norm,
            "post_attention_layernorm": norm,
            **more,
        }
    )


def layer_types(c: Config, *, full_every: int | None = None) -> list[str]:
    """The kind of every layer: the config's `layer_types`, or its default.

    Args:
        c: The config: `layer_types`, `num_hidden_layers`.
        full_every: Without `layer_types`, each n-th layer attends to everything and the others to a window;
            None: all attend to everything.
    """
    given = given_layer_types(c)
    if given is not None:
        return given
    if full_every is None:
        return ["full_attention"] * c.num_hidden_layers
    if full_every < 1:
        message = f"Every {full_every}th layer can't be full; the pattern of windows repeats after 1 layer or more."
        raise ConfigError("FIELD_RANGE", message, field="sliding_window_pattern")
    return [
        "sliding_attention" if (index + 1) % full_every else "full_attention" for index in range(c.num_hidden_layers)
    ]


_LEGACY_LAYER_TYPES = {
    "attention": "full_attention",
    "deepseek_sparse_attention": "indexed_attention",
    "mamba": "linear_attention",
}
"""Older names of kinds of layers, as transformers 5 renames them."""


def given_layer_types(c: Config, *known: str, name: str = "layer_types") -> list[str] | None:
    """The kind of every layer as the config lists it, under today's names; None where it doesn't.

    Args:
        c: The config.
        known: The kinds that the model has; none given: any.
        name: The field that lists them.

    Raises:
        ConfigError: `INCONSISTENT`, where fewer are listed than there are layers; `FIELD_VALUE` for another kind.
    """
    given = c.get(name)
    if given is None:
        return None
    kinds = [_LEGACY_LAYER_TYPES.get(kind, kind) for kind in given[: c.num_hidden_layers]]
    if len(kinds) < c.num_hidden_layers:
        raise inconsistent(name, f"`{name}` lists {len(kinds)} layers, but there are {c.num_hidden_layers}.")
    unknown = set(kinds).difference(known) if known else ()
    if unknown:
        message = f"`{name}` lists {quoted(min(map(str, unknown)))}, but a layer is one of {', '.join(known)}."
        raise ConfigError("FIELD_VALUE", message, field=name)
    return kinds


def window_of(c: Config, layer_type: str) -> int | None:
    """The window of a layer of this type: `sliding_window` for a sliding one, None for the others."""
    return c.get("sliding_window") if layer_type == "sliding_attention" else None


def sparse_layers(c: Config, *, dense: int) -> list[bool]:
    """Which layers have experts: as `mlp_layer_types` lists them, or all behind the first `dense` ones."""
    given = given_layer_types(c, "dense", "sparse", name="mlp_layer_types")
    if given is not None:
        return [kind == "sparse" for kind in given]
    return experts_from(c, dense)


def experts_from(c: Config, first: int) -> list[bool]:
    """Which layers have experts: this one, counted from 0, and all behind it."""
    return [index >= first for index in range(c.num_hidden_layers)]
