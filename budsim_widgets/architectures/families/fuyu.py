"""Those that need no tower: Fuyu reads patches as they are, Emu3 writes and reads pictures as tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.layers import gated_mlp, linear, rms_norm
from budsim_widgets.architectures.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import repeat
from budsim_widgets.architectures.registry import family
from budsim_widgets.architectures.vision import is_tied_at_top, seeing_model, side_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("fuyu", "FuyuForCausalLM", kind="multimodal")
def fuyu(c: Config) -> Module:
    """One linear layer takes a patch's colours to the width of a Persimmon."""
    colours = side_of(c.patch_size, "patch_size") ** 2 * c.num_channels
    return seeing_model(
        c, tied=is_tied_at_top(c), vision_embed_tokens=linear(colours, c.text_config.hidden_size, bias=True)
    )


@family("emu3", "Emu3ForCausalLM")
def emu3_without_pictures(c: Config) -> Module:
    """The language model alone, from the config of the whole."""
    return emu3_text(c.text_config)


@family("emu3_text_model", "Emu3ForCausalLM")
def emu3_text(c: Config) -> Module:
    """Llama."""
    layer = pre_norm_layer(
        c.hidden_size,
        self_attention(c, bias=c.get("attention_bias", False)),
        gated_mlp(c.hidden_size, c.intermediate_size, bias=c.get("mlp_bias", False)),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))
