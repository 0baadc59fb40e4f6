"""What an optimizer keeps for each trained tensor, and what it makes on top while it steps."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.formats.stored_tensor import FP32_BYTES, ceil_div

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.architectures.parts import Role

_MATRIX: Final = 2
_BLOCK: Final = 256
"""Elements that share a scale in bitsandbytes' 8-bit states (`F.quantize_blockwise`)."""
_MIN_8BIT: Final = 4096
"""Smaller tensors keep 32-bit states (`min_8bit_size`)."""
_GALORE_RANK: Final = 128
"""`rank` in the examples of GaLore's authors and of transformers."""
_STEP_BYTES: Final = 4
"""torch.optim counts the steps of each tensor in an fp32 number."""

_FIXED_BYTES: Final = {"sgd": 0, "paged-adamw": 2 * FP32_BYTES}
"""Bytes a parameter where they don't depend on its format; with momentum, and of Lion, it is one number in that."""

PAGED: Final = frozenset({"paged-adamw", "paged-adamw-8bit"})
"""Optimizers whose states move to the computer's own memory when the device is full."""


class TrainedTensor(NamedTuple):
    """Trained tensors of one shape.

    Attributes:
        shape: Shape of each.
        num_tensors: How many there are.
        dtype_bytes: Bytes of one element.
        role: What they are for.
    """

    shape: tuple[int, ...]
    num_tensors: int
    dtype_bytes: int
    role: Role

    @property
    def numel(self) -> int:
        """Elements of one."""
        return prod(self.shape)

    @property
    def num_bytes(self) -> int:
        """Bytes of all of them."""
        return self.numel * self.num_tensors * self.dtype_bytes


def optimizer_bytes(optimizer: str, tensors: Iterable[TrainedTensor]) -> int:
    """The states of all trained tensors.

    AdamW keeps two numbers in the format of the weight; bitsandbytes' optimizers two of a byte with a scale a block of
    256, or of 32 bits; Adafactor a row and a column in fp32; SGD nothing, with momentum, and Lion and Muon, one.

    Example:
        >>> optimizer_bytes("adamw", [TrainedTensor((4096, 4096), 1, 2, "linear")])
        67108868
    """
    return sum(tensor.num_tensors * _bytes(optimizer, tensor) for tensor in tensors)


def _bytes(optimizer: str, tensor: TrainedTensor) -> int:
    """The states of one tensor."""
    numel, width = tensor.numel, tensor.dtype_bytes
    if optimizer.endswith("8bit"):
        return _eight_bits(numel, moments=1 if optimizer.startswith("lion") else 2)
    if optimizer.startswith("adamw"):
        return 2 * numel * width + _STEP_BYTES
    if optimizer == "muon":
        is_matrix = len(tensor.shape) >= _MATRIX and tensor.role not in {"embedding", "head"}
        return numel * width * (1 if is_matrix else 2)
    if optimizer == "adafactor":
        return _factored(tensor.shape) * FP32_BYTES
    if optimizer == "galore":
        return _projected(tensor)
    return numel * _FIXED_BYTES.get(optimizer, width)


def _eight_bits(numel: int, *, moments: int) -> int:
    if numel < _MIN_8BIT:
        return moments * numel * FP32_BYTES
    return moments * (numel + ceil_div(numel, _BLOCK) * FP32_BYTES)


def _factored(shape: tuple[int, ...]) -> int:
    """Adafactor's second moment: the sums of rows and of columns; whole for vectors."""
    if len(shape) < _MATRIX:
        return prod(shape)
    *outer, rows, columns = shape
    return prod(outer) * (rows + columns)


def _projected(tensor: TrainedTensor) -> int:
    """GaLore: Adam's moments of a gradient projected to a rank, and the projector."""
    if tensor.role != "linear" or len(tensor.shape) != _MATRIX:
        return 2 * tensor.numel * tensor.dtype_bytes
    short, long = sorted(tensor.shape)
    rank = min(_GALORE_RANK, short)
    return (2 * rank * long + rank * short) * tensor.dtype_bytes


def step_bytes(optimizer: str, tensors: Iterable[TrainedTensor]) -> int:
    """What stands on top of weights, gradients and states while the optimizer steps.

    `foreach` makes a copy of all gradients; a loop twice the largest tensor; fused kernels and bitsandbytes nothing.
    Measured for AdamW by `tools/measure_training.py`; the other optimizers are loops over the tensors.
    """
    found = list(tensors)
    if optimizer in {"adamw-fused", "adamw-8bit", "paged-adamw", "paged-adamw-8bit", "lion-8bit"}:
        return 0
    if optimizer == "adamw-foreach":
        return sum(tensor.num_bytes for tensor in found)
    largest = max((tensor.numel * tensor.dtype_bytes for tensor in found), default=0)
    if optimizer == "adafactor":
        return 3 * max((tensor.numel for tensor in found), default=0) * FP32_BYTES
    return 2 * largest
