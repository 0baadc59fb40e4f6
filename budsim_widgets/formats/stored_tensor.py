"""One of the tensors that a quantized matrix consists of, and the bytes of its elements."""

from __future__ import annotations

from typing import Final, NamedTuple

BYTE_BITS: Final = 8
FP32_BYTES: Final = 4
FP16_BYTES: Final = 2

STORED_BYTES: Final[dict[str, int]] = {
    "F32": 4,
    "F16": 2,
    "F8": 1,
    "E8M0": 1,
    "I64": 8,
    "I32": 4,
    "I16": 2,
    "I8": 1,
    "U8": 1,
}
"""Bytes of one element, by the dtype of a stored tensor as safetensors names it.

`F16` stands for both 16-bit formats: scales have that of the model. `F8` stands for both fp8 formats.
"""

PLAIN_DTYPES: Final = frozenset({"F32", "F16"})
"""Floating point of 16 bits or more: what the Hub counts among the parameters that aren't quantized."""


class StoredTensor(NamedTuple):
    """One of the tensors that a quantized matrix consists of.

    Attributes:
        name: As its file calls it, such as `qweight`.
        dtype: One of `STORED_BYTES`.
        numel: Elements.
        in_file: Whether the file holds it.
        in_memory: Whether memory holds it.
    """

    name: str
    dtype: str
    numel: int
    in_file: bool = True
    in_memory: bool = True

    @property
    def num_bytes(self) -> int:
        """Bytes of the tensor."""
        return self.numel * STORED_BYTES[self.dtype]


def ceil_div(number: int, divisor: int) -> int:
    """How many groups of `divisor` hold `number`.

    Example:
        >>> ceil_div(129, 128)
        2
    """
    return -(-number // divisor)
