"""The small building blocks: linear, embedding, norms, convolutions, feed-forward and experts."""

from __future__ import annotations

from budsim_widgets.architectures.parts import Module, Part, Role, Weight, module


def _affine(weight: Weight, bias_features: int | None) -> Module:
    if bias_features is None:
        return Module({"weight": weight})
    return Module({"weight": weight, "bias": Weight((bias_features,), "bias")})


def linear(in_features: int, out_features: int, *, bias: bool = False, role: Role = "linear") -> Module:
    """A linear layer, stored as [out, in].

    Example:
        >>> linear(8, 4, bias=True).children["weight"].shape
        (4, 8)
    """
    weight = Weight((out_features, in_features), role)
    return Module({"weight": weight, "bias": Weight((out_features,), "bias")} if bias else {"weight": weight})


def transposed_linear(in_features: int, out_features: int, *, bias: bool = True) -> Module:
    """GPT-2's `Conv1D`: a linear layer stored as [in, out]."""
    return _affine(Weight((in_features, out_features), "linear"), out_features if bias else None)


def embedding(num_rows: int, embedding_dim: int) -> Module:
    """A table of vectors, one a token, position or kind."""
    return Module({"weight": Weight((num_rows, embedding_dim), "embedding")})


def rms_norm(hidden_size: int) -> Module:
    """A norm with a weight."""
    return Module({"weight": Weight((hidden_size,), "norm")})


def layer_norm(hidden_size: int, *, bias: bool = True) -> Module:
    """A norm with a weight and, unless said otherwise, a bias."""
    return _affine(Weight((hidden_size,), "norm"), hidden_size if bias else None)


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


def mlp(
    hidden_size: int, intermediate_size: int, *, bias: bool = True, names: tuple[str, str] = ("up_proj", "down_proj")
) -> Module:
    """A plain feed-forward block: up, activation, down."""
    up, down = names
    return module(
        {up: linear(hidden_size, intermediate_size, bias=bias), down: linear(intermediate_size, hidden_size, bias=bias)}
    )


def gated_mlp(
    hidden_size: int,
    intermediate_size: int,
    *,
    bias: bool = False,
    names: tuple[str, str, str] = ("gate_proj", "up_proj", "down_proj"),
) -> Module:
    """A gated feed-forward block (SwiGLU, GeGLU): two ways up, their product down."""
    gate, up, down = names
    way_up = linear(hidden_size, intermediate_size, bias=bias)
    return module(
        {
            gate: way_up,
            up: way_up,
            down: linear(intermediate_size, hidden_size, bias=bias),
        }
    )


def fused_gated_mlp(
    hidden_size: int,
    intermediate_size: int,
    *,
    bias: bool = False,
    names: tuple[str, str] = ("gate_up_proj", "down_proj"),
) -> Module:
    """A gated feed-forward block whose two ways up are one matrix."""
    gate_up, down = names
    return module(
        {
            gate_up: linear(hidden_size, 2 * intermediate_size, bias=bias),
            down: linear(intermediate_size, hidden_size, bias=bias),
        }
    )


def experts(
    num_experts: int, num_experts_per_tok: int, hidden_size: int, moe_intermediate_size: int, *, gated: bool = True
) -> Module:
    """Routed experts as transformers 5 fuses them: `gate_up_proj` [E, 2·I, H], `down_proj` [E, H, I].

    Args:
        num_experts: Experts of the layer.
        num_experts_per_tok: Experts that each token passes through.
        hidden_size: Hidden size of the model.
        moe_intermediate_size: Intermediate size of one expert.
        gated: Whether an expert has a gate; without, `up_proj` [E, I, H].
    """
    up_name, up_rows = ("gate_up_proj", 2 * moe_intermediate_size) if gated else ("up_proj", moe_intermediate_size)
    return module(
        {
            up_name: Weight((num_experts, up_rows, hidden_size), "experts"),
            "down_proj": Weight((num_experts, hidden_size, moe_intermediate_size), "experts"),
        },
        active_share=(min(num_experts_per_tok, num_experts), num_experts),
    )


def router(num_experts: int, hidden_size: int, *, bias: bool = False) -> Module:
    """The layer that picks a token's experts."""
    return linear(hidden_size, num_experts, bias=bias, role="other")


def mixture_of_experts(  # noqa: PLR0913 - the dimensions of a feed-forward block
    hidden_size: int,
    num_experts: int,
    num_experts_per_tok: int,
    moe_intermediate_size: int,
    *,
    shared_intermediate_size: int | None = None,
    router_name: str = "gate",
    shared_name: str = "shared_experts",
    **more: Part | None,
) -> Module:
    """A feed-forward block of gated experts, of which a router picks some for each token.

    Args:
        hidden_size: Hidden size of the model.
        num_experts: Routed experts of the layer.
        num_experts_per_tok: Routed experts that each token passes through.
        moe_intermediate_size: Intermediate size of one expert.
        shared_intermediate_size: Intermediate size of the expert that every token passes through; None: there is none.
        router_name: Name of the router.
        shared_name: Name of the shared expert.
        more: Further parts, such as the shared expert's gate.
    """
    return module(
        {
            router_name: router(num_experts, hidden_size),
            "experts": experts(num_experts, num_experts_per_tok, hidden_size, moe_intermediate_size),
            shared_name: None if shared_intermediate_size is None else gated_mlp(hidden_size, shared_intermediate_size),
            **more,
        }
    )
