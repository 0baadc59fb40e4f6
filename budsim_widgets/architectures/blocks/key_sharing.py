"""Layers that attend to the keys and values of an earlier layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import module

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def first_sharing_layer(c: Config, kinds: list[str]) -> int:
    """The first of the last `num_kv_shared_layers`, which attend to the keys of an earlier layer of their kind."""
    layers, sharing = c.num_hidden_layers, c.num_kv_shared_layers
    if sharing and set(kinds[: max(layers - sharing, 0)]) != set(kinds):
        message = f"The last {sharing} of {layers} layers share keys, but before them there isn't a layer of each kind."
        raise inconsistent("num_kv_shared_layers", message)
    return int(layers - sharing)


def without_keys(self_attn: Module) -> Module:
    """Attention to the keys of another layer: it projects and keeps none of its own."""
    return module({name: part for name, part in self_attn.children.items() if name in {"q_proj", "q_norm", "o_proj"}})
