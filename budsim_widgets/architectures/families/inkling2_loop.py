"""Inkling 2 Mini: some layers are passed several times, and get messages from the pass before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.inkling import inkling_layer_types
from budsim_widgets.architectures.blocks.inkling2 import check_widths, inkling2_layer, inkling2_model, padded_head_notes
from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.vision import multimodal_model
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, extended, module, repeated_caches, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_MESSAGES = ("q", "k", "v", "mlp")


@family("inkling2_loop_text", "Inkling2LoopForCausalLM", notes=padded_head_notes)
def inkling2_loop_text(c: Config) -> Module:
    """Each pass keeps keys, values and states of its own."""
    start, end, passes, rank = _loop(c)
    gates = {f"{name}_message_gate": _message_gate(c.hidden_size, rank) for name in _MESSAGES}

    def layer(kind: str, is_first: bool, is_looped: bool) -> Module:  # noqa: FBT001 - kinds of layer
        usual = inkling2_layer(c, kind, is_first=is_first)
        return repeated_caches(extended(usual, gates), passes) if is_looped else usual

    places = ((kind, index == 0, start <= index < end) for index, kind in enumerate(inkling_layer_types(c)))
    message_input = module(query=Weight((end - start, len(_MESSAGES), c.hidden_size)))
    return inkling2_model(c, stack(places, layer), message_input=message_input)


@family("inkling2_loop", "Inkling2LoopForConditionalGeneration", kind="multimodal", notes=padded_head_notes)
def inkling2_loop(c: Config) -> Module:
    """The tower of Inkling 2."""
    check_widths(c)
    head = part_of(c.text_config, "lm_head")
    return multimodal_model(c, tied=False, own_head=head, vision_tower=part_of(c.vision_config))


def _message_gate(hidden_size: int, rank: int) -> Module:
    """How much of a message is taken, and how much of one's own is forgotten; the projections up are in fp32."""
    up = linear(rank, hidden_size)
    return module(down_proj=linear(2 * hidden_size, rank), forget_gate_proj=up, message_gate_proj=up)


def _loop(c: Config) -> tuple[int, int, int, int]:
    """The first layer of the loop, the one behind its last, the passes, and the rank of the gates.

    Raises:
        ConfigError: `INCONSISTENT`, where the loop doesn't begin and end with a block of layers.
    """
    own, block = c.get("loop_config"), c.get("n_layers_per_attn_res_block", 6)
    names = {"core_start": "loop_layer_index_start", "core_end": "loop_layer_index_end"}
    names |= {"num_passes": "loop_num_passes", "gate_rank": "loop_gate_rank"}
    values = [getattr(c, name) if own is None else own.get(key, getattr(c, name)) for key, name in names.items()]
    start, end, passes, rank = values
    if start < 1 or start % block or end % block or end < start or passes < 1:
        message = f"The loop of layers {start} to {end}, {passes} times, must begin and end with a block of {block}."
        raise inconsistent("loop_layer_index_start", message)
    return start, end, passes, rank
