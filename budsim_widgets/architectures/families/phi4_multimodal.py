"""Phi 4 multimodal: Phi 3 with pictures and speech, which enter where its words do."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import (
    conv,
    depthwise_conv,
    embedding,
    fused_gated_mlp,
    layer_norm,
    linear,
)
from budsim_widgets.architectures.blocks.llama import phi3_decoder
from budsim_widgets.architectures.blocks.siglip import pooling_head, siglip_without_head
from budsim_widgets.architectures.blocks.vision import side_of
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import Module, Stack, Weight, extended, extended_at, module, repeat
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import resolve_fields

if TYPE_CHECKING:
    from typing import Final

    from budsim_widgets.architectures.parts import Part

_LORA_RANKS: Final = {"vision": 256, "speech": 320}
"""Ranks of the published adapters (`vision_lora`, `speech_lora`)."""


def _notes(_: Config) -> tuple[str, ...]:
    return ("The published checkpoint comes with LoRA adapters for pictures and for speech, which aren't counted.",)


@family("phi4_multimodal", "Phi4MultimodalForCausalLM", kind="multimodal", notes=_notes)
def phi4_multimodal(c: Config) -> Module:
    """Both towers stand inside the text's model."""
    extended_embeddings = module(
        image_embed=_image_embed(c.vision_config, c.hidden_size), audio_embed=_audio_embed(c, c.audio_config)
    )
    return extended_at(phi3_decoder(c), "model", {"embed_tokens_extend": extended_embeddings})


def _lora_notes(_: Config) -> tuple[str, ...]:
    described = "Described as transformers builds phi4_multimodal, with the adapters of its own code"
    return (f"{described}: within 20,000 parameters of the 5,574,460,384 that are published. An estimate.",)


@family("phi4mm", "Phi4MMForCausalLM", kind="multimodal", basis="estimate", notes=_lora_notes)
def phi4mm(c: Config) -> Module:
    """The original code: both adapters stand beside every projection of the text's layers."""
    own = {name: value for name, value in c.fields.items() if name not in {"architectures", "audio_processor"}}
    whole = phi4_multimodal(c.changed(resolve_fields({**own, "model_type": "phi4_multimodal"})))
    ranks = {name: c.get(f"{name}_lora", Config({})).get("r", rank) for name, rank in _LORA_RANKS.items()}
    model = whole.children["model"]
    layers = model.children["layers"] if isinstance(model, Module) else None
    if not isinstance(model, Module) or not isinstance(layers, Stack):
        raise TypeError("the text's layers are no stack")
    adapted = Stack(tuple((_adapted(layer, ranks), places) for layer, places in layers.kinds))
    return extended(whole, {"model": extended(model, {"layers": adapted})})


def _adapted(part: Part, ranks: dict[str, int]) -> Part:
    """A part with two small matrices for each adapter beside every linear layer."""
    if not isinstance(part, Module):
        return part
    weight = part.children.get("weight")
    if isinstance(weight, Weight):
        if weight.role != "linear":
            return part
        rows, columns = weight.shape
        down = module({name: linear(columns, rank) for name, rank in ranks.items()})
        up = module({name: linear(rank, rows) for name, rank in ranks.items()})
        return extended(part, {"lora_A": down, "lora_B": up})
    return extended(part, {name: _adapted(child, ranks) for name, child in part.children.items()})


def _image_embed(c: Config, text_hidden_size: int) -> Module:
    """SigLIP with its pooling head, which isn't used; vectors that separate pictures, and between a picture's rows."""
    for field in ("image_size", "patch_size"):
        side_of(c.get(field), field)
    return module(
        img_processor=extended(siglip_without_head(c), {"head": pooling_head(c)}),
        img_projection_up=linear(c.hidden_size, text_hidden_size, bias=True),
        img_projection_down=linear(text_hidden_size, text_hidden_size, bias=True),
        global_img_feature_extensor=Weight((1, 1, c.hidden_size), "embedding"),
        sub_img_feature_extensor=Weight((1, 1, 1, c.hidden_size), "embedding"),
    )


def _audio_embed(whole: Config, c: Config) -> Module:
    """A Conformer; speech beside pictures has projections of its own."""
    text_hidden_size = whole.hidden_size
    up, down = (
        linear(c.hidden_size * c.downsample_rate, text_hidden_size, bias=True),
        linear(text_hidden_size, text_hidden_size, bias=True),
    )
    distances = c.bias_max_distance * (1 if c.bias_symmetric else 2)
    return module(
        encoder=module(
            embed=_subsampling(c),
            relative_attention_bias_layer=module(bias_values=embedding(distances, c.num_attention_heads)),
            encoders=repeat(c.num_blocks, _conformer_layer(c)),
        ),
        up_proj_for_speech=up,
        down_proj_for_speech=down,
        up_proj_for_vision_speech=up,
        down_proj_for_vision_speech=down,
    )


def _subsampling(c: Config) -> Module:
    """Halvings of time and pitch; between the convolutions stand activations, which count in the names."""
    if c.time_reduction % 2:
        message = f"`time_reduction` is {c.time_reduction}, but sound is shortened by halving: it must be even."
        raise ConfigError("FIELD_VALUE", message, field="audio_config.time_reduction")
    channels, num_halvings, num_frequencies = c.nemo_conv_channels, int(log2(c.time_reduction)), c.input_size
    layers: dict[str, Part | None] = {"0": conv(channels, 1, 3, 3)}
    for index in range(num_halvings - 1):
        layers[str(3 * index + 2)] = conv(channels, 1, 3, 3)
        layers[str(3 * index + 3)] = conv(channels, channels, 1, 1)
    for _ in range(num_halvings):
        num_frequencies = (num_frequencies + 1) // 2
    num_frequencies = c.get("nemo_final_size", num_frequencies)  # derived, but a saved one is what is built
    return module(conv=module(layers), out=linear(channels * num_frequencies, c.hidden_size, bias=True))


def _conformer_layer(c: Config) -> Module:
    hidden_size, num_attention_heads, norm = c.hidden_size, c.num_attention_heads, layer_norm(c.hidden_size)
    feed_forward = extended(fused_gated_mlp(hidden_size, c.intermediate_size, bias=True), {"layer_norm": norm})
    return module(
        feed_forward_in=feed_forward,
        self_attn=attention(hidden_size, num_attention_heads, num_attention_heads, c.head_dim, bias=True, cached=False),
        conv=_convolution(c),
        feed_forward_out=feed_forward,
        layer_norm_att=norm,
        layer_norm=norm,
    )


def _convolution(c: Config) -> Module:
    """A gate with a bias for each side, and a convolution along time that may widen every channel."""
    hidden_size, gated, widened = c.hidden_size, c.ext_pw_out_channel, c.hidden_size * c.depthwise_multiplier
    bias = Weight((1, gated, 1), "bias")
    return module(
        layer_norm=layer_norm(hidden_size),
        glu=module(ext_pw_conv_1d=conv(2 * gated, hidden_size, 1), b1=bias, b2=bias),
        dw_sep_conv_1d=module(
            dw_conv=depthwise_conv(widened, c.kernel_size),
            pw_conv=conv(c.depthwise_separable_out_channel, widened, 1),
        ),
        ext_pw_conv_1d=conv(gated, hidden_size, 1),
    )
