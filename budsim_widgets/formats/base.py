"""What a number format is: the tensors that a matrix becomes in it.

A format says its tensors once; bytes in memory, bytes in a file and the counts that the Hub publishes follow from them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple, TypeAlias

from budsim_widgets.formats.stored_tensor import FP16_BYTES, STORED_BYTES, StoredTensor

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role

Basis: TypeAlias = Literal["exact", "estimate"]

LayerClass: TypeAlias = Literal["Conv1D", "subclass", "router"]
"""Layers that not every library takes for linear ones.

`Conv1D`: GPT-2's, stored as [in, out]. `subclass`: classes that inherit from `nn.Linear`. `router`: routers and gates
that are linear layers; most are bare parameters.
"""

LAYER_CLASSES: Final[tuple[LayerClass, ...]] = ("Conv1D", "subclass", "router")

OlderNames: TypeAlias = Literal["renamed", "meant", "unknown"]

_BYTE_SCALES: Final = frozenset({"F8", "E8M0", "U8"})


class Assigned(NamedTuple):
    """Modules that a config gives a format of their own.

    Attributes:
        modules: Their names, in the language of `formats.skip_modules`.
        form: The format; None: they stay as they are.
    """

    modules: tuple[str, ...]
    form: QuantizedFormat | None


@dataclass(frozen=True, kw_only=True)
class QuantizedFormat(ABC):
    """A format that turns matrices into elements of few bits and their scales; everything else stays as it is.

    Attributes:
        skip_modules: Modules that stay as they are, as the config lists them (`modules_to_not_convert`, `ignore` …);
            None where the config has no such list, which leaves out the head.
        assigned: Modules with formats of their own; the first that names a module counts, before this format does.
        excluded_roles: Roles that stay as they are in this file, though the format could hold them.
        is_for_text: Whether only the language model of a multimodal one is quantized, whatever the lists say.
        has_embedding: Whether the embedding is quantized besides.
        is_unpacked: Whether the engine makes 16-bit weights of it: memory holds those, the file what `tensors` says.
        is_dequantized: Whether it keeps nothing beside those weights.
        doubts: Why the layout isn't known for sure, in sentences; none where it is.
    """

    skip_modules: tuple[str, ...] | None = None
    assigned: tuple[Assigned, ...] = ()
    excluded_roles: frozenset[Role] = frozenset()
    is_for_text: bool = False
    has_embedding: bool = False
    is_unpacked: bool = False
    is_dequantized: bool = False
    doubts: tuple[str, ...] = ()

    key: ClassVar[str]
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "experts", "head"})
    basis: ClassVar[Basis] = "estimate"
    """`exact` is a claim: what `tensors` says was compared with a file, or with the library's own tensors."""
    experts_note: ClassVar[str] = ""
    is_of_the_release: ClassVar[bool] = False
    """Whether those who train models release them in it, with all that their training left there."""
    compared_roles: ClassVar[frozenset[Role]] = frozenset({"linear", "experts", "head", "embedding"})
    """Roles whose layout was compared with files or with the library; with others quantized, bytes are an estimate."""
    only_for: ClassVar[frozenset[str]] = frozenset()
    """Model types whose layers transformers converts to it; empty: all."""
    leaves_fp32_modules: ClassVar[bool] = True
    """Whether what transformers keeps in fp32 where it computes in fp16 is left out, too."""
    has_fp32_biases: ClassVar[bool] = False
    """Whether transformers holds the biases of converted layers in fp32, whatever the file has."""
    older_names: ClassVar[OlderNames] = "meant"
    """What a list means that names a multimodal model's modules as an earlier version of transformers did.

    `renamed`: transformers brings it up to date. `meant`: the file keeps them as they were, which is likely but an
    estimate. `unknown`: both kinds of files exist; the modules' names of today count, as an estimate.
    """

    @property
    @abstractmethod
    def label(self) -> str:
        """What people call the format."""

    @property
    @abstractmethod
    def precisions(self) -> tuple[str, ...]:
        """The names of `precision=` that mean this format, the most specific one first."""

    @abstractmethod
    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The tensors of one weight [rows, columns] = [out, in]; the first holds the weight's own elements."""

    @property
    def file_error(self) -> float:
        """By what share files were found to hold more or less than `tensors` says, at most: libraries' own records."""
        return 0.0

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the number."""
        return ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes, and the doubts."""
        return (*self.notes, *self.doubts)

    @property
    def is_exact(self) -> bool:
        """Whether the layout is known: the format's, and nothing in this config leaves it open."""
        return self.basis == "exact" and not self.doubts

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether a weight of this shape is laid out as `tensors` says; libraries round others as they like."""
        del rows, columns
        return True

    def expert_bytes(self, rows: int, columns: int, number_fused: int) -> int:
        """Bytes in memory of one expert's projection, whose `number_fused` matrices [rows, columns] are one parameter.

        Files hold them apart. Where a format's scales follow the parameter, it says so here.
        """
        return number_fused * self.memory_bytes(rows, columns)

    def holds(self, role: Role) -> bool:
        """Whether tensors for this are quantized."""
        return (role in self.roles and role not in self.excluded_roles) or (self.has_embedding and role == "embedding")

    def converts(self, layer_class: LayerClass) -> bool:
        """Whether the format's library quantizes layers of this class: most take every instance of nn.Linear."""
        return layer_class != "Conv1D"

    def matrix_bytes(self, rows: int, columns: int) -> tuple[int, int]:
        """(bytes in memory, bytes in a file) of one weight [rows, columns], with its scales and zeros."""
        in_memory = in_file = 0
        for tensor in self.tensors(rows, columns):
            num_bytes = tensor.numel * STORED_BYTES[tensor.dtype]
            in_memory += num_bytes if tensor.in_memory else 0
            in_file += num_bytes if tensor.in_file else 0
        if self.is_dequantized:
            in_memory = rows * columns * FP16_BYTES
        elif self.is_unpacked:
            in_memory = sum(tensor.num_bytes for tensor in self.unpacked_tensors(rows, columns))
        return in_memory, in_file

    def unpacked_tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """What is left of one weight where an engine unpacks it to 16 bits: the weight, and all that stood beside it.

        Scales of a byte become 16-bit numbers. Source: `decompress` of each compressor of compressed-tensors 0.20,
        measured.
        """
        _, *others = self.tensors(rows, columns)
        beside = (tensor._replace(dtype="F16") if tensor.dtype in _BYTE_SCALES else tensor for tensor in others)
        return StoredTensor("weight", "F16", rows * columns), *beside

    def memory_bytes(self, rows: int, columns: int) -> int:
        """Bytes of one weight [rows, columns] in memory."""
        return self.matrix_bytes(rows, columns)[0]
