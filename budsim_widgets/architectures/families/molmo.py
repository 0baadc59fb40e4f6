"""AI2's Molmo, as its code beside the weights has it, and Molmo 2 of transformers.

Molmo's config says nothing of what sees: a CLIP of 336 pixels, of which 23 layers stay, as its code declares. Of
Molmo-7B-D, 8,021,025,280 parameters follow; published files in NF4 (6,661,964,712 bytes) hold just so many, but for 146
bytes of records a quantized layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, fused_attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.blocks.models import pre_norm_layer
from budsim_widgets.architectures.blocks.vision import num_patches
from budsim_widgets.architectures.config import Config, inconsistent
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.architectures.architecture import Basis

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


def _is_confirmed(c: Config) -> bool:
    """Whether it is built as Molmo-7B-D is; nothing published confirms the one on OLMo and the one with experts."""
    return c.get("layer_norm_type") == "rms" and not any(map(c.get, ("attention_layer_norm", "moe_num_experts")))


def _basis(c: Config) -> Basis:
    return "exact" if _is_confirmed(c) else "estimate"


def _notes(c: Config) -> tuple[str, ...]:
    return () if _is_confirmed(c) else unconfirmed_notes(c)


@family("molmo", "MolmoForCausalLM", kind="multimodal", basis=_basis, notes=_notes)
def molmo(c: Config) -> Module:
    """Fused projections; tokens of pictures have a table of their own."""
    hidden_size, num_key_value_heads, gated = c.hidden_size, c.num_key_value_heads, c.intermediate_size
    head_dim = hidden_size // c.num_attention_heads
    has_norms = c.get("attention_layer_norm")
    layer = fused_attention(
        hidden_size,
        c.num_attention_heads,
        num_key_value_heads,
        head_dim,
        bias=bool(c.get("qkv_bias")),
        out_bias=False,
        names=("att_proj", "attn_out"),
        q_norm=rms_norm(hidden_size) if has_norms else None,
        k_norm=rms_norm(num_key_value_heads * head_dim) if has_norms else None,
        ff_proj=linear(hidden_size, gated),
        ff_out=linear(gated // 2, hidden_size),
        attn_norm=rms_norm(hidden_size),
        ff_norm=rms_norm(hidden_size),
    )
    rows = c.get("embedding_size") or c.vocab_size
    tables = {
        "embedding": Weight((rows, hidden_size), "embedding"),
        "new_embedding": Weight((128, hidden_size), "embedding"),
    }
    text = module(
        wte=module(tables),
        blocks=repeat(c.num_hidden_layers, layer),
        ln_f=rms_norm(hidden_size),
        ff_out=linear(hidden_size, rows, role="head"),
    )
    return module(model=module(transformer=text, vision_backbone=_clip(hidden_size, gated // 2)))


def _clip(text_hidden_size: int, intermediate_size: int) -> Module:
    """CLIP with a width of 1,024; two of its layers are pooled, and projected as a feed-forward block is."""
    width, read = 1024, 2 * 1024
    attention_parts = {name: linear(width, width, bias=True) for name in ("wq", "wk", "wv", "wo")}
    layer = module(
        attention=module(attention_parts),
        feed_forward=mlp(width, 4 * width, names=("w1", "w2")),
        attention_norm=layer_norm(width),
        ffn_norm=layer_norm(width),
    )
    return module(
        image_vit=module(
            class_embedding=Weight((width,)),
            positional_embedding=Weight((577, width)),
            patch_embedding=linear(14 * 14 * 3, width),
            pre_ln=layer_norm(width),
            transformer=module(resblocks=repeat(23, layer)),
        ),
        pad_embed=Weight((2, read)),
        image_pooling_2d=module(
            {name: linear(read, width, bias=True) for name in ("wq", "wk", "wv")}, wo=linear(width, width, bias=True)
        ),
        image_projector=module(
            w1=linear(width, intermediate_size),
            w3=linear(width, intermediate_size),
            w2=linear(intermediate_size, text_hidden_size),
        ),
    )
