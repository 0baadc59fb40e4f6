"""Drafts that nothing in their config marks: those of the first EAGLE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import groups, num_parameters
from budsim_widgets.architectures.registry import find_family
from budsim_widgets.architectures.uncertainty import Uncertainty
from budsim_widgets.intake.common_names import COMMON_NAMES, TEXT_PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from budsim_widgets.architectures.parts import Module

_CAUSAL: Final = ("ForCausalLM", "LMHeadModel")
_MULTIMODAL: Final = (*_CAUSAL, "ForConditionalGeneration")
_DEPTHS: Final = tuple(name for name in COMMON_NAMES["num_hidden_layers"] if name != "encoder_layers")
_PARTS: Final = tuple(name for name in TEXT_PARTS if name != "decoder")
"""A decoder that reads what an encoder made has no draft."""

_WIDE: Final = 2048
"""The width of the smallest model that EAGLE was published for; what is narrower is somebody's test."""

DRAFT_NOTE: Final = (
    "One layer of this width may be a draft of EAGLE, which no field marks: such a draft has no head and no last norm, "
    "but a projection from twice the width. It is computed as its class."
)


def draft_part(c: Config, architecture: str) -> Mapping[str, Any] | None:
    """What a config says of its language model, where it may be a draft's: one layer, as wide as those of large models.

    A draft of EAGLE says `LlamaForCausalLM` and one layer. It has the embedding and the layer without its first norm,
    and a projection of two vectors to one; it has no last norm and no head. `eagle/model` of SafeAILab/EAGLE drafts
    with layers of Llama, Mixtral and Qwen, others may train drafts for any type of model in the same way: so any
    type may be meant, whatever it calls its number of layers, and a model that takes in pictures too.

    Args:
        c: The config with defaults filled in, as its description has read it: what that took for the number counts.
        architecture: The class that is described; those that don't predict text have no drafts.

    Example:
        >>> draft_part(Config({"num_hidden_layers": 1, "hidden_size": 4096}), "MistralForCausalLM") is not None
        True
        >>> draft_part(Config({"num_hidden_layers": 1, "hidden_size": 64}), "MistralForCausalLM") is None
        True
    """
    for path, part in _language_models(c.fields, architecture):
        if _is_like_one(part) and _has_one_layer(c.reads, path, part):
            return part
    return None


def _language_models(config: Mapping[str, Any], architecture: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The config itself, and its parts; with where they stand."""
    if architecture.endswith(_CAUSAL):
        yield "", config
    for name in _PARTS if architecture.endswith(_MULTIMODAL) else ():
        if isinstance(config.get(name), dict):
            yield f"{name}.", config[name]


def _is_like_one(part: Mapping[str, Any]) -> bool:
    """Asked before what was read: that list is long."""
    width = part.get("hidden_size")
    if type(width) is not int or width < _WIDE:
        return False
    return any(part.get(name) == 1 for name in _DEPTHS) or _number_of_kinds(part) == 1


def _has_one_layer(reads: frozenset[str], path: str, part: Mapping[str, Any]) -> bool:
    """Whether a description took a number for that of the layers that is 1; what counts their kinds reads none."""
    if path and not any(read.startswith(path) for read in reads):
        return False
    read = [part.get(name) for name in _DEPTHS if path + name in reads]
    return 1 in (read or (_number_of_kinds(part), part.get("num_hidden_layers")))


def _number_of_kinds(part: Mapping[str, Any]) -> int | None:
    kinds = part.get("layers_block_type")
    return len(kinds) if isinstance(kinds, list) else None


def as_draft(root: Module, part: Mapping[str, Any], *, is_whole: bool) -> Uncertainty:
    """How much a draft has of what its class builds: no head and no norm before or behind its layer, but a projection.

    Args:
        root: What the class builds.
        part: What the config says of the language model; a draft has nothing of what stands beside it.
        is_whole: Whether that is the config itself.

    Example:
        >>> from budsim_widgets.architectures.parts import Weight, module
        >>> tree = module(layer=Weight((64, 64), "linear"), lm_head=Weight((64, 64), "head"))
        >>> as_draft(tree, {"hidden_size": 32}, is_whole=True).fewest
        0.484375
    """
    whole, width = num_parameters(root), part["hidden_size"]
    text = root if is_whole else _described(part) or root
    head = sum(group.num_parameters for group in groups(text) if group.role == "head")
    norms, projection = 2 * 2 * width, 2 * width**2 + width  # each with a bias, which few have
    return Uncertainty((num_parameters(text) - head - norms) / whole, (whole + projection) / whole)


def _described(part: Mapping[str, Any]) -> Module | None:
    """The language model alone; None where it is described with its towers only."""
    family, _ = find_family(str(part.get("model_type") or ""), None)
    return None if family is None else family.describe(Config(part))
