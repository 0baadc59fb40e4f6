"""Muse Glimmer and Muse Spark: gated attention with windows, one tower for pictures, and in Spark experts and sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import (
    depthwise_conv,
    embedding,
    experts,
    gated_mlp,
    layer_norm,
    linear,
    mlp,
    rms_norm,
    router,
)
from budsim_widgets.architectures.blocks.models import given_layer_types, self_attention, sparse_layers, window_of
from budsim_widgets.architectures.blocks.vision import (
    headless_decoder,
    hidden_size_per_head,
    is_tied_at_top,
    multimodal_model,
    short_named_vit_layer,
)
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Weight, extended, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("muse_glimmer", "MuseGlimmerForConditionalGeneration", kind="multimodal")
def muse_glimmer(c: Config) -> Module:
    """Neighbouring vectors of the tower are joined and projected."""
    return _multimodal_model(c, tied=is_tied_at_top(c))


@family("muse_spark", "MuseSparkForConditionalGeneration", kind="multimodal")
def muse_spark(c: Config) -> Module:
    """With an audio tower; the head is never tied."""
    audio, text = c.audio_config.out_hidden_size, c.text_config.hidden_size
    if audio != text:
        message = f"The sound ends with an `out_hidden_size` of {audio}, but the text has a `hidden_size` of {text}."
        raise inconsistent("out_hidden_size", message)
    return _multimodal_model(c, tied=False, audio_tower=part_of(c.audio_config))


def _multimodal_model(c: Config, *, tied: bool, audio_tower: Module | None = None) -> Module:
    projector_hidden_size = c.projector_hidden_size
    adapter = module(
        fc1=linear(c.out_hidden_size, projector_hidden_size), fc2=linear(projector_hidden_size, projector_hidden_size)
    )
    projection = linear(projector_hidden_size, c.text_config.hidden_size)
    tower = part_of(c.vision_config)
    return multimodal_model(
        c,
        tied=tied,
        vision_tower=tower,
        vision_adapter=adapter,
        vision_projection=projection,
        audio_tower=audio_tower,
    )


@family("muse_glimmer_text", "MuseGlimmerTextModel")
def muse_glimmer_text(c: Config) -> Module:
    """Four norms a layer."""
    hidden_size, norm = c.hidden_size, rms_norm(c.hidden_size)

    def layer(kind: str) -> Module:
        return module(
            self_attn=_gated_attention(c, kind),
            mlp=gated_mlp(hidden_size, c.intermediate_size),
            input_layernorm=norm,
            post_attention_layernorm=norm,
            pre_feedforward_layernorm=norm,
            post_feedforward_layernorm=norm,
        )

    return headless_decoder(c, stack(_kinds(c), layer))


@family("muse_spark_text", "MuseSparkTextModel")
def muse_spark_text(c: Config) -> Module:
    """Experts, narrower than the model unless a layer is listed as dense; each block weighs itself against the rest."""
    hidden_size, norm = c.hidden_size, rms_norm(c.hidden_size)
    weighed = module(gate=Weight((hidden_size,)))

    def layer(kind: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return module(
            self_attn=_gated_attention(c, kind),
            mlp=_experts(c) if is_sparse else gated_mlp(hidden_size, c.intermediate_size),
            input_layernorm=norm,
            pre_feedforward_layernorm=norm,
            post_feedforward_layernorm=norm,
            post_attention_residual_gate=weighed,
            post_feedforward_residual_gate=weighed,
        )

    return headless_decoder(c, stack(zip(_kinds(c), sparse_layers(c, dense=0), strict=True), layer))


@family("muse_glimmer_vision", "MuseGlimmerVisionModel")
@family("muse_spark_vision", "MuseSparkVisionModel")
def muse_vision(c: Config) -> Module:
    """Patches over time as rows of pixels, in three colours."""
    hidden_size = c.hidden_size
    return module(
        patch_embedder=module(
            patch_embedding=linear(c.patch_temporal * 3 * c.patch_size**2, hidden_size),
            position_embedding_table=embedding(c.pos_emb_height * c.pos_emb_width, hidden_size),
        ),
        ln_pre=layer_norm(hidden_size),
        layers=repeat(c.num_hidden_layers, short_named_vit_layer(c)),
        ln_post=layer_norm(hidden_size),
    )


@family("muse_spark_audio", "MuseSparkAudioModel")
def muse_spark_audio(c: Config) -> Module:
    """Stages of convolutions on the wave itself, each of which shortens it."""
    listed = (c.patch_sizes, c.hidden_sizes, c.depths)
    if {len(values) for values in listed} != {c.num_hidden_layers}:
        message = f"`patch_sizes`, `hidden_sizes` and `depths` need one entry for each of {c.num_hidden_layers} layers."
        raise inconsistent("hidden_sizes", message)

    def stage(before: int, step: int, hidden_size: int, depth: int) -> Module:
        block = module(
            conv=depthwise_conv(hidden_size, c.conv_kernel_size),
            norm=rms_norm(hidden_size),
            mlp=mlp(hidden_size, int(hidden_size * c.mlp_ratio), names=("fc1", "fc2")),
        )
        patches = module(proj=linear(before * step, hidden_size, bias=True), norm=rms_norm(hidden_size))
        return module(patch_embedder=patches, conv_blocks=repeat(depth, block))

    last = c.hidden_sizes[-1]
    return module(
        layers=stack(zip((1, *c.hidden_sizes[:-1]), *listed, strict=True), stage),
        norm=rms_norm(last),
        proj=linear(last, c.out_hidden_size, bias=True),
        post_proj_norm=rms_norm(c.out_hidden_size),
    )


def _kinds(c: Config) -> list[str]:
    """The last layer attends to all tokens, and each fourth before it."""
    count = c.num_hidden_layers
    default = ["sliding_attention" if (count - 1 - index) % 4 else "full_attention" for index in range(count)]
    return given_layer_types(c, "sliding_attention", "full_attention") or default


def _gated_attention(c: Config, kind: str) -> Module:
    hidden_size_per_head(c)
    gate = linear(c.hidden_size, c.num_attention_heads * c.head_dim)
    return self_attention(c, bias=c.attention_bias, window=window_of(c, kind), more={"gate_proj": gate})


def _experts(c: Config) -> Module:
    hidden_size, moe_hidden_size, count = c.hidden_size, c.moe_hidden_size, c.num_local_experts
    routed = experts(count, c.num_experts_per_tok, moe_hidden_size, c.moe_intermediate_size)
    for_all = module(weight=Weight((moe_hidden_size,), "norm"), active_share=(1, 1))
    return module(
        gate=router(count, hidden_size),
        pre_expert_proj=linear(hidden_size, moe_hidden_size),
        pre_expert_norm=rms_norm(moe_hidden_size),
        experts=extended(routed, {"post_expert_norm": for_all}),
        post_expert_proj=linear(moe_hidden_size, hidden_size),
    )
