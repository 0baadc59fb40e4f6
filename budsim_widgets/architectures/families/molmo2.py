"""Molmo 2: the adapter takes the vectors of several of the tower's layers; the head is never tied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.models import pre_norm_layer
from budsim_widgets.architectures.blocks.vision import num_patches
from budsim_widgets.architectures.config import Config, inconsistent
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from collections.abc import Sequence

_READ_LAYERS = (24, 18)
_FIRST_NAMES = ("image_default_input_size", "image_patch_size", "image_num_pos")
"""What the files of the first release call fields of the tower."""


@family("molmo2", "Molmo2ForConditionalGeneration", kind="multimodal")
def molmo2(c: Config) -> Module:
    """The embedding has rows for tokens of pictures, the head hasn't."""
    text = c.text_config
    return module(
        model=module(
            vision_tower=_vision(c),
            multi_modal_projector=_adapter(c.adapter_config),
            language_model=_text_model(text),
        ),
        lm_head=linear(text.hidden_size, text.vocab_size, role="head"),
    )


def _text_model(c: Config) -> Module:
    """Qwen 3 or OLMo 2 by the norm of queries and keys."""
    hidden_size, num_attention_heads, num_key_value_heads, head_dim = (
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
    )
    by_head = c.get("qk_norm_type", "qwen3") == "qwen3"
    self_attn = attention(
        hidden_size,
        num_attention_heads,
        num_key_value_heads,
        head_dim,
        bias=c.attention_bias,
        out_bias=False,
        q_norm=rms_norm(head_dim if by_head else num_attention_heads * head_dim),
        k_norm=rms_norm(head_dim if by_head else num_key_value_heads * head_dim),
    )
    layer = pre_norm_layer(hidden_size, self_attn, gated_mlp(hidden_size, c.intermediate_size))
    return module(
        embed_tokens=embedding(c.vocab_size + c.additional_vocab_size, hidden_size),
        layers=repeat(c.num_hidden_layers, layer),
        norm=rms_norm(hidden_size),
    )


def _vision(c: Config) -> Module:
    vision = c.vision_config
    hidden_size = vision.hidden_size
    layer = module(
        layer_norm1=layer_norm(hidden_size),
        self_attn=_attention(vision, hidden_size),
        layer_norm2=layer_norm(hidden_size),
        mlp=mlp(hidden_size, vision.intermediate_size, names=("fc1", "fc2")),
    )
    return module(
        positional_embedding=Weight((_num_positions(vision), hidden_size)),
        patch_embedding=linear(vision.patch_size**2 * vision.num_channels, hidden_size, bias=True),
        layers=repeat(_num_layers(c), layer),
    )


def _num_positions(c: Config) -> int:
    fields = {"image_size": c.get("image_size", [378, 378]), "patch_size": c.patch_size}
    return int(c.get("num_position_embeddings") or num_patches(Config(fields)))


def _num_layers(c: Config) -> int:
    """All; of a file of the first release those up to the last that the adapter uses."""
    count, read = int(c.vision_config.num_hidden_layers), _read_layers(c.adapter_config)
    if not all(-count <= index < count for index in read):
        message = f"`vision_feature_layer` lists layers up to {max(read)}, but the tower has {count}."
        raise inconsistent("vision_feature_layer", message)
    given = c.fields.get("vit_config") or {}
    is_first_release = any(name in given for name in _FIRST_NAMES)
    return max(index % count for index in read) + 1 if is_first_release else count


def _read_layers(c: Config) -> Sequence[int]:
    layers: Sequence[int] = c.get("vision_feature_layer") or _READ_LAYERS
    return layers


def _adapter(c: Config) -> Module:
    hidden_size, intermediate_size, bias = c.hidden_size, c.intermediate_size, c.mlp_bias
    return module(
        image_pooling_2d=_attention(c, hidden_size * len(_read_layers(c))),
        image_projector=module(
            gate_proj=linear(hidden_size, intermediate_size, bias=bias),
            up_proj=linear(hidden_size, intermediate_size, bias=bias),
            down_proj=linear(intermediate_size, c.text_hidden_size),
        ),
    )


def _attention(c: Config, in_features: int) -> Module:
    q_size, kv_size, bias = c.num_attention_heads * c.head_dim, c.num_key_value_heads * c.head_dim, c.attention_bias
    return module(
        q_proj=linear(in_features, q_size, bias=bias),
        k_proj=linear(in_features, kv_size, bias=bias),
        v_proj=linear(in_features, kv_size, bias=bias),
        o_proj=linear(q_size, c.hidden_size, bias=bias),
    )
