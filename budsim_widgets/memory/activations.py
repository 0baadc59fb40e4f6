"""An estimate of what a forward pass holds beside weights and cache."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.memory.workload import Workload

_FP32_BYTES = 4


class Widths(NamedTuple):
    """Numbers a token that a layer holds at once.

    Attributes:
        hidden: Width of the model.
        widest: Outputs of the widest block of a layer.
        vocabulary: Rows of the head.
    """

    hidden: int
    widest: int
    vocabulary: int


@lru_cache(maxsize=256)
def widths_of(architecture: Architecture) -> Widths:
    """The widths of a model, read off its tensors."""
    linear = [
        group.shape[-2] for group in architecture.tensor_groups if group.role == "linear" and len(group.shape) > 1
    ]
    tables = [group.shape for group in architecture.tensor_groups if group.role == "embedding"]
    rows, hidden = max(tables, default=(0, 0))
    return Widths(hidden, 3 * max(linear, default=hidden), rows)


def activation_bytes(architecture: Architecture, workload: Workload, dtype: str) -> int:
    """Peak bytes of a prefill of all tokens with logits of the last token alone."""
    widths = widths_of(architecture)
    width_bytes = DTYPE_BITS[dtype] // 8
    tokens = workload.batch_size * workload.seq_length
    logits = workload.batch_size * widths.vocabulary * (width_bytes + _FP32_BYTES)
    return tokens * width_bytes * (4 * widths.hidden + widths.widest) + logits
