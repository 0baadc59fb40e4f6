"""Llama 3.2 Vision: some of Llama's layers attend to the picture's tiles instead of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, gated_mlp, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.models import pre_norm_layer
from budsim_widgets.architectures.blocks.vision import height_and_width, num_patches, unbuilt_towers
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_CROSS_ATTENTION_LAYERS = (3, 8, 13, 18, 23, 28, 33, 38)
_RATIOS = 8
"""Arrangements of up to four tiles, where the config lists none."""


def _notes(c: Config) -> tuple[str, ...]:
    text, vision = c.text_config, c.vision_config
    tokens = vision.max_num_tiles * (num_patches(vision) + 1)
    num_cross_attention_layers = sum(index < text.num_hidden_layers for index in _cross_attention_layers(text))
    note = (
        f"A picture adds up to {tokens:,} tokens to the KV cache of the {num_cross_attention_layers} layers that "
        "attend to pictures; text alone adds none, and none is counted."
    )
    return (note,)


@family("mllama", "MllamaForConditionalGeneration", kind="multimodal", notes=_notes)
def mllama(c: Config) -> Module:
    """The head is never tied."""
    text, vision = c.text_config, c.vision_config
    return module(
        model=module(
            vision_model=part_of(vision),
            language_model=_text_model(text),
            multi_modal_projector=linear(vision.get("vision_output_dim", 7680), text.hidden_size, bias=True),
        ),
        lm_head=linear(text.hidden_size, text.vocab_size, role="head"),
    )


@family("mllama", "MllamaForCausalLM", extras=lambda c, _: unbuilt_towers(mllama(c)))
def mllama_without_vision(c: Config) -> Module:
    """The language model alone, from the config of the whole."""
    return mllama_text(c.text_config)


@family("mllama_text_model", "MllamaForCausalLM")
def mllama_text(c: Config) -> Module:
    """The embedding has eight rows more than the head."""
    return module(model=_text_model(c), lm_head=linear(c.hidden_size, c.vocab_size, role="head"))


@family("mllama_vision_model", "MllamaVisionModel")
def mllama_vision(c: Config) -> Module:
    """Layers for each tile and gated ones for all; positions in a tile and of the tile, for each arrangement."""
    hidden_size, positions = c.hidden_size, num_patches(c) + 1
    # The first arrangement means that there is no picture.
    arrangements = len(c.get("supported_aspect_ratios") or range(_RATIOS)) + 1
    tiles = module(gate=Weight((1,)), embedding=embedding(arrangements, c.max_num_tiles * hidden_size))
    return module(
        class_embedding=Weight((hidden_size,)),
        patch_embedding=conv(hidden_size, c.num_channels, *height_and_width(c.patch_size, "patch_size"), bias=False),
        gated_positional_embedding=module(
            gate=Weight((1,)),
            embedding=Weight((positions, hidden_size)),
            tile_embedding=embedding(arrangements, c.max_num_tiles * positions * hidden_size),
        ),
        pre_tile_positional_embedding=tiles,
        post_tile_positional_embedding=tiles,
        layernorm_pre=layer_norm(hidden_size),
        layernorm_post=layer_norm(hidden_size),
        transformer=module(layers=repeat(c.num_hidden_layers, _vision_layer(c, is_gated=False))),
        global_transformer=module(layers=repeat(c.num_global_layers, _vision_layer(c, is_gated=True))),
    )


def _vision_layer(c: Config, *, is_gated: bool) -> Module:
    hidden_size, attention_heads = c.hidden_size, c.attention_heads
    gate = Weight((1,)) if is_gated else None
    return module(
        self_attn=attention(
            hidden_size, attention_heads, attention_heads, hidden_size // attention_heads, cached=False
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
        gate_attn=gate,
        gate_ffn=gate,
    )


def _cross_attention_layers(c: Config) -> set[int]:
    given = c.get("cross_attention_layers")
    return set(_CROSS_ATTENTION_LAYERS if given is None else given)


def _text_model(c: Config) -> Module:
    cross_attention_layers, hidden_size = _cross_attention_layers(c), c.hidden_size

    def layer(is_cross_attention: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return (
            _cross_attention_layer(c)
            if is_cross_attention
            else pre_norm_layer(hidden_size, _attention(c), gated_mlp(hidden_size, c.intermediate_size))
        )

    return module(
        embed_tokens=embedding(c.vocab_size + 8, hidden_size),
        layers=stack((index in cross_attention_layers for index in range(c.num_hidden_layers)), layer),
        norm=rms_norm(hidden_size),
    )


def _cross_attention_layer(c: Config) -> Module:
    """Attention to the tiles; both blocks are gated."""
    hidden_size = c.hidden_size
    return module(
        cross_attn=_attention(c, is_cross_attention=True),
        input_layernorm=rms_norm(hidden_size),
        cross_attn_attn_gate=Weight((1,)),
        mlp=gated_mlp(hidden_size, c.intermediate_size),
        post_attention_layernorm=rms_norm(hidden_size),
        cross_attn_mlp_gate=Weight((1,)),
    )


def _attention(c: Config, *, is_cross_attention: bool = False) -> Module:
    hidden_size, num_attention_heads, head_dim = (
        c.hidden_size,
        c.num_attention_heads,
        c.hidden_size // c.num_attention_heads,
    )
    norm = rms_norm(head_dim) if is_cross_attention else None
    return attention(
        hidden_size,
        num_attention_heads,
        c.num_key_value_heads,
        head_dim,
        cached=not is_cross_attention,
        q_norm=norm,
        k_norm=norm,
    )
