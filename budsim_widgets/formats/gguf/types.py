"""The types of GGUF tensors: how many elements a block holds, and in how many bytes."""

from __future__ import annotations

from typing import Final, NamedTuple


class TensorType(NamedTuple):
    """A type of tensor.

    Attributes:
        block_elements: Elements of one block; a row is made of whole blocks.
        block_bytes: Bytes of one block, its scales included.
        number: What stands for it in a file.
    """

    block_elements: int
    block_bytes: int
    number: int


TENSOR_TYPES: Final[dict[str, TensorType]] = {
    "F32": TensorType(1, 4, 0),
    "F16": TensorType(1, 2, 1),
    "Q4_0": TensorType(32, 18, 2),
    "Q4_1": TensorType(32, 20, 3),
    "Q5_0": TensorType(32, 22, 6),
    "Q5_1": TensorType(32, 24, 7),
    "Q8_0": TensorType(32, 34, 8),
    "Q8_1": TensorType(32, 36, 9),
    "Q2_K": TensorType(256, 84, 10),
    "Q3_K": TensorType(256, 110, 11),
    "Q4_K": TensorType(256, 144, 12),
    "Q5_K": TensorType(256, 176, 13),
    "Q6_K": TensorType(256, 210, 14),
    "Q8_K": TensorType(256, 292, 15),
    "IQ2_XXS": TensorType(256, 66, 16),
    "IQ2_XS": TensorType(256, 74, 17),
    "IQ3_XXS": TensorType(256, 98, 18),
    "IQ1_S": TensorType(256, 50, 19),
    "IQ4_NL": TensorType(32, 18, 20),
    "IQ3_S": TensorType(256, 110, 21),
    "IQ2_S": TensorType(256, 82, 22),
    "IQ4_XS": TensorType(256, 136, 23),
    "I8": TensorType(1, 1, 24),
    "I16": TensorType(1, 2, 25),
    "I32": TensorType(1, 4, 26),
    "I64": TensorType(1, 8, 27),
    "F64": TensorType(1, 8, 28),
    "IQ1_M": TensorType(256, 56, 29),
    "BF16": TensorType(1, 2, 30),
    "TQ1_0": TensorType(256, 54, 34),
    "TQ2_0": TensorType(256, 66, 35),
    "MXFP4": TensorType(32, 17, 39),
    "NVFP4": TensorType(64, 36, 40),
    "Q1_0": TensorType(128, 18, 41),
    "Q2_0": TensorType(64, 18, 42),
}
"""Source: `ggml-common.h` and `enum ggml_type` of github.com/ggml-org/llama.cpp (0c1e57098)."""

ALIGNMENT_BYTES: Final = 32
"""Tensors start at a multiple of this in a file, unless the file says otherwise."""


def tensor_bytes(tensor_type: str, rows: int, columns: int) -> int:
    """Bytes of a tensor; a row that isn't made of whole blocks doesn't exist.

    Args:
        tensor_type: One of `TENSOR_TYPES`.
        rows: Rows, of all experts together.
        columns: Elements of a row.

    Example:
        A block of 256 elements in 144 bytes, 16 of them a row.

        >>> tensor_bytes("Q4_K", 4096, 4096)
        9437184
    """
    elements, num_bytes, _ = TENSOR_TYPES[tensor_type]
    return rows * (columns // elements) * num_bytes
