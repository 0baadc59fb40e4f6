"""TrOCR's decoder: BART's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import cross_attention
from budsim_widgets.architectures.blocks.bart import BART_PROJECTIONS, BartStyle, bart_decoder_layer, bart_side
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import extended, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("trocr", "TrOCRForCausalLM")
def trocr(c: Config) -> Module:
    """BART's decoder; the encoder may have another hidden size."""
    d_model, decoder_attention_heads = c.d_model, c.decoder_attention_heads
    cross_attn = cross_attention(
        d_model,
        decoder_attention_heads,
        d_model // decoder_attention_heads,
        bias=True,
        source_hidden_size=c.get("cross_attention_hidden_size"),
        names=BART_PROJECTIONS,
        cached=False,
    )
    layer = extended(bart_decoder_layer(c, decoder_only=True), {"encoder_attn": cross_attn})
    style = BartStyle(
        spare_positions=2 if c.use_learned_position_embeddings else None, embedding_norm=c.layernorm_embedding
    )
    decoder = bart_side(c, style, repeat(c.decoder_layers, layer), shared=False)
    return module(model=module(decoder=decoder), output_projection=head(c))
