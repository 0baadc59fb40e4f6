"""The bytes of each tensor of a GGUF file: what is in it, in which type."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.memo import kept_with_architecture, last_kept_with_architecture
from budsim_widgets.formats.gguf.assigned_types import typed_tensors
from budsim_widgets.formats.gguf.category_rules import IMPORTANCE_MATTERS
from budsim_widgets.formats.gguf.file_types import FILE_TYPES
from budsim_widgets.formats.gguf.mmproj import mmproj_bytes
from budsim_widgets.formats.gguf.own_file import OWN_FILE, own_file_type, own_tensors, predicting_layers
from budsim_widgets.formats.gguf.rows import gguf_architecture
from budsim_widgets.formats.gguf.tensors import file_tensors
from budsim_widgets.formats.gguf.types import ALIGNMENT_BYTES
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.gguf.file_types import FileType
    from budsim_widgets.formats.gguf.rule_inputs import Model
    from budsim_widgets.formats.gguf.typed import Tensors, TypedTensors
    from budsim_widgets.intake.gguf_file import GgufFile

_TOKEN_BYTES: Final = (16, 64)
_KEYS_BYTES: Final = 100_000
"""Keys and the chat template, at most."""

_LABEL_NOTE: Final = (
    "As llama-quantize makes the file. The label doesn't bind a file's content: those with UD, _L or _XL in their "
    "names mix the types otherwise."
)


@dataclass(frozen=True)
class FileLayout:
    """A GGUF file of a model.

    Attributes:
        file_type: Its type.
        typed: Its tensors.
        projector_bytes: Bytes of vision and audio in F16, which stand in a file of their own.
        layers: Layers in the file.
        predicting_layers: How many of them, the last, predict several tokens; loaded only when asked for.
        is_tied: Whether the embedding is the head, too.
        vocab_size: Tokens of the tokenizer, which stands in the file's header.
        basis: Whether llama.cpp makes exactly this.
        header_bytes: Bytes before the tensors, of a file that is at hand.
        importance_bytes: Bytes of all tensors as they are made with an importance matrix, where they differ.
    """

    file_type: FileType
    typed: tuple[TypedTensors, ...]
    projector_bytes: int
    layers: int
    predicting_layers: int
    is_tied: bool
    vocab_size: int
    basis: Basis
    header_bytes: int | None = None
    importance_bytes: int | None = None

    @cached_property
    def tensor_bytes(self) -> int:
        """Bytes of all tensors, as llama-quantize adds them up."""
        return sum(some.total_bytes for some in self.typed)

    @cached_property
    def file_bytes_range(self) -> tuple[int, int]:
        """The file with its header: tensors at multiples of 32 bytes, and a tokenizer, whose texts aren't known.

        A token takes 16 to 64 bytes, its length, score, type and merge included; names and shapes about 100 a tensor.
        """
        padded = sum(
            -(-some.num_bytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES * some.tensors.number for some in self.typed
        )
        if self.header_bytes is not None:
            return padded + self.header_bytes, padded + self.header_bytes + ALIGNMENT_BYTES
        names = 100 * sum(self.types.values())
        least, most = _TOKEN_BYTES
        return padded + names // 2 + least * self.vocab_size, padded + names + most * self.vocab_size + _KEYS_BYTES

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the file."""
        if self.header_bytes is not None:
            return (f"Weights are the tensors that the file lists, {_mixture(self.types)}.",)
        low, high = map(format_bytes, self.file_bytes_range)
        size = f"The file takes {low if low == high else f'{low} to {high}'} with its header."
        found = [size] if self.file_type.is_plain else [size, _LABEL_NOTE]
        if self.importance_bytes is not None:
            found.append(
                f"Without an importance matrix; with one, as most published files of this type, its tensors take "
                f"{format_bytes(self.importance_bytes)}."
            )
        if self.projector_bytes:
            found.append(
                f"Vision and audio stand in a file of their own (mmproj), {format_bytes(self.projector_bytes)} in F16; "
                "LlamaCpp(mmproj='F16') counts it."
            )
        return tuple(found)

    @cached_property
    def types(self) -> Counter[str]:
        """How many tensors have each type, as llama.cpp prints it while it loads a file."""
        found: Counter[str] = Counter()
        for some in self.typed:
            found[some.type] += some.tensors.number
        return found


@kept_with_architecture
def projector_bytes(architecture: Architecture, file_type: str) -> int:
    """Bytes of the tensors of a model's mmproj file; 0 where it has neither vision nor audio.

    Args:
        architecture: The model.
        file_type: One of `MMPROJ_TYPES`.
    """
    row = gguf_architecture(architecture) or {}
    return mmproj_bytes(
        file_tensors(architecture).projector, file_type, keeps_embeddings=bool(row.get("keeps_embeddings"))
    )


@last_kept_with_architecture
def file_layout(architecture: Architecture, file_type: str) -> FileLayout:
    """The GGUF file of a model in a type of `FILE_TYPES`, as llama-quantize makes it without an importance matrix.

    Raises:
        KeyError: llama.cpp isn't known to run the model; see `gguf_architecture`.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> file_layout(llama, "Q4_K_M").tensor_bytes
        4912898048
    """
    if file_type == OWN_FILE and architecture.gguf_file is not None:
        return _own_layout(architecture.gguf_file)
    found, kind = file_tensors(architecture), FILE_TYPES[file_type]
    row = gguf_architecture(architecture) or {}
    is_known = all(some.is_known or len(some.shape) == 1 for some in found.tensors)
    parts = [architecture.basis, row.get("basis", "exact")]
    if found.predicting_layers and row["mtp_in_file"] == "estimate":
        parts.append("estimate")
    plain = all(part == "exact" for part in parts)
    return FileLayout(
        file_type=kind,
        typed=tuple(typed_tensors(found.tensors, kind, found.model)),
        projector_bytes=projector_bytes(architecture, "F16"),
        layers=found.model.layers,
        predicting_layers=found.predicting_layers,
        is_tied=found.model.is_tied,
        vocab_size=next((some.shape[0] for some in found.tensors if some.name == "token_embd.weight"), 0),
        basis="exact" if is_known and plain else "estimate",
        importance_bytes=_importance_bytes(found.tensors, kind, found.model),
    )


def _importance_bytes(tensors: tuple[Tensors, ...], kind: FileType, model: Model) -> int | None:
    if kind.name not in IMPORTANCE_MATTERS:
        return None
    return sum(some.total_bytes for some in typed_tensors(tensors, kind, model._replace(has_importance=True)))


def _own_layout(file: GgufFile) -> FileLayout:
    typed = tuple(own_tensors(file))
    sizes = {some.tensors.name: some.tensors.shape for some in typed}
    return FileLayout(
        file_type=own_file_type(file),
        typed=typed,
        projector_bytes=0,
        layers=1 + max((layer for some in typed for layer in some.tensors.layers), default=-1),
        predicting_layers=predicting_layers(file),
        is_tied="output.weight" not in sizes,
        vocab_size=sizes.get("token_embd.weight", (0,))[0],
        basis="exact",
        header_bytes=file.header_bytes,
    )


def _mixture(types: Counter[str]) -> str:
    """The types by their number, as llama.cpp prints them."""
    return ", ".join(f"{number:,} {name}" for name, number in types.most_common())
