"""What files hold and transformers keeps as buffers, or computes: correction biases of routers, causal masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.extras import Extra
from budsim_widgets.architectures.parts import Module, Stack, Weight, extended_at, module, nested

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part

_ROUTER: Final = "mlp.gate"


def correction_biases(path: str, layers: Stack) -> tuple[Extra, ...]:
    """What each router adds to the scores of its experts when it chooses: `e_score_correction_bias`, a number for each.

    Args:
        path: Where the layers stand.
        layers: The layers, of which some have a router at `mlp.gate`.
    """
    kinds = tuple((nested(_ROUTER, bias), at) for layer, at in layers.kinds if (bias := _correction_bias(layer)))
    if not kinds:
        return ()
    return (Extra("correction_biases", sum(len(at) for _, at in kinds), nested(path, Stack(kinds)), is_confirmed=True),)


def with_correction_bias(layer: Module) -> Module:
    """The layer with the correction bias of its router, where it has one."""
    bias = _correction_bias(layer)
    return layer if bias is None else extended_at(layer, _ROUTER, bias.children)


def causal_masks(path: str) -> Callable[[Config, Module], tuple[Extra, ...]]:
    """A causal mask for each layer, as older files hold them: 12 · 1024² of gpt2's 137,022,720 numbers.

    Args:
        path: Where one stands, with `*` for the number of the layer: `transformer.h.*.attn.bias`.
    """
    stack_path, _, name = path.partition(".*.")

    def described(c: Config, _: Module) -> tuple[Extra, ...]:
        count, length = c.get("num_hidden_layers", 0), c.get("max_position_embeddings", 0)
        if not count or not length:
            return ()
        masks = Stack(((nested(name, Weight((1, 1, length, length))), tuple(range(count))),))
        return (Extra("causal_masks", count, nested(stack_path, masks), is_confirmed=True),)

    return described


def _correction_bias(layer: Part) -> Module | None:
    """A number for each expert of a layer that has a router."""
    mlp = layer.children.get("mlp") if isinstance(layer, Module) else None
    gate = mlp.children.get("gate") if isinstance(mlp, Module) else None
    weight = gate.children.get("weight") if isinstance(gate, Module) else None
    return module(e_score_correction_bias=Weight(weight.shape[:1])) if isinstance(weight, Weight) else None
