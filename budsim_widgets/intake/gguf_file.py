"""The header of a GGUF file: its keys and its tensors, of whose data nothing is read.

Source: docs/gguf.md of github.com/ggml-org/ggml, versions 2 and 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.gguf_values import MAX_TEXT_BYTES, U32, U64, IncompleteError, ValueReader, out_of_range
from budsim_widgets.intake.readers.gguf_metadata import TOKENS, Metadata

if TYPE_CHECKING:
    from collections.abc import Callable
    from mmap import mmap

T = TypeVar("T")

MAGIC: Final = b"GGUF"
MAX_TENSORS: Final = 10_000
MAX_KEYS: Final = 4_096
MAX_NAME_BYTES: Final = 256
MAX_DIMENSIONS: Final = 4
MAX_ELEMENTS: Final = 1 << 50

_VERSIONS: Final = (2, 3)
_TENSOR_BYTES: Final = 24
_KEY_BYTES: Final = 12
"""The least that a tensor, or a key, takes in a header."""


class FileTensor(NamedTuple):
    """A tensor of a GGUF file.

    Attributes:
        name: As the file calls it.
        shape: Rows before columns, unlike in the file, which has them the other way round.
        type_number: What stands for its type in the file.
    """

    name: str
    shape: tuple[int, ...]
    type_number: int


@dataclass(frozen=True)
class GgufFile:
    """What the header of a GGUF file says.

    Attributes:
        metadata: Its keys.
        tensors: Its tensors, those of all parts of a split file.
        header_bytes: Bytes up to the tensors' data, of all parts.
        part: (number of this part, number of parts).
    """

    metadata: Metadata = field(repr=False)
    tensors: tuple[FileTensor, ...] = field(repr=False)
    header_bytes: int
    part: tuple[int, int] = (0, 1)


class HeaderReader:
    """Reads a header whose bytes come piece by piece; what was read isn't read again.

    Example:
        >>> import struct
        >>> reader = HeaderReader()
        >>> reader.read(b"GGUF")
        8
        >>> reader.read(b"GGUF" + struct.pack("<IQQ", 3, 0, 0)).header_bytes
        24
    """

    def __init__(self) -> None:
        self._values = ValueReader(b"")
        self._counts: tuple[int, int] | None = None
        self._keys_read = 0
        self._keys: dict[str, Any] = {}
        self._tensors: list[FileTensor] = []
        self._num_tokens: int | None = None

    def read(self, data: bytes | bytearray | mmap) -> GgufFile | int:
        """The header, or how many bytes from the file's beginning are needed at least.

        Args:
            data: As many of the file's first bytes as are there, those of before among them.

        Raises:
            ConfigError: ENCODING where it is no GGUF file, UNSUPPORTED for another version, FIELD_RANGE for a number
                that no file has.
        """
        self._values.data = data
        try:
            num_tensors, num_keys = self._counts or self._start()
            while self._keys_read < num_keys:
                self._whole(self._read_key)
            while len(self._tensors) < num_tensors:
                self._whole(self._read_tensor)
        except IncompleteError as error:
            return error.needed_bytes
        if len({some.name for some in self._tensors}) < num_tensors:
            raise out_of_range("Two tensors of the GGUF file have the same name.")
        return self._file()

    def _start(self) -> tuple[int, int]:
        values = self._values
        values.position = 0
        if not MAGIC.startswith(values.data[: len(MAGIC)]):
            raise ConfigError("ENCODING", "This is no GGUF file.", next_step="Give a file whose name ends in .gguf.")
        values.position = len(MAGIC)
        version = values.number(U32)
        if version not in _VERSIONS:
            shown = f"{version:,}" if version < 1 << 16 else "of another byte order"
            raise _unsupported(f"The GGUF file has the version {shown}; read are {' and '.join(map(str, _VERSIONS))}.")
        num_tensors, num_keys = values.number(U64), values.number(U64)
        values.check_count(num_keys, MAX_KEYS, _KEY_BYTES, "keys")
        values.check_count(num_tensors, MAX_TENSORS, _TENSOR_BYTES, "tensors")
        self._counts = num_tensors, num_keys
        return self._counts

    def _whole(self, read: Callable[[], None]) -> None:
        """Reads something whole, or stays before it."""
        start = self._values.position
        try:
            read()
        except IncompleteError:
            self._values.position = start
            raise

    def _read_key(self) -> None:
        key = self._values.text(MAX_TEXT_BYTES)
        self._keys[key] = self._values.value()
        if key == TOKENS and self._keys[key] is ...:
            self._num_tokens = self._values.list_length
        self._keys_read += 1

    def _read_tensor(self) -> None:
        values = self._values
        name = values.text(MAX_NAME_BYTES)
        count = values.number(U32)
        if not 0 < count <= MAX_DIMENSIONS:
            raise out_of_range(
                f"A tensor of the GGUF file claims {count:,} dimensions; one has {MAX_DIMENSIONS} at most."
            )
        shape = tuple(values.number(U64) for _ in range(count))
        if not 0 < prod(shape) <= MAX_ELEMENTS:
            raise out_of_range("A tensor of the GGUF file claims more elements than any has, or none.")
        type_number = values.number(U32)
        values.number(U64)  # where its data lie
        self._tensors.append(FileTensor(name, shape[::-1], type_number))

    def _file(self) -> GgufFile:
        part = (_number(self._keys.get("split.no"), 0), max(1, _number(self._keys.get("split.count"), 1)))
        shapes = {some.name: some.shape for some in self._tensors}
        metadata = Metadata(values=self._keys, tensors=shapes, num_tokens=self._num_tokens)
        return GgufFile(metadata, tuple(self._tensors), self._values.position, part)


def read_gguf(data: bytes | mmap) -> GgufFile:
    """The header of a GGUF file.

    Args:
        data: The file, or its first bytes up to the data of its tensors at least.

    Raises:
        ConfigError: As of `HeaderReader.read`; TRUNCATED where it ends too early.
    """
    found = HeaderReader().read(data)
    if isinstance(found, GgufFile):
        return found
    raise truncated(len(data))


def joined(parts: list[GgufFile]) -> GgufFile:
    """One file of the parts of a split one; the first holds the keys."""
    first = parts[0]
    tensors = tuple(some for part in parts for some in part.tensors)
    metadata = Metadata(
        values=first.metadata.values,
        tensors={some.name: some.shape for some in tensors},
        num_tokens=first.metadata.num_tokens,
    )
    return GgufFile(metadata, tensors, sum(part.header_bytes for part in parts))


def truncated(size_bytes: int) -> ConfigError:
    """A file that ends before its header does."""
    return ConfigError(
        "TRUNCATED",
        f"The header of the GGUF file goes on beyond its {size_bytes:,} bytes.",
        next_step="Download the file anew, or give more of its beginning.",
    )


def _number(value: Any, default: int) -> int:
    return value if type(value) is int else default


def _unsupported(message: str) -> ConfigError:
    return ConfigError("UNSUPPORTED", message, next_step="Convert the model anew with a newer llama.cpp.")
