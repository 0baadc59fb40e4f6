"""What multimodal models share: towers of patches, and the frame that puts one beside a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.extras import Extra
from budsim_widgets.architectures.parts import Module, Part, Stack, Weight, extended, module, uncached
from budsim_widgets.architectures.registry import part_of
from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

VIT_PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")

_BASES = ("model", "transformer", "gpt_neox", "backbone")
"""Names under which causal language models keep everything but their head."""


def language_model(c: Config) -> Module:
    """The language model that a sub-config describes, without its head."""
    return base_model(part_of(c))


def base_model(whole: Module) -> Module:
    """Everything but the head of a language model; all of one that has no head."""
    for name in _BASES:
        base = whole.children.get(name)
        if isinstance(base, Module):
            return base
    return whole


def headless_decoder(c: Config, layers: Stack) -> Module:
    """A decoder that only stands inside other models: embedding, layers, norm."""
    return module(embed_tokens=embedding(c.vocab_size, c.hidden_size), layers=layers, norm=rms_norm(c.hidden_size))


def multimodal_model(
    c: Config, *, tied: bool, text_name: str = "language_model", own_head: Part | None = None, **parts: Part | None
) -> Module:
    """A language model beside its towers and projectors, and one head.

    Args:
        c: The config: `text_config`.
        tied: Whether the head is the embedding; which level of the config says so differs by family.
        text_name: Name of the language model.
        own_head: The head, where it has other rows than the vocabulary.
        parts: The other parts by name, such as `vision_tower`.
    """
    text = c.text_config
    lm_head = head(text, tied=tied) if own_head is None else own_head
    return module(model=module({**parts, text_name: language_model(text)}), lm_head=lm_head)


def unbuilt_towers(whole: Module, *, text_name: str = "language_model") -> tuple[Extra, ...]:
    """What a multimodal model has besides its text model, for a class that builds that alone from the same config.

    Args:
        whole: The multimodal model.
        text_name: Name of the language model.
    """
    model = whole.children["model"]
    if not isinstance(model, Module):
        return ()
    others = module({name: part for name, part in model.children.items() if name != text_name})
    return (Extra("towers", 1, lambda: module(model=uncached(others)), is_size_noted=True),)


def is_tied_at_top(c: Config) -> bool:
    """Whether the top level of the config ties the head to the embedding."""
    return bool(c.get("tie_word_embeddings", False))


def is_tied_at_either(c: Config) -> bool:
    """Whether the top level or the text's part ties the head to the embedding."""
    return is_tied_at_top(c) or is_tied_at_top(c.text_config)


def two_layer_projector(in_features: int, out_features: int, *, bias: bool = True, **more: Part | None) -> Module:
    """What takes the tower's vectors to the text's hidden size: two linear layers, as LLaVA names them."""
    return module(
        more,
        linear_1=linear(in_features, out_features, bias=bias),
        linear_2=linear(out_features, out_features, bias=bias),
    )


def num_feature_layers(c: Config) -> int:
    """Layers of the tower whose vectors are joined: `vision_feature_layer` is one index or a list of them."""
    layers = c.get("vision_feature_layer", 1)
    return len(layers) if isinstance(layers, (list, tuple)) else 1


def vit_layer(
    c: Config,
    *,
    norm_names: tuple[str, str] = ("layer_norm1", "layer_norm2"),
    attention_name: str = "self_attn",
    projections: tuple[str, str, str, str] = VIT_PROJECTIONS,
    intermediate_size: int | None = None,
) -> Module:
    """A layer of CLIP's and SigLIP's towers: biases everywhere, a norm before each block.

    Args:
        c: The tower's config: `hidden_size`, `num_attention_heads`, `intermediate_size`.
        norm_names: Names of the two norms.
        attention_name: Name of the attention.
        projections: Names of its projections.
        intermediate_size: Width of the feed-forward block; None: the config's.
    """
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    width = c.intermediate_size if intermediate_size is None else intermediate_size
    before, after = norm_names
    return module(
        {
            attention_name: attention(
                hidden_size,
                num_attention_heads,
                num_attention_heads,
                hidden_size_per_head(c),
                bias=True,
                names=projections,
                cached=False,
            ),
            before: layer_norm(hidden_size),
            "mlp": mlp(hidden_size, width, names=("fc1", "fc2")),
            after: layer_norm(hidden_size),
        }
    )


def short_named_vit_layer(c: Config) -> Module:
    """The same under the names of Moonshot's towers: `norm1`, `attn` with `proj`, `norm2`."""
    names = (*VIT_PROJECTIONS[:3], "proj")
    return vit_layer(c, norm_names=("norm1", "norm2"), attention_name="attn", projections=names)


def scaled_vit_layer(c: Config, intermediate_size: int) -> Module:
    """The same with a learned scale behind each block, of a width that the config may give as a ratio."""
    names = ("layernorm_before", "layernorm_after")
    scales = {name: Weight((c.hidden_size,)) for name in ("lambda_1", "lambda_2")}
    return extended(vit_layer(c, norm_names=names, intermediate_size=intermediate_size), scales)


def hidden_size_per_head(c: Config) -> int:
    """Dimension of a head, where `num_attention_heads` divides `hidden_size`.

    Raises:
        ConfigError: `INCONSISTENT`, where a rest is left.
    """
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    if not num_attention_heads or hidden_size % num_attention_heads:
        raise inconsistent(
            "num_attention_heads", f"`hidden_size` {hidden_size} can't be shared among {num_attention_heads} heads."
        )
    return int(hidden_size // num_attention_heads)


def height_and_width(value: Any, field: str) -> tuple[int, int]:
    """A size of pictures or patches as (height, width); one number means a square.

    Raises:
        ConfigError: `FIELD_VALUE`, for anything but one or two positive whole numbers.
    """
    pair = tuple(value) if isinstance(value, (list, tuple)) else (value, value)
    if len(pair) != 2 or not all(isinstance(side, int) and side > 0 for side in pair):  # noqa: PLR2004 - a pair
        raise ConfigError("FIELD_VALUE", f"`{field}` is {quoted(value)}, but needs a size in pixels.", field=field)
    return pair[0], pair[1]


def side_of(value: Any, field: str) -> int:
    """The side of a square, where transformers takes one number alone.

    Raises:
        ConfigError: `FIELD_VALUE`, for anything but a positive whole number.
    """
    if not isinstance(value, int) or value < 1:
        raise ConfigError("FIELD_VALUE", f"`{field}` is {quoted(value)}, but needs one whole number.", field=field)
    return value


def num_patches(c: Config) -> int:
    """Patches of a picture: `image_size` in steps of `patch_size`, both ways."""
    height, width = height_and_width(c.image_size, "image_size")
    patch_height, patch_width = height_and_width(c.patch_size, "patch_size")
    return (height // patch_height) * (width // patch_width)
