"""SeamlessM4T, which translates speech or text: an encoder of each, a decoder of text, and what makes speech of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, depthwise_conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.seamless import speaking, speaking_at_once, text_decoder, text_encoder
from budsim_widgets.architectures.parts import Module, Part, Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family
from budsim_widgets.architectures.uncertainty import Uncertainty

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_SPEECH_PROJECTIONS = ("linear_q", "linear_k", "linear_v", "linear_out")


def _speech_notes(c: Config) -> tuple[str, ...]:
    """What is kept while it speaks."""
    del c
    return ("What is kept while text becomes speech is not counted: it comes after what is kept of the text.",)


def _speech_range(c: Config, _: Module) -> Uncertainty:
    """The keys of speech, as many a layer as those of text at most, beside those of the text."""
    return Uncertainty(most_cache=1 + c.t2u_decoder_layers / max(c.decoder_layers, 1))


@family("seamless_m4t", "SeamlessM4TForTextToText")
@family("seamless_m4t_v2", "SeamlessM4Tv2ForTextToText")
def text_to_text(c: Config) -> Module:
    """One table for both languages."""
    return _whole(c, text_encoder=text_encoder(c))


@family("seamless_m4t", "SeamlessM4TForSpeechToText")
def speech_to_text(c: Config) -> Module:
    """A Conformer with sinusoidal positions relative to each other, and batch norms."""
    return _whole(c, speech_encoder=_hearing(c))


@family("seamless_m4t_v2", "SeamlessM4Tv2ForSpeechToText")
def speech_to_text_v2(c: Config) -> Module:
    """A Conformer with a table of distances, and layer norms."""
    return _whole(c, speech_encoder=_hearing_v2(c))


@family("seamless_m4t", "SeamlessM4TModel", basis="estimate", notes=_speech_notes, uncertainty=_speech_range)
def whole(c: Config) -> Module:
    """Both encoders; speech is made of text by a second encoder-decoder, and by a vocoder of its units."""
    return speaking(c, _whole(c, text_encoder=text_encoder(c), speech_encoder=_hearing(c)))


@family("seamless_m4t", "SeamlessM4TForTextToSpeech", basis="estimate", notes=_speech_notes, uncertainty=_speech_range)
def text_to_speech(c: Config) -> Module:
    """Without what hears."""
    return speaking(c, _whole(c, text_encoder=text_encoder(c)))


@family(
    "seamless_m4t", "SeamlessM4TForSpeechToSpeech", basis="estimate", notes=_speech_notes, uncertainty=_speech_range
)
def speech_to_speech(c: Config) -> Module:
    """Without what reads."""
    return speaking(c, _whole(c, speech_encoder=_hearing(c)))


@family("seamless_m4t_v2", "SeamlessM4Tv2Model")
def whole_v2(c: Config) -> Module:
    """The units of speech are made all at once, so that nothing is kept for them."""
    return speaking_at_once(c, _whole(c, text_encoder=text_encoder(c), speech_encoder=_hearing_v2(c)))


@family("seamless_m4t_v2", "SeamlessM4Tv2ForTextToSpeech")
def text_to_speech_v2(c: Config) -> Module:
    """Without what hears."""
    return speaking_at_once(c, _whole(c, text_encoder=text_encoder(c)))


@family("seamless_m4t_v2", "SeamlessM4Tv2ForSpeechToSpeech")
def speech_to_speech_v2(c: Config) -> Module:
    """Without what reads."""
    return speaking_at_once(c, _whole(c, speech_encoder=_hearing_v2(c)))


def _whole(c: Config, **encoder: Module) -> Module:
    return module(
        {
            "shared": embedding(c.vocab_size, c.hidden_size),
            **encoder,
            "text_decoder": text_decoder(c),
            "lm_head": head(c),
        }
    )


def _hearing(c: Config) -> Module:
    return _speech_encoder(c, _relative(c), "batch_norm")


def _hearing_v2(c: Config) -> Module:
    return _speech_encoder(c, _distances(c), "depthwise_layer_norm")


def _relative(c: Config) -> dict[str, Part]:
    if c.get("position_embeddings_type", "relative") != "relative":
        return {}
    hidden_size, speech_encoder_attention_heads = c.hidden_size, c.speech_encoder_attention_heads
    bias = Weight((speech_encoder_attention_heads, hidden_size // speech_encoder_attention_heads), "bias")
    return {"linear_pos": linear(hidden_size, hidden_size), "pos_bias_u": bias, "pos_bias_v": bias}


def _distances(c: Config) -> dict[str, Part]:
    if c.get("position_embeddings_type", "relative_key") != "relative_key":
        return {}
    rows = c.left_max_position_embeddings + c.right_max_position_embeddings + 1
    return {"distance_embedding": embedding(rows, c.hidden_size // c.speech_encoder_attention_heads)}


def _speech_encoder(c: Config, positions: dict[str, Part], conv_norm: str) -> Module:
    hidden_size, feature_projection_input_dim = c.hidden_size, c.feature_projection_input_dim
    return module(
        feature_projection=module(
            layer_norm=layer_norm(feature_projection_input_dim),
            projection=linear(feature_projection_input_dim, hidden_size, bias=True),
        ),
        encoder=module(
            layers=repeat(c.speech_encoder_layers, _conformer_layer(c, positions, conv_norm)),
            layer_norm=layer_norm(hidden_size),
        ),
        intermediate_ffn=_speech_feed_forward(c),
        adapter=module(layers=repeat(c.num_adapter_layers, _adapter_layer(c))) if c.add_adapter else None,
        inner_layer_norm=layer_norm(hidden_size),
    )


def _speech_attention(c: Config) -> Module:
    # As wide as the model, whatever the number of heads.
    hidden_size = c.hidden_size
    return attention(hidden_size, 1, 1, hidden_size, bias=True, names=_SPEECH_PROJECTIONS, cached=False)


def _speech_feed_forward(c: Config) -> Module:
    return mlp(c.hidden_size, c.speech_encoder_intermediate_size, names=("intermediate_dense", "output_dense"))


def _conformer_layer(c: Config, positions: dict[str, Part], conv_norm: str) -> Module:
    """Half a feed-forward block, attention, a convolution, the other half."""
    hidden_size = c.hidden_size
    convolution = module(
        {
            "layer_norm": layer_norm(hidden_size),
            "pointwise_conv1": conv(2 * hidden_size, hidden_size, 1, bias=False),
            "depthwise_conv": depthwise_conv(hidden_size, c.conv_depthwise_kernel_size, bias=False),
            conv_norm: layer_norm(hidden_size),
            "pointwise_conv2": conv(hidden_size, hidden_size, 1, bias=False),
        }
    )
    return module(
        ffn1_layer_norm=layer_norm(hidden_size),
        ffn1=_speech_feed_forward(c),
        self_attn_layer_norm=layer_norm(hidden_size),
        self_attn=extended(_speech_attention(c), positions),
        conv_module=convolution,
        ffn2_layer_norm=layer_norm(hidden_size),
        ffn2=_speech_feed_forward(c),
        final_layer_norm=layer_norm(hidden_size),
    )


def _adapter_layer(c: Config) -> Module:
    """Shortens the sequence."""
    hidden_size = c.hidden_size
    shorten = conv(2 * hidden_size, hidden_size, c.adaptor_kernel_size)
    return module(
        residual_layer_norm=layer_norm(hidden_size),
        residual_conv=shorten,
        self_attn_layer_norm=layer_norm(hidden_size),
        self_attn_conv=shorten,
        self_attn=_speech_attention(c),
        ffn_layer_norm=layer_norm(hidden_size),
        ffn=_speech_feed_forward(c),
    )
