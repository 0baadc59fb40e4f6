"""The types of GGUF files that llama-quantize and the converter make, by the names that people give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ALIASES: Final[dict[str, str]] = {"Q3_K": "Q3_K_M", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M", "MXFP4": "MXFP4_MOE"}
"""Other names of file types, as llama-quantize takes them."""

DTYPES: Final[dict[str, str]] = {"fp32": "F32", "fp16": "F16", "bf16": "BF16"}
"""The file type of a model that isn't quantized, by the short name of its format."""


@dataclass(frozen=True)
class FileType:
    """A type of file: most of its matrices have one type, some have others by llama.cpp's rules (`choice`).

    Attributes:
        name: What people call it, such as `Q4_K_M`.
        tensor_type: The type of most matrices.
        number: `general.file_type` in the file.
    """

    name: str
    tensor_type: str
    number: int

    @property
    def is_plain(self) -> bool:
        """Whether nothing is quantized."""
        return self.name in {"F32", "F16", "BF16"}

    @property
    def plain_type(self) -> str:
        """The type of matrices that stay as they are: that of the file from which it was quantized, 16 bits."""
        return self.name if self.is_plain else "BF16"


FILE_TYPES: Final[dict[str, FileType]] = {
    name: FileType(name, tensor_type, number)
    for name, tensor_type, number in (
        ("F32", "F32", 0),
        ("F16", "F16", 1),
        ("BF16", "BF16", 32),
        ("Q8_0", "Q8_0", 7),
        ("Q6_K", "Q6_K", 18),
        ("Q5_K_M", "Q5_K", 17),
        ("Q5_K_S", "Q5_K", 16),
        ("Q5_1", "Q5_1", 9),
        ("Q5_0", "Q5_0", 8),
        ("Q4_K_M", "Q4_K", 15),
        ("Q4_K_S", "Q4_K", 14),
        ("Q4_1", "Q4_1", 3),
        ("Q4_0", "Q4_0", 2),
        ("IQ4_NL", "IQ4_NL", 25),
        ("IQ4_XS", "IQ4_XS", 30),
        ("MXFP4_MOE", "MXFP4", 38),
        ("Q3_K_L", "Q3_K", 13),
        ("Q3_K_M", "Q3_K", 12),
        ("Q3_K_S", "Q3_K", 11),
        ("IQ3_M", "IQ3_S", 27),
        ("IQ3_S", "IQ3_S", 26),
        ("IQ3_XS", "IQ3_S", 22),
        ("IQ3_XXS", "IQ3_XXS", 23),
        ("Q2_K", "Q2_K", 10),
        ("Q2_K_S", "Q2_K", 21),
        ("IQ2_M", "IQ2_S", 29),
        ("IQ2_S", "IQ2_XS", 28),
        ("IQ2_XS", "IQ2_XS", 20),
        ("IQ2_XXS", "IQ2_XXS", 19),
        ("TQ2_0", "TQ2_0", 37),
        ("TQ1_0", "TQ1_0", 36),
        ("IQ1_M", "IQ1_M", 31),
        ("IQ1_S", "IQ1_S", 24),
    )
}
"""Source: `llama_ftype_get_default_type` and `enum llama_ftype` of github.com/ggml-org/llama.cpp (0c1e57098)."""
