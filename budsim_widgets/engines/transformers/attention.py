"""The attention that a model runs with in transformers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, cast

from budsim_widgets.data import load_table
from budsim_widgets.errors import WorkloadError

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.working_sets import Attention

ATTENTIONS: Final = ("auto", "sdpa", "eager", "flash")


def attention_of(architecture: Architecture, chosen: str) -> Attention:
    """What is set, or what transformers chooses for the class of a model.

    Args:
        architecture: The model.
        chosen: One of `ATTENTIONS`.

    Raises:
        WorkloadError: The class has no such attention; `.field` is `attention`.
    """
    name = architecture.architecture
    if chosen == "auto":
        return "eager" if name in _classes_without("sdpa") else "sdpa"
    if chosen != "eager" and name in _classes_without(chosen):
        raise WorkloadError(
            f"{name} has no {chosen} attention in transformers.",
            field="attention",
            next_step='Choose attention="auto", which takes what the class has.',
        )
    return cast("Attention", chosen)


@cache
def _classes_without(attention: str) -> frozenset[str]:
    return frozenset(load_table("working_sets")[f"without_{attention}"])
