"""NVIDIA's Nemotron: plain feed-forward blocks; Nemotron-H, a row of blocks, each one thing; and its Omni.

A block of Nemotron-H is Mamba-2, attention, a plain feed-forward block or experts. Omni has RADIO's vision tower and,
where the config says so, Parakeet's encoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, mlp, rms_norm, router
from budsim_widgets.architectures.blocks.mixers import mamba2_mixer
from budsim_widgets.architectures.blocks.models import causal_lm, head, self_attention
from budsim_widgets.architectures.blocks.multi_token_prediction import (
    num_prediction_layers,
    prediction_layers,
    text_part,
)
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of
from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.extras import Extra
    from budsim_widgets.architectures.parts import Module

_LETTERS = {"M": "mamba", "E": "moe", "*": "attention", "-": "mlp"}


_SPELLINGS = {"linear_attention": "mamba", "full_attention": "attention"}


_DEFAULT = ["mamba", "moe", "attention", "mlp"]


_MTP = ["attention", "moe"]


def nemotron_extras(c: Config, _: Module) -> tuple[Extra, ...]:
    """Layers for multi-token prediction are rows of blocks: attention and experts unless the config lists others."""
    text, count = text_part(c), num_prediction_layers(c)
    if not count:
        return ()
    blocks = [_block(text, kind) for kind in _names(text, "mtp_layers_block_type", "mtp_hybrid_override_pattern", _MTP)]
    row = module({str(index): block for index, block in enumerate(blocks)})
    return (prediction_layers(text.hidden_size, "mtp.layers", count, lambda: [row] * count),)


@family("nemotron_h", "NemotronHForCausalLM", extras=nemotron_extras)
def nemotron_h(c: Config) -> Module:
    """The pattern (`M-M*E`) or the list of types says what each block is, and how many; the head is never tied."""
    return module(
        model=module(
            embeddings=embedding(c.vocab_size, c.hidden_size),
            layers=stack(
                _names(c, "layers_block_type", "hybrid_override_pattern", _DEFAULT), lambda kind: _block(c, kind)
            ),
            norm_f=rms_norm(c.hidden_size),
        ),
        lm_head=head(c, tied=False),
    )


@family("nemotron", "NemotronForCausalLM")
def nemotron(c: Config) -> Module:
    """Llama with layer norms and a plain feed-forward block."""
    hidden_size, norm = c.hidden_size, layer_norm(c.hidden_size)
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias),
        mlp=mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
        input_layernorm=norm,
        post_attention_layernorm=norm,
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=norm)


def _names(c: Config, listed: str, pattern: str, default: list[str]) -> list[str]:
    """The kind of each block: as the config lists or spells them, or the default."""
    given = c.get(listed, c.get("layer_types") if default is _DEFAULT else None)
    if given is None and pattern in c:
        given = [_LETTERS.get(letter, letter) for letter in c.get(pattern)]
    return [_SPELLINGS.get(name, name) for name in (default if given is None else given)]


def _block(c: Config, kind: str) -> Module:
    blocks: dict[str, Callable[[Config], Module]] = {
        "mamba": _mamba,
        "attention": self_attention,
        "mlp": lambda config: mlp(config.hidden_size, config.intermediate_size, bias=config.mlp_bias),
        "moe": _experts,
    }
    if kind not in blocks:
        raise ConfigError("FIELD_VALUE", f"A block of type {quoted(kind, 40)} is unknown.", field="layers_block_type")
    return module(norm=rms_norm(c.hidden_size), mixer=blocks[kind](c))


def _mamba(c: Config) -> Module:
    return mamba2_mixer(
        c.hidden_size,
        c.mamba_num_heads,
        c.mamba_head_dim,
        groups=c.get("mamba_n_groups", c.n_groups),
        state_size=c.ssm_state_size,
        conv_kernel=c.get("mamba_d_conv", c.conv_kernel),
        bias=c.use_bias,
        conv_bias=c.get("mamba_conv_bias", c.use_conv_bias),
    )


def _experts(c: Config) -> Module:
    """Experts without gates; they may work in a narrower, latent width."""
    hidden_size, count, moe_intermediate_size = c.hidden_size, c.n_routed_experts, c.moe_intermediate_size
    latent = c.get("moe_latent_size", hidden_size)
    is_narrow = "moe_latent_size" in c
    return module(
        experts=module(
            up_proj=Weight((count, moe_intermediate_size, latent), "experts"),
            down_proj=Weight((count, latent, moe_intermediate_size), "experts"),
            active_share=(min(c.num_experts_per_tok, count), count),
        ),
        gate=router(count, hidden_size),
        shared_experts=mlp(hidden_size, c.moe_shared_expert_intermediate_size, bias=c.mlp_bias),
        fc1_latent_proj=linear(hidden_size, latent, bias=c.mlp_bias) if is_narrow else None,
        fc2_latent_proj=linear(latent, hidden_size, bias=c.mlp_bias) if is_narrow else None,
    )


@family("nemotron_h_omni", "NemotronH_Omni_Reasoning_V3", kind="multimodal", extras=nemotron_extras)
def nemotron_h_omni(c: Config) -> Module:
    """The parts stand beside each other; with layers for multi-token prediction, a norm stands behind the tower."""
    text, vision, audio, vision_hidden_size = (
        c.text_config,
        c.vision_config,
        c.get("audio_config"),
        c.vision_hidden_size,
    )
    frames, tower_frames = c.video_temporal_patch_size, vision.get("video_temporal_patch_size")
    if tower_frames != frames:
        message = f"The vision tower joins {tower_frames} frames, but the model {frames}."
        raise inconsistent("video_temporal_patch_size", message)
    joined = vision_hidden_size * int(1 / c.downsample_ratio) ** 2
    return module(
        language_model=part_of(text),
        vision_model=part_of(vision),
        vision_final_layernorm=layer_norm(vision_hidden_size) if text.get("num_nextn_predict_layers", 0) > 0 else None,
        multi_modal_projector=_projector(joined, c.projector_hidden_size, text.hidden_size),
        audio_tower=None if audio is None else part_of(audio),
        embed_audio=None if audio is None else _audio_projector(audio, text.hidden_size),
    )


def _audio_projector(c: Config, text_hidden_size: int) -> Module:
    return _projector(c.hidden_size, c.projection_hidden_size, text_hidden_size, bias=c.projection_bias)


def _projector(in_features: int, projector_hidden_size: int, text_hidden_size: int, *, bias: bool = False) -> Module:
    return module(
        layer_norm=rms_norm(in_features),
        linear_1=linear(in_features, projector_hidden_size, bias=bias),
        linear_2=linear(projector_hidden_size, text_hidden_size, bias=bias),
    )
