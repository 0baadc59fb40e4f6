"""Drafts that nothing in their config marks: those of the first EAGLE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.parts import groups, num_parameters
from budsim_widgets.architectures.uncertainty import Uncertainty

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from budsim_widgets.architectures.parts import Module

_CAUSAL: Final = ("ForCausalLM", "LMHeadModel")
_WIDE: Final = 2048
"""The width of the smallest model that EAGLE was published for; what is narrower is somebody's test."""


_NOTE: Final = (
    "One layer of this width may be a draft of EAGLE, which no field marks: such a draft has no head and no last norm, "
    "but a projection from twice the width. It is computed as its class."
)


def draft_notes(config: Mapping[str, Any], architecture: str) -> tuple[str, ...]:
    """What to know about a config that may be a draft's: one layer, as wide as those of a large model.

    A draft of EAGLE says `LlamaForCausalLM` and one layer. It has the embedding and the layer without its first norm,
    and a projection of two vectors to one; it has no last norm and no head. `eagle/model` of SafeAILab/EAGLE drafts
    with layers of Llama, Mixtral and Qwen, others may train drafts for any type of model in the same way: so any
    type may be meant.

    Args:
        config: The config with defaults filled in.
        architecture: The class that is described; those that don't predict text have no drafts.

    Example:
        >>> len(draft_notes({"num_hidden_layers": 1, "hidden_size": 4096}, "MistralForCausalLM"))
        1
        >>> draft_notes({"num_hidden_layers": 1, "hidden_size": 64}, "MistralForCausalLM")
        ()
    """
    width = config.get("hidden_size")
    is_like_one = architecture.endswith(_CAUSAL) and config.get("num_hidden_layers") == 1
    if not is_like_one or type(width) is not int or width < _WIDE:
        return ()
    return (_NOTE,)


def as_draft(root: Module, width: int) -> Uncertainty:
    """How much a draft has of what its class builds: no head and no norm before or behind its layer, but a projection.

    Example:
        >>> from budsim_widgets.architectures.parts import Weight, module
        >>> as_draft(module(layer=Weight((64, 64), "linear"), lm_head=Weight((64, 64), "head")), 32).fewest
        0.484375
    """
    whole = num_parameters(root)
    head = sum(group.num_parameters for group in groups(root) if group.role == "head")
    norms, projection = 2 * 2 * width, 2 * width**2 + width  # each with a bias, which few have
    return Uncertainty((whole - head - norms) / whole, (whole + projection) / whole)
