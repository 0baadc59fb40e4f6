"""An estimate for an encoder-decoder that nobody has described: BART's layers, of the config's dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, layer_norm, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.intake.common_names import TEXT_PARTS

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_DECODER_LAYERS: Final = ("decoder_layers", "num_decoder_layers", "n_decoder_layers")
_ENCODER_LAYERS: Final = ("encoder_layers", "num_encoder_layers", "n_encoder_layers")
_EITHER: Final = ("num_layers", "num_hidden_layers")
_ENCODER_WIDTHS: Final = ("encoder_ffn_dim", "intermediate_size")
_DECODER_WIDTHS: Final = ("decoder_ffn_dim", "intermediate_size")


def is_encoder_decoder(c: Config) -> bool:
    """Whether a config speaks of an encoder and a decoder whose sizes stand beside each other.

    Example:
        >>> from budsim_widgets.architectures.config import Config
        >>> is_encoder_decoder(Config({"is_encoder_decoder": True, "encoder_layers": 6, "decoder_layers": 6}))
        True
        >>> is_encoder_decoder(Config({"is_encoder_decoder": True, "architectures": ["NewForCausalLM"]}))
        False
    """
    named = c.get("architectures")
    is_decoder = isinstance(named, list) and any(str(name).endswith("ForCausalLM") for name in named)
    has_both = bool(_size(c, _ENCODER_LAYERS)) and bool(_size(c, _DECODER_LAYERS))
    has_text = any(name in c for name in TEXT_PARTS)
    return not (is_decoder or has_text) and (c.get("is_encoder_decoder") is True or has_both)


def generic_encoder_decoder(c: Config) -> Module:
    """An embedding that both sides and the head share, layers with attention, and in the decoder to the encoder.

    Raises:
        ConfigError: `MISSING_FIELD`, where the config lacks a dimension that has no usual value.
    """
    width, heads = c.hidden_size, c.num_attention_heads
    head_dim = _size(c, ("d_kv", "head_dim")) or width // heads
    is_gated = "gated" in str(c.get("feed_forward_proj") or "")

    def layer(intermediate_size: int, *, is_decoder: bool) -> Module:
        return module(
            self_attn=attention(width, heads, heads, head_dim, bias=True, cached=is_decoder),
            encoder_attn=cross_attention(width, heads, head_dim, bias=True) if is_decoder else None,
            mlp=gated_mlp(width, intermediate_size) if is_gated else mlp(width, intermediate_size),
            norms=module({str(index): layer_norm(width) for index in range(3 if is_decoder else 2)}),
        )

    encoder = layer(_size(c, _ENCODER_WIDTHS) or 4 * width, is_decoder=False)
    decoder = layer(_size(c, _DECODER_WIDTHS) or 4 * width, is_decoder=True)
    return module(
        shared=embedding(c.vocab_size, width),
        encoder=module(layers=repeat(_size(c, (*_ENCODER_LAYERS, *_EITHER)), encoder)),
        decoder=module(layers=repeat(_size(c, (*_DECODER_LAYERS, *_EITHER)), decoder)),
        lm_head=head(c, tied=bool(c.get("tie_word_embeddings", True))),
    )


def _size(c: Config, names: tuple[str, ...]) -> int:
    """The first of these fields that is a whole number above 0; else 0."""
    values: list[Any] = [c.get(name) for name in names]
    return next((value for value in values if type(value) is int and value > 0), 0)
