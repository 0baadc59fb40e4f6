"""The small building blocks: linear, embedding, norms, convolutions, feed-forward and experts."""

from __future__ import annotations

from budsim_widgets.architectures.parts import Module, Part, Role, Weight, module


def _affine(weight: Weight, bias_size: int | None) -> Module:
    return module(weight=weight, bias=None if bias_size is None else Weight((bias_size,), "bias"))


def linear(in_features: int, out_features: int, *, bias: bool = False, role: Role = "linear") -> Module:
    """A linear layer, stored as [out, in].

    Example:
        >>> linear(8, 4, bias=True).children["weight"].shape
        (4, 8)
    """
    return _affine(Weight((out_features, in_features), role), out_features if bias else None)


def transposed_linear(in_features: int, out_features: int, *, bias: bool = True) -> Module:
    """GPT-2's `Conv1D`: a linear layer stored as [in, out]."""
    return _affine(Weight((in_features, out_features), "linear"), out_features if bias else None)


def embedding(num_rows: int, size: int) -> Module:
    """A table of vectors, one a token, position or kind."""
    return module(weight=Weight((num_rows, size), "embedding"))


def rms_norm(size: int) -> Module:
    """A norm with a weight."""
    return module(weight=Weight((size,), "norm"))


def layer_norm(size: int, *, bias: bool = True) -> Module:
    """A norm with a weight and, unless said otherwise, a bias."""
    return _affine(Weight((size,), "norm"), size if bias else None)


def conv(out_channels: int, in_channels: int, *kernel: int, bias: bool = True) -> Module:
    """A convolution, stored as [out, in per group, kernel…].

    Example:
        >>> conv(1152, 3, 14, 14).children["weight"].shape
        (1152, 3, 14, 14)
    """
    return _affine(Weight((out_channels, in_channels, *kernel), "conv"), out_channels if bias else None)


def transposed_conv(in_channels: int, out_channels: int, *kernel: int, groups: int = 1, bias: bool = True) -> Module:
    """A convolution that lengthens, stored as [in, out per group, kernel…]."""
    return _affine(Weight((in_channels, out_channels // groups, *kernel), "conv"), out_channels if bias else None)


def depthwise_conv(channels: int, kernel: int, *, bias: bool = True) -> Module:
    """A convolution along the tokens, each channel by itself."""
    return conv(channels, 1, kernel, bias=bias)


def mlp(size: int, hidden: int, *, bias: bool = True, names: tuple[str, str] = ("up_proj", "down_proj")) -> Module:
    """A plain feed-forward block: up, activation, down."""
    up, down = names
    return module({up: linear(size, hidden, bias=bias), down: linear(hidden, size, bias=bias)})


def gated_mlp(
    size: int,
    hidden: int,
    *,
    bias: bool = False,
    names: tuple[str, str, str] = ("gate_proj", "up_proj", "down_proj"),
) -> Module:
    """A gated feed-forward block (SwiGLU, GeGLU): two ways up, their product down."""
    gate, up, down = names
    return module(
        {
            gate: linear(size, hidden, bias=bias),
            up: linear(size, hidden, bias=bias),
            down: linear(hidden, size, bias=bias),
        }
    )


def fused_gated_mlp(
    size: int, hidden: int, *, bias: bool = False, names: tuple[str, str] = ("gate_up_proj", "down_proj")
) -> Module:
    """A gated feed-forward block whose two ways up are one matrix."""
    gate_up, down = names
    return module({gate_up: linear(size, 2 * hidden, bias=bias), down: linear(hidden, size, bias=bias)})


def experts(count: int, used: int, size: int, hidden: int, *, gated: bool = True) -> Module:
    """Routed experts as transformers 5 fuses them: `gate_up_proj` [E, 2·hidden, size], `down_proj` [E, size, hidden].

    Args:
        count: Experts of the layer.
        used: Experts that each token passes through.
        size: Width of the model.
        hidden: Width of one expert.
        gated: Whether an expert has a gate; without, `up_proj` [E, hidden, size].
    """
    up_name, up_rows = ("gate_up_proj", 2 * hidden) if gated else ("up_proj", hidden)
    return module(
        {up_name: Weight((count, up_rows, size), "experts"), "down_proj": Weight((count, size, hidden), "experts")},
        active_share=(min(used, count), count),
    )


def router(count: int, size: int, *, bias: bool = False) -> Module:
    """The layer that picks a token's experts."""
    return linear(size, count, bias=bias, role="other")


def mixture_of_experts(  # noqa: PLR0913 - the dimensions of a feed-forward block
    size: int,
    count: int,
    used: int,
    hidden: int,
    *,
    shared_hidden: int | None = None,
    router_name: str = "gate",
    shared_name: str = "shared_experts",
    **more: Part | None,
) -> Module:
    """A feed-forward block of gated experts, of which a router picks some for each token.

    Args:
        size: Width of the model.
        count: Routed experts of the layer.
        used: Routed experts that each token passes through.
        hidden: Width of one expert.
        shared_hidden: Width of the expert that every token passes through; None: there is none.
        router_name: Name of the router.
        shared_name: Name of the shared expert.
        more: Further parts, such as the shared expert's gate.
    """
    return module(
        {
            router_name: router(count, size),
            "experts": experts(count, used, size, hidden),
            shared_name: None if shared_hidden is None else gated_mlp(size, shared_hidden),
            **more,
        }
    )
