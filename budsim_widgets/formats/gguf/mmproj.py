"""The file of vision and audio towers (mmproj), which llama.cpp loads beside the language model.

Its tensors are those of the towers and of what joins them to the language model. Vectors, norms and positions stand in
fp32, matrices in the file's type, or in F16 where a row isn't made of whole blocks of 32; what makes patches is F16 in
a file of F16 and fp32 in all others. So Qwen3.6-27B's in BF16 takes 887.99 MiB, as a public load log prints.

Source: `ModelBase.prepare_tensors` and `MmprojModel.tensor_force_quant` in conversion/base.py of
github.com/ggml-org/llama.cpp (0c1e57098).
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.formats.gguf.types import TENSOR_TYPES, tensor_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.formats.gguf.typed import Tensors

MMPROJ_TYPES: Final = ("F16", "BF16", "F32", "Q8_0")
"""The types that the converter makes of it."""

_POSITIONS: Final = ("position_embed", "pos_embed", "positional_embed", "embed_positions", "position_emb")
_PATCHES: Final = ("patch_embed", "patch_conv", "patch_merger")
_EMBEDDINGS: Final = ".embeddings."
"""Gemma 3's and SmolVLM's patches and positions, whose converters keep them in fp32."""


def mmproj_bytes(tensors: Iterable[Tensors], file_type: str, *, keeps_embeddings: bool) -> int:
    """Bytes of the tensors of a mmproj file.

    Args:
        tensors: Those of towers and projector, as transformers names and shapes them.
        file_type: One of `MMPROJ_TYPES`.
        keeps_embeddings: Whether the model's converter keeps the embeddings of patches in fp32.
    """
    total = 0
    for some in tensors:
        kind = _type_of(some, file_type, keeps_embeddings=keeps_embeddings)
        total += tensor_bytes(kind, prod(some.shape[:-1]), some.shape[-1]) * some.number
    return total


def _type_of(some: Tensors, file_type: str, *, keeps_embeddings: bool) -> str:
    is_embedding = any(part in some.name for part in _POSITIONS) or (keeps_embeddings and _EMBEDDINGS in some.name)
    if len(some.shape) == 1 or is_embedding or some.name.endswith("bias"):
        return "F32"
    if any(part in some.name for part in _PATCHES):
        return "F16" if file_type == "F16" else "F32"
    whole_blocks = some.shape[-1] % TENSOR_TYPES[file_type].block_elements == 0
    return file_type if whole_blocks else "F16"
