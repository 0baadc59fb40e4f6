"""The tensors of a model, with how many of each group are stored in which format."""

from __future__ import annotations

from collections import Counter
from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.formats.stored_tensor import FP16_BYTES, FP32_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from budsim_widgets.architectures import TensorGroup
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.stored_tensor import StoredTensor
    from budsim_widgets.memory.unquantized import Unquantized

_NORM: Final = "norm.weight"


class Share(NamedTuple):
    """Some tensors of a group that are stored alike.

    Attributes:
        form: Their format; None: as they are.
        number: How many they are.
    """

    form: QuantizedFormat | None
    number: int


class Split(NamedTuple):
    """The tensors of a model, with how many of each group are stored in which format.

    Attributes:
        groups: (tensors, what is stored alike; those that stay as they are come last).
        is_complete: Whether all lists of modules could be looked at.
    """

    groups: tuple[tuple[TensorGroup, tuple[Share, ...]], ...]
    is_complete: bool

    @property
    def formats(self) -> Iterator[tuple[TensorGroup, QuantizedFormat]]:
        """The groups of which something is quantized, and how."""
        return ((group, share.form) for group, shares in self.groups for share in shares if share.form and share.number)


def fp32_biases(groups: Sequence[tuple[TensorGroup, tuple[Share, ...]]]) -> Counter[str]:
    """How many biases of each name transformers holds in fp32, since their layer is converted so."""
    found: Counter[str] = Counter()
    for group, shares in groups:
        name = group.name.removesuffix("weight")
        bias = f"{name}bias" if name.endswith(".") else f"{name}_bias"
        found[bias] += sum(share.number for share in shares if share.form and share.form.has_fp32_biases)
    return found


def expert_bytes(form: QuantizedFormat, experts: int, matrices: int, shape: tuple[int, int]) -> int:
    """Bytes in memory of a layer's experts, whose matrices of this shape transformers makes one parameter."""
    if form.is_unpacked:  # without scales
        return matrices * prod(shape) * FP16_BYTES
    return experts * form.expert_bytes(*shape, matrices // experts)


def wider_norm_bytes(form: QuantizedFormat, name: str, shape: tuple[int, int], unquantized: Unquantized) -> int:
    """Bytes that norms beside a weight take more than in 16 bits, where the class keeps tensors of their name in fp32.

    Source: `_get_dtype_plan` of transformers 5.24, whose names are looked for anywhere in a tensor's.
    """
    kept = _kept_beside(form, name, shape, unquantized)
    return sum(tensor.numel * (FP32_BYTES - FP16_BYTES) for tensor in kept if tensor.name.endswith(_NORM))


def may_be_widened(form: QuantizedFormat, name: str, shape: tuple[int, int], unquantized: Unquantized) -> bool:
    """Whether transformers may make fp32 of a quantized weight, or of its 16-bit scales, for its name's sake.

    HY 4 keeps `lm_head`, `weights_proj` and whatever is called `scale` so; what loading makes of them wasn't measured.
    """
    kept = unquantized.kept_in_fp32
    beside = _kept_beside(form, name, shape, unquantized)
    return kept is not None and (bool(kept.search(name)) or any(not some.name.endswith(_NORM) for some in beside))


def _kept_beside(
    form: QuantizedFormat, name: str, shape: tuple[int, int], unquantized: Unquantized
) -> list[StoredTensor]:
    """The 16-bit tensors beside a weight whose names the class keeps in fp32."""
    kept, module = unquantized.kept_in_fp32, name.removesuffix("weight")
    if kept is None:
        return []
    return [some for some in form.tensors(*shape)[1:] if some.dtype == "F16" and kept.search(module + some.name)]
