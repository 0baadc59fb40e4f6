"""Step 3.7: gated heads, more of them where a layer has a window, experts, and a tower of scaled layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import (
    conv,
    embedding,
    experts,
    gated_mlp,
    layer_norm,
    linear,
    rms_norm,
    router,
)
from budsim_widgets.architectures.blocks.models import given_layer_types, pre_norm_layer, window_of
from budsim_widgets.architectures.blocks.multi_token_prediction import (
    decoder_layers,
    num_prediction_layers,
    prediction_layers,
    prediction_tables,
)
from budsim_widgets.architectures.blocks.vision import (
    headless_decoder,
    is_tied_at_top,
    multimodal_model,
    scaled_vit_layer,
    side_of,
)
from budsim_widgets.architectures.config import own_fields
from budsim_widgets.architectures.parts import Module, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.extras import Extra


def _extras(c: Config, root: Module) -> tuple[Extra, ...]:
    """Layers for multi-token prediction follow in the config's lists behind the others; they are dense."""
    text, count = c.text_config, num_prediction_layers(c)
    if not count:
        return ()
    first = text.num_hidden_layers
    listed = text.get("layer_types", [])[first : first + count]
    kinds = listed if len(listed) == count else ["full_attention"] * count
    copies = [_layer(text, kind, _heads(text, first + index, kind)) for index, kind in enumerate(kinds)]
    path, _ = decoder_layers(c, root)
    size = text.hidden_size
    return (
        prediction_layers(size, path, count, lambda: copies, first=first),
        prediction_tables(text.vocab_size, size, path, count, first=first),
    )


@family("step3p7", "Step3p7ForConditionalGeneration", kind="multimodal", extras=_extras)
def step3p7(c: Config) -> Module:
    """One linear layer between the tower, which ends four times as wide, and the text."""
    vision, text = c.vision_config, c.text_config
    projector = linear(4 * vision.hidden_size, text.hidden_size, bias=c.projector_bias)
    return multimodal_model(c, tied=is_tied_at_top(c), vision_model=part_of(vision), multi_modal_projector=projector)


@family("step3p5", "Step3p7TextModel")
def step3p7_text(c: Config) -> Module:
    """Each head has a gate; layers from the fourth on have experts, unless they are listed."""
    kinds = given_layer_types(c) or ["full_attention"] * c.num_hidden_layers

    def layer(kind: str, num_attention_heads: int, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return _layer(c, kind, num_attention_heads, is_sparse=is_sparse)

    heads_of_layers = (_heads(c, index, kind) for index, kind in enumerate(kinds))
    return headless_decoder(c, stack(zip(kinds, heads_of_layers, _sparse(c), strict=True), layer))


@family("step3p5_vision", "Step3p7VisionModel")
def step3p7_vision(c: Config) -> Module:
    """Both blocks of a layer are scaled; two convolutions halve the picture and double the width."""
    hidden_size, side = c.hidden_size, side_of(c.patch_size, "patch_size")
    layer = scaled_vit_layer(c, int(hidden_size * c.mlp_ratio))
    return module(
        embeddings=module(
            patch_embedding=conv(hidden_size, c.num_channels, side, side, bias=False),
            position_embedding=embedding((side_of(c.image_size, "image_size") // side) ** 2, hidden_size),
        ),
        pre_layernorm=layer_norm(hidden_size),
        layers=repeat(c.num_hidden_layers, layer),
        downsampler1=conv(2 * hidden_size, hidden_size, 3, 3),
        downsampler2=conv(4 * hidden_size, 2 * hidden_size, 3, 3),
    )


def _layer(c: Config, kind: str, num_attention_heads: int, *, is_sparse: bool = False) -> Module:
    hidden_size = c.hidden_size
    self_attn = attention(
        hidden_size,
        num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=c.attention_bias,
        window=window_of(c, kind),
        q_norm=rms_norm(c.head_dim),
        k_norm=rms_norm(c.head_dim),
        g_proj=linear(hidden_size, num_attention_heads),
    )
    if not is_sparse:
        return pre_norm_layer(hidden_size, self_attn, gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias))
    sparse = module(
        gate=router(c.n_routed_experts, hidden_size),
        experts=experts(c.n_routed_experts, c.num_experts_per_tok, hidden_size, c.moe_intermediate_size),
        shared_experts=gated_mlp(hidden_size, c.share_expert_dim, bias=c.mlp_bias),
    )
    return pre_norm_layer(hidden_size, self_attn, sparse)


def _heads(c: Config, index: int, kind: str) -> int:
    """Heads of a layer; those with a window may have a number of their own."""
    own = own_fields(c, index)
    if own is not None:
        return int(own.get("num_attention_heads", c.num_attention_heads))
    if kind != "sliding_attention":
        return int(c.num_attention_heads)
    older = c.get("attention_other_setting", c).get("num_attention_heads", c.num_attention_heads)
    return int(c.get("num_sliding_attention_heads", older))


def _sparse(c: Config) -> list[bool]:
    listed = given_layer_types(c, "dense", "sparse", name="mlp_layer_types")
    if listed is not None:
        return [kind == "sparse" for kind in listed]
    older = c.get("moe_layers_enum", range(3, c.num_hidden_layers))
    items = older.split(",") if isinstance(older, str) else older
    places = {int(item) for item in items if str(item).strip()}
    return [index in places for index in range(c.num_hidden_layers)]
