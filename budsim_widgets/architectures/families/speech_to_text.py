"""Speech2Text: BART's layers behind convolutions that shorten the spectrogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import BartStyle, bart_decoder_layer, bart_encoder_layer, bart_side
from budsim_widgets.architectures.blocks.layers import conv
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import extended, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_COMPUTED_POSITIONS = BartStyle(spare_positions=None, last_norm=True)


@family("speech_to_text", "Speech2TextForConditionalGeneration")
def speech_to_text(c: Config) -> Module:
    """BART's layers behind convolutions that shorten the spectrogram."""
    encoder = bart_side(c, _COMPUTED_POSITIONS, repeat(c.encoder_layers, bart_encoder_layer(c)), shared=True)
    decoder = bart_side(c, _COMPUTED_POSITIONS, repeat(c.decoder_layers, bart_decoder_layer(c)), shared=False)
    return module(model=module(encoder=extended(encoder, {"conv": _subsampler(c)}), decoder=decoder), lm_head=head(c))


def _subsampler(c: Config) -> Module:
    """Gated convolutions: each yields twice the channels that the next one takes."""
    kernels, count = c.conv_kernel_sizes, c.num_conv_layers
    if len(kernels) != count:
        message = f"`conv_kernel_sizes` lists {len(kernels)} layers, but `num_conv_layers` is {count}."
        raise inconsistent("conv_kernel_sizes", message)
    in_channels, conv_channels = c.input_feat_per_channel * c.input_channels, c.conv_channels

    def layer(is_first: bool, is_last: bool, kernel: int) -> Module:  # noqa: FBT001 - two of its values
        return conv(
            2 * c.d_model if is_last else conv_channels, in_channels if is_first else conv_channels // 2, kernel
        )

    places = ((index == 0, index == count - 1, kernel) for index, kernel in enumerate(kernels))
    return module(conv_layers=stack(places, layer))
