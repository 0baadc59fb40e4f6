"""Granite Docling: a page in coarse patches, and in fine ones where it is dense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear
from budsim_widgets.architectures.blocks.models import pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.siglip import siglip_without_head
from budsim_widgets.architectures.blocks.vision import headless_decoder, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import extended, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("granite_docling", "GraniteDoclingForConditionalGeneration", kind="multimodal")
def granite_docling(c: Config) -> Module:
    """A small network may choose between the two routes."""
    text, vision = c.text_config, c.vision_config
    if vision.out_hidden_size != text.hidden_size:
        message = (
            f"`out_hidden_size` of the tower is {vision.out_hidden_size}, but the text is {text.hidden_size} wide."
        )
        raise inconsistent("out_hidden_size", message)
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        text_name="text_model",
        vision_model=part_of(vision),
        density_router=_router(vision.hidden_size, c.get("density_router_hidden_size")),
    )


@family("granite_docling_text", "GraniteDoclingTextModel")
def granite_docling_text(c: Config) -> Module:
    """Granite 3: Llama with other scales."""
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
    layer = pre_norm_layer(c.hidden_size, self_attention(c, bias=c.attention_bias), feed_forward)
    return headless_decoder(c, repeat(c.num_hidden_layers, layer))


@family("granite_docling_vision", "GraniteDoclingVisionModel")
def granite_docling_vision(c: Config) -> Module:
    """SigLIP with the connector inside."""
    hidden_size, out = c.hidden_size, c.out_hidden_size
    connector = module(
        ln_in=layer_norm(hidden_size),
        coarse=_route(c, c.scale_factor),
        fine=_route(c, c.scale_factor // 2) if c.get("use_fine_route", True) else None,
        ln_mid=layer_norm(out),
        mlp_fc2=linear(out, out),
        ln_out=layer_norm(out),
    )
    return extended(siglip_without_head(c), {"connector": connector})


def _route(c: Config, joined_per_side: int) -> Module:
    """Neighbouring patches side by side; what layers in between saw goes into the text's first layers."""
    joined, out = c.hidden_size * joined_per_side**2, c.out_hidden_size
    merger = module(
        layer_norm=layer_norm(joined), linear_1=linear(joined, out, bias=True), linear_2=linear(out, out, bias=True)
    )
    read = c.get("deepstack_visual_indexes", (3, 7, 10))
    return module(projection=linear(joined, out), deepstack_mergers=repeat(len(read), merger))


def _router(hidden_size: int, intermediate_size: int | None) -> Module | None:
    if intermediate_size is None:
        return None
    return module(
        att=linear(hidden_size, 1, bias=True),
        norm=layer_norm(hidden_size),
        fc1=linear(hidden_size, intermediate_size, bias=True),
        fc2=linear(intermediate_size, 1, bias=True),
    )
