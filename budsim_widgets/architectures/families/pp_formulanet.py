"""PP-FormulaNet: Segment Anything's tower, and an mBART decoder that generates a formula from a picture of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import MBART, bart_decoder
from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.sam import sam_encoder, sam_halving
from budsim_widgets.architectures.blocks.vision import side_of
from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import extended, module, recached
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("pp_formulanet", "PPFormulaNetForConditionalGeneration")
def pp_formulanet(c: Config) -> Module:
    """The head is never tied, and pictures have one size: the decoder always attends to as many tokens."""
    text, vision = c.text_config, c.vision_config
    if text.d_model % text.decoder_attention_heads:
        message = f"`d_model` {text.d_model} can't be shared among {text.decoder_attention_heads} heads."
        raise inconsistent("text_config.decoder_attention_heads", message)
    tokens = _num_tokens(vision)

    def kept(cache: LayerCache) -> LayerCache:
        return replace(cache, fixed_tokens=tokens) if isinstance(cache, CrossAttentionCache) else cache

    return module(
        model=module(
            encoder=extended(sam_encoder(vision), {"multi_modal_projector": _projector(vision)}),
            decoder=recached(bart_decoder(text, MBART, shared=False), kept),
        ),
        lm_head=head(text, tied=False),
    )


def _projector(c: Config) -> Module:
    """Two convolutions that halve the picture, and two linear layers to the decoder's hidden size."""
    post_conv_out_channels = c.post_conv_out_channels
    halving = sam_halving(c.post_conv_in_channels, c.post_conv_mid_channels, post_conv_out_channels)
    linears = {
        "linear_1": linear(post_conv_out_channels, post_conv_out_channels, bias=True),
        "linear_2": linear(post_conv_out_channels, c.decoder_hidden_size, bias=True),
    }
    return extended(halving, linears)


def _num_tokens(c: Config) -> int:
    """What two halvings, each rounded up, leave of the patches."""
    side = side_of(c.image_size, "image_size") // side_of(c.patch_size, "patch_size")
    return int(-(-side // 4)) ** 2
