"""Drafts that nothing in their config marks: those of the first EAGLE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_TYPES: Final = frozenset({"llama", "mixtral", "qwen2", "qwen3"})
"""The types whose layers EAGLE drafts with. Source: `eagle/model` of SafeAILab/EAGLE."""

_WIDE: Final = 2048
"""The width of the smallest model that EAGLE was published for; what is narrower is somebody's test."""


_NOTE: Final = (
    "One layer of this width may be a draft of EAGLE, which no field marks: such a draft has no head and no last norm, "
    "but a projection from twice the width. It is computed as its class."
)


def draft_notes(config: Mapping[str, Any]) -> tuple[str, ...]:
    """What to know about a config that may be a draft's: one layer, as wide as those of a large model.

    A draft of EAGLE says `LlamaForCausalLM` and one layer. It has the embedding and the layer without its first norm,
    and a projection of two vectors to one; it has no last norm and no head.

    Example:
        >>> len(draft_notes({"model_type": "llama", "num_hidden_layers": 1, "hidden_size": 4096}))
        1
        >>> draft_notes({"model_type": "llama", "num_hidden_layers": 1, "hidden_size": 64})
        ()
    """
    width = config.get("hidden_size")
    is_like_one = config.get("model_type") in _TYPES and config.get("num_hidden_layers") == 1
    if not is_like_one or type(width) is not int or width < _WIDE:
        return ()
    return (_NOTE,)
