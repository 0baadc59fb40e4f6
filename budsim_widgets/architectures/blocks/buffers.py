"""What files hold and transformers keeps as buffers, or computes: correction biases of routers, causal masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.extras import Extra
from budsim_widgets.architectures.parts import Module, Stack, Weight, extended_at, module, nested, repeat

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
    routed = [(layer, at) for layer, at in layers.kinds if _router(layer) is not None]
    if not routed:
        return ()

    def part() -> Module:
        biases = ((_correction_bias(layer), at) for layer, at in routed)
        return nested(path, Stack(tuple((nested(_ROUTER, bias), at) for bias, at in biases if bias)))

    return (Extra("correction_biases", sum(len(at) for _, at in routed), part),)


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
        mask = Weight((1, 1, length, length))
        return (Extra("causal_masks", count, lambda: nested(stack_path, repeat(count, nested(name, mask)))),)

    return described


def _correction_bias(layer: Part) -> Module | None:
    """A number for each expert of a layer that has a router."""
    router = _router(layer)
    return None if router is None else module(e_score_correction_bias=Weight(router.shape[:1]))


def _router(layer: Part) -> Weight | None:
    """What scores the experts of a layer, where it has any."""
    mlp = layer.children.get("mlp") if isinstance(layer, Module) else None
    gate = mlp.children.get("gate") if isinstance(mlp, Module) else None
    weight = gate.children.get("weight") if isinstance(gate, Module) else None
    return weight if isinstance(weight, Weight) else None
