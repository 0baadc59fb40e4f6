"""What operations keep for the backward pass: the rules for a norm, a linear layer and its adapter, an activation.

A trained linear layer keeps its input, a frozen one nothing; an operation of two tensors keeps both. Each rule was read
in the code of transformers 5.24, torch 2.13 and PEFT 0.21, and is measured by `tools/measure_training.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.parts import Module, Weight
from budsim_widgets.formats.stored_tensor import FP32_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

_MATRIX: Final = 2


class Kept(NamedTuple):
    """Bytes that stay until the backward pass.

    Attributes:
        token_bytes: For each token.
        pair_bytes: For each token and each token of its sequence, as eager attention's scores.
        fixed_bytes: Whatever the tokens: weights that adapters were added to.
    """

    token_bytes: float = 0.0
    pair_bytes: float = 0.0
    fixed_bytes: float = 0.0

    def plus(self, other: Kept) -> Kept:
        """Both together."""
        return Kept(*(own + others for own, others in zip(self, other, strict=True)))

    def num_bytes(self, num_tokens: int, seq_length: int) -> int:
        """Bytes for so many tokens in sequences of a length."""
        return int(num_tokens * (self.token_bytes + seq_length * self.pair_bytes) + self.fixed_bytes)


class Linear(NamedTuple):
    """A linear layer of a block.

    Attributes:
        name: Its full name with `*` for indexes.
        in_features: Width of its input.
        out_features: Width of its output.
    """

    name: str
    in_features: int
    out_features: int


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How a model is trained, as far as kept tensors depend on it.

    Attributes:
        compute_bytes: Bytes of a number that linear layers compute with.
        stream_bytes: Bytes of a number of the residual stream: with autocast on fp32 weights it stays fp32.
        base_is_trained: Whether the model's own weights get gradients.
        frozen: Names of modules that don't, all the same.
        ranks: Rank of the adapter of a linear layer, by its full name.
        adapter_bytes: Bytes of a number of an adapter.
        norm_style: `rms`, `fp32`, `centered` or `layer`.
        keeps_frozen_inputs: Whether a frozen linear layer keeps its input all the same.
        has_own_layers: Whether activation functions are torch's kernels, which keep their input alone.
        is_fused: Whether norms, activations and adapters run in kernels that keep only their inputs.
        is_eager: Whether attention keeps its scores.
        is_flash: Whether it needs no mask for windows.
    """

    compute_bytes: int
    stream_bytes: int
    base_is_trained: bool
    frozen: tuple[str, ...] = ()
    ranks: Mapping[str, int]
    adapter_bytes: int
    norm_style: str
    keeps_frozen_inputs: bool
    has_own_layers: bool
    is_fused: bool
    is_eager: bool
    is_flash: bool

    def is_trained(self, name: str) -> bool:
        """Whether the weight of a module gets a gradient."""
        return self.base_is_trained and not any(f".{part}." in f".{name}." for part in self.frozen)

    def norm(self, name: str, width: int, *, has_bias: bool = False) -> float:
        """A norm: its input or an fp32 copy of it, and for a trained weight the normalized input."""
        trained = self.is_trained(name)
        if self.is_fused:
            return width * self.stream_bytes
        if has_bias or self.norm_style == "layer":
            return width * self.stream_bytes + 2 * self.stream_bytes
        if self.norm_style == "centered":
            return (3 if trained else 2) * width * FP32_BYTES + FP32_BYTES
        normalized = FP32_BYTES if self.norm_style == "fp32" else self.stream_bytes
        return width * (FP32_BYTES + (normalized if trained else 0)) + FP32_BYTES

    def inputs(self, linears: list[Linear], *, is_kept_already: bool = False, reads_stream: bool = False) -> float:
        """What linear layers that read one input keep: the input once, and what each adapter makes of it.

        An adapter in another format than its input makes a copy of its own of it. With autocast each layer makes its
        own 16-bit copy of an fp32 input, and an adapter of any.

        Args:
            linears: The layers.
            is_kept_already: Whether whatever made the input keeps it anyway.
            reads_stream: Whether the input comes in the format of the residual stream.
        """
        kept = 0.0
        for linear in linears:
            rank = self.ranks.get(linear.name, 0)
            copied = linear.in_features if rank and not self.shares_inputs else 0
            kept += (copied + rank) * self.adapter_compute_bytes
        if is_kept_already or not self.keeps_input(linears):
            return kept
        if self.is_autocast and reads_stream:
            return kept + sum(linear.in_features for linear in linears) * self.compute_bytes
        return kept + max(linear.in_features for linear in linears) * self.compute_bytes

    @property
    def is_autocast(self) -> bool:
        """Whether linear layers compute in 16 bits on weights in fp32."""
        return self.stream_bytes != self.compute_bytes

    @property
    def adapter_compute_bytes(self) -> int:
        """Bytes of a number that adapters compute with."""
        return self.compute_bytes if self.shares_inputs or self.is_autocast else self.adapter_bytes

    @property
    def shares_inputs(self) -> bool:
        """Whether adapters read the input of their layer as it is."""
        return self.adapter_bytes == self.compute_bytes or self.is_fused

    def keeps_input(self, linears: list[Linear]) -> bool:
        """Whether one of the layers that read an input keeps it."""
        adapted = self.shares_inputs and any(linear.name in self.ranks for linear in linears)
        frozen = self.keeps_frozen_inputs and bool(linears)
        return adapted or frozen or any(self.is_trained(linear.name) for linear in linears)


def linear_children(part: Module, prefix: str, *, stored_in_out: bool) -> list[Linear]:
    """The linear layers directly in a module, in the order of its description."""
    found = []
    for name, child in part.children.items():
        weight = child.children.get("weight") if isinstance(child, Module) else None
        if isinstance(weight, Weight) and weight.role == "linear" and len(weight.shape) == _MATRIX:
            rows, columns = reversed(weight.shape) if stored_in_out else weight.shape
            found.append(Linear(f"{prefix}.{name}", columns, rows))
    return found


def norm_width(part: object) -> tuple[int, bool] | None:
    """(width, whether it has a bias) of a norm; None for anything else."""
    weight = part.children.get("weight") if isinstance(part, Module) else None
    if isinstance(part, Module) and isinstance(weight, Weight) and weight.role == "norm":
        return weight.shape[-1], "bias" in part.children
    return None
