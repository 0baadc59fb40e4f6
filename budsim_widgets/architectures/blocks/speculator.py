"""What the library speculators puts around the layers of a draft: joined states, another head, maps of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.extras import Extra
from budsim_widgets.architectures.parts import Module, Stack, Weight, extended, module, num_parameters
from budsim_widgets.architectures.registry import part_of
from budsim_widgets.architectures.uncertainty import UNCONFIRMED, Uncertainty
from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_DRAFT_VOCABULARY: Final = 32_000


def version_of(c: Config) -> tuple[int, int]:
    """The version of speculators that wrote the config, without its last number; (0, 0) where that isn't said.

    Example:
        >>> from budsim_widgets.architectures.config import Config
        >>> version_of(Config({"speculators_version": "0.7.0.2"})), version_of(Config({}))
        ((0, 7), (0, 0))
    """
    numbers = str(c.get("speculators_version", "")).split(".")[:2]
    major, minor = (*numbers, "", "")[:2]
    if not (major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit()):
        return 0, 0
    return int(major), int(minor)


def draft_vocabulary(c: Config) -> int:
    """Tokens that the draft's own head scores."""
    size: int = c.get("draft_vocab_size", _DRAFT_VOCABULARY)
    return size


def joined_states(c: Config, field: str, default: int | None = None) -> int:
    """How many hidden states of the other model are joined into one.

    Raises:
        ConfigError: `FIELD_VALUE`, where the field doesn't list layers; `MISSING_FIELD`, where it has to.
    """
    listed = c.get(field)
    if listed is None and default is not None:
        return default
    listed = getattr(c, field)
    if not isinstance(listed, list) or not all(type(each) is int for each in listed):
        raise ConfigError("FIELD_VALUE", f"`{field}` doesn't list layers by their numbers.", field=field)
    return len(listed) or (default or 0)


def layers_of(c: Config, layer_type: str) -> Stack:
    """The decoder layers of a described type with these sizes.

    Raises:
        ConfigError: `UNSUPPORTED`, where the type isn't described or isn't built of such layers.
    """
    model = part_of(c.changed({**c.fields, "model_type": layer_type})).children.get("model")
    layers = model.children.get("layers") if isinstance(model, Module) else None
    if not isinstance(layers, Stack):
        message = f"A draft with layers of type {quoted(layer_type)} isn't described."
        next_step = "Paste the config.json of the model that it drafts for."
        raise ConfigError("UNSUPPORTED", message, next_step=next_step, field="layer_model_type")
    return layers


def verifiers_tables(c: Config) -> Module:
    """The other model's embedding, and the draft's head."""
    return module(
        embed_tokens=embedding(c.vocab_size, c.hidden_size),
        lm_head=linear(c.hidden_size, draft_vocabulary(c), role="head"),
    )


def vocabulary_maps(c: Config, _: Module) -> tuple[Extra, ...]:
    """Which token of the other model is one of the draft's, and the other way: buffers, no parameters."""
    if draft_vocabulary(c) == c.vocab_size:
        return ()
    maps = module(t2d=Weight((c.vocab_size,)), d2t=Weight((draft_vocabulary(c),)))
    return (Extra("vocabulary_maps", 2, lambda: maps),)


def widened(layer: Module) -> Module:
    """The first layer of EAGLE-3: queries, keys and values come from two vectors, and the second has a norm."""
    attention = layer.children["self_attn"]
    norm = layer.children["input_layernorm"]
    if not isinstance(attention, Module):
        raise TypeError("a layer's attention is no module")
    wide = {name: _wide(attention, name) for name in ("q_proj", "k_proj", "v_proj")}
    return extended(layer, {"self_attn": extended(attention, wide), "hidden_norm": norm})


def _wide(attention: Module, name: str) -> Module:
    projection = attention.children.get(name)
    weight = projection.children["weight"] if isinstance(projection, Module) else None
    if not isinstance(projection, Module) or not isinstance(weight, Weight):
        message = f"A draft whose layers have no `{name}` of their own isn't described."
        raise ConfigError("UNSUPPORTED", message, field="layer_model_type")
    rows, columns = weight.shape
    return extended(projection, {"weight": Weight((rows, 2 * columns), weight.role)})


def without_embedding(c: Config, root: Module) -> Uncertainty:
    """The range of a draft whose file may leave out the other model's embedding, as the first versions' do."""
    if version_of(c) >= (0, 5):
        return UNCONFIRMED
    whole = num_parameters(root)
    embedding_share = c.vocab_size * c.hidden_size / whole if "embed_tokens" in root.children else 0.0
    return UNCONFIRMED.widened(Uncertainty(1 - embedding_share, 1.0))
