"""ModernBERT, as an encoder, a decoder, and with a vision tower: norms without biases, windows in most layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, fused_attention
from budsim_widgets.architectures.blocks.layers import embedding, fused_gated_mlp, layer_norm, linear
from budsim_widgets.architectures.blocks.models import given_layer_types, head
from budsim_widgets.architectures.labels import num_labels
from budsim_widgets.architectures.parts import Module, module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.config import Config


def _norm(c: Config) -> Module:
    return layer_norm(c.hidden_size, bias=c.norm_bias)


def _transform(c: Config) -> Module:
    """What stands between the last layer and the scores."""
    return module(dense=linear(c.hidden_size, c.hidden_size, bias=c.get("classifier_bias", False)), norm=_norm(c))


def _scores(c: Config, *, tied: bool) -> Module | None:
    return head(c, bias=c.decoder_bias, tied=tied)


def _base(c: Config, attention_of: Callable[[int | None], Module]) -> Module:
    """Embedding, layers and norms; the first layer has no norm in front of its attention."""

    def layer(window: int | None, is_first: bool) -> Module:  # noqa: FBT001 - one of a layer's two values
        return module(
            attn_norm=None if is_first else _norm(c),
            attn=attention_of(window),
            mlp_norm=_norm(c),
            mlp=fused_gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias, names=("Wi", "Wo")),
        )

    return module(
        embeddings=module(tok_embeddings=embedding(c.vocab_size, c.hidden_size), norm=_norm(c)),
        layers=stack([(window, index == 0) for index, window in enumerate(_windows(c))], layer),
        final_norm=_norm(c),
    )


def _windows(c: Config) -> list[int | None]:
    """Tokens of each layer's window, to one side; None for all."""
    kinds = given_layer_types(c, "full_attention", "sliding_attention")
    if kinds is None:
        every = c.get("global_attn_every_n_layers", 3)
        kinds = ["sliding_attention" if index % every else "full_attention" for index in range(c.num_hidden_layers)]
    one_side = c.get("local_attention", 0) // 2
    return [one_side if kind == "sliding_attention" else None for kind in kinds]


@family("modernbert", "ModernBertForMaskedLM")
def modernbert(c: Config) -> Module:
    """Keeps nothing."""
    return module(model=modernbert_model(c), head=_transform(c), decoder=_scores(c, tied=c.tie_word_embeddings))


def modernbert_model(c: Config) -> Module:
    """ModernBERT without its head."""
    hidden_size, num_attention_heads, bias = c.hidden_size, c.num_attention_heads, c.attention_bias
    self_attn = fused_attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size // num_attention_heads,
        bias=bias,
        names=("Wqkv", "Wo"),
        cached=False,
    )
    return _base(c, lambda _: self_attn)


@family("modernbert-decoder", "ModernBertDecoderForCausalLM")
def modernbert_decoder(c: Config) -> Module:
    """Keeps the keys and values of every token, or of a window."""
    hidden_size, num_attention_heads, bias = c.hidden_size, c.num_attention_heads, c.attention_bias

    def attention_of(window: int | None) -> Module:
        names = ("q_proj", "k_proj", "v_proj", "Wo")
        return attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            bias=bias,
            window=window,
            names=names,
        )

    return module(model=_base(c, attention_of), lm_head=_transform(c), decoder=_scores(c, tied=c.tie_word_embeddings))


@family("modernbert-decoder", "ModernBertDecoderForSequenceClassification")
def modernbert_decoder_classifier(c: Config) -> Module:
    """The last token's vector tells the label."""
    classifier = linear(c.hidden_size, num_labels(c.fields), bias=c.get("classifier_bias", False), role="head")
    return module(model=modernbert_decoder(c).children["model"], head=_transform(c), classifier=classifier)


@family("modernvbert", "ModernVBertForMaskedLM")
def modernvbert(c: Config) -> Module:
    """The head of ModernBERT."""
    text = c.text_config
    return module(
        model=_with_pictures(c), projection_head=_transform(text), lm_head=_scores(text, tied=c.tie_word_embeddings)
    )


@family("modernvbert", "ModernVBertForSequenceClassification")
@family("modernvbert", "ModernVBertForTokenClassification")
def modernvbert_classifier(c: Config) -> Module:
    """The labels stand at the top level of the config."""
    text = c.text_config
    classifier = linear(text.hidden_size, num_labels(c.fields), bias=True, role="head")
    return module(model=_with_pictures(c), head=_transform(text), classifier=classifier)


def _with_pictures(c: Config) -> Module:
    """SigLIP's patches, shuffled together into fewer, stand before the text."""
    text, vision = c.text_config, c.vision_config
    patches = vision.hidden_size * c.pixel_shuffle_factor**2
    return module(
        vision_model=part_of(vision),
        connector=module(modality_projection=linear(patches, text.hidden_size)),
        text_model=part_of(text, "model"),
    )
