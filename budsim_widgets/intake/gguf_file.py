"""The header of a GGUF file: its keys and its tensors, of whose data nothing is read.

Every number is checked before it is used: a count against the bytes that are there, a length against a bound. So a
header that claims anything is refused as fast as it is read.

Source: docs/gguf.md of github.com/ggml-org/ggml, versions 2 and 3.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.readers.gguf_metadata import TOKENS, Metadata

if TYPE_CHECKING:
    from mmap import mmap

MAGIC: Final = b"GGUF"
MAX_TENSORS: Final = 10_000
MAX_KEYS: Final = 4_096
MAX_NAME_BYTES: Final = 256
MAX_TEXT_BYTES: Final = 65_536
MAX_KEPT_ITEMS: Final = 4_096
"""Longer lists, such as a tokenizer's, are passed over."""
MAX_TEXTS: Final = 1_000_000
"""Texts in lists, all together: a tokenizer of 262,144 tokens has as many and up to twice as many merges."""
MAX_DIMENSIONS: Final = 4
MAX_ELEMENTS: Final = 1 << 50

_VERSIONS: Final = (2, 3)
_STRING: Final = 8
_ARRAY: Final = 9
_CODES: Final = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_SCALARS: Final[dict[int, struct.Struct]] = {number: struct.Struct(f"<{code}") for number, code in _CODES.items()}
_U32: Final = struct.Struct("<I")
_U64: Final = struct.Struct("<Q")
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


def read_gguf(data: bytes | mmap) -> GgufFile:
    """The header of a GGUF file.

    Args:
        data: The file, or its first bytes up to the data of its tensors at least.

    Raises:
        ConfigError: ENCODING where it is none, TRUNCATED where it ends too early, UNSUPPORTED for another version,
            FIELD_RANGE for a number that no file has.
    """
    reader = _Reader(data)
    reader.check_start()
    num_tensors, num_keys = reader.number(_U64), reader.number(_U64)
    reader.check_count(num_keys, MAX_KEYS, _KEY_BYTES, "keys")
    reader.check_count(num_tensors, MAX_TENSORS, _TENSOR_BYTES, "tensors")
    values: dict[str, Any] = {}
    for _ in range(num_keys):
        key = reader.text(MAX_TEXT_BYTES)
        values[key] = reader.value()
    tensors = tuple(reader.tensor() for _ in range(num_tensors))
    if len({some.name for some in tensors}) < num_tensors:
        raise _out_of_range("Two tensors of the GGUF file have the same name.")
    metadata = Metadata(
        values=values, tensors={some.name: some.shape for some in tensors}, num_tokens=reader.list_lengths.get(TOKENS)
    )
    part = (_whole(values.get("split.no"), 0), max(1, _whole(values.get("split.count"), 1)))
    return GgufFile(metadata, tensors, reader.position, part)


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


def _whole(value: Any, default: int) -> int:
    return value if type(value) is int else default


class _Reader:
    """Reads one value after the other, each within its bounds."""

    def __init__(self, data: bytes | mmap) -> None:
        self._data = data
        self._size = len(data)
        self.position = 0
        self._texts = 0
        self._last_key = ""
        self.list_lengths: dict[str, int] = {}

    def check_start(self) -> None:
        if self._data[: len(MAGIC)] != MAGIC:
            raise ConfigError("ENCODING", "This is no GGUF file.", next_step="Give a file whose name ends in .gguf.")
        self.position = len(MAGIC)
        version = self.number(_U32)
        if version not in _VERSIONS:
            shown = f"{version:,}" if version < 1 << 16 else "of another byte order"
            raise _unsupported(f"The GGUF file has the version {shown}; read are {' and '.join(map(str, _VERSIONS))}.")

    def number(self, form: struct.Struct) -> Any:
        """The next number."""
        end = self.position + form.size
        if end > self._size:
            raise self._truncated()
        (value,) = form.unpack_from(self._data, self.position)
        self.position = end
        return value

    def check_count(self, count: int, limit: int, least_bytes: int, noun: str) -> None:
        """Refuses more of something than a file has, or than the bytes that follow could hold."""
        if count > limit:
            raise _out_of_range(f"The GGUF file claims {count:,} {noun}; {limit:,} are read at most.")
        if count * least_bytes > self._size - self.position:
            raise self._truncated()

    def text(self, limit: int) -> str:
        """The next text; for a key, `value` then knows whose value it reads."""
        length = self.number(_U64)
        if length > limit:
            raise _out_of_range(f"A text in the GGUF file claims {length:,} bytes; {limit:,} are read at most.")
        end = self.position + length
        if end > self._size:
            raise self._truncated()
        text = bytes(self._data[self.position : end]).decode("utf-8", "replace")
        self.position = end
        self._last_key = text
        return text

    def value(self) -> Any:
        """The value of the last key; `...` for a list that is passed over."""
        key, kind = self._last_key, self.number(_U32)
        if kind == _STRING:
            return self._long_text()
        if kind == _ARRAY:
            return self._list(key)
        if kind not in _SCALARS:
            raise _out_of_range(f"A value in the GGUF file has the type {kind:,}, which doesn't exist.")
        return self.number(_SCALARS[kind])

    def tensor(self) -> FileTensor:
        """The next tensor."""
        name = self.text(MAX_NAME_BYTES)
        count = self.number(_U32)
        if not 0 < count <= MAX_DIMENSIONS:
            raise _out_of_range(
                f"A tensor of the GGUF file claims {count:,} dimensions; one has {MAX_DIMENSIONS} at most."
            )
        shape = tuple(self.number(_U64) for _ in range(count))
        if not 0 < prod(shape) <= MAX_ELEMENTS:
            raise _out_of_range("A tensor of the GGUF file claims more elements than any has, or none.")
        type_number = self.number(_U32)
        self.number(_U64)  # where its data lie
        return FileTensor(name, shape[::-1], type_number)

    def _long_text(self) -> str:
        length = self.number(_U64)
        if length > self._size - self.position:
            raise self._truncated()
        end = self.position + length
        shown = bytes(self._data[self.position : min(end, self.position + MAX_TEXT_BYTES)])
        self.position = end
        return shown.decode("utf-8", "replace")

    def _list(self, key: str) -> Any:
        kind, count = self.number(_U32), self.number(_U64)
        self.list_lengths[key] = count
        if kind == _STRING:
            self._texts += count
            self.check_count(self._texts, MAX_TEXTS, 0, "texts in lists")
            self.check_count(count, MAX_TEXTS, _U64.size, "texts in a list")
            self._pass_texts(count)
            return ...
        if kind not in _SCALARS:
            raise _out_of_range(f"A list in the GGUF file has items of the type {kind:,}, which isn't read.")
        form = _SCALARS[kind]
        if count * form.size > self._size - self.position:
            raise self._truncated()
        start = self.position
        self.position += count * form.size
        if count > MAX_KEPT_ITEMS:
            return ...
        return [form.unpack_from(self._data, start + index * form.size)[0] for index in range(count)]

    def _pass_texts(self, count: int) -> None:
        data, position, unpack = self._data, self.position, _U64.unpack_from
        try:
            for _ in range(count):
                position += 8 + unpack(data, position)[0]
        except (struct.error, OverflowError):
            raise self._truncated() from None
        if position > self._size:
            raise self._truncated()
        self.position = position

    def _truncated(self) -> ConfigError:
        return ConfigError(
            "TRUNCATED",
            f"The header of the GGUF file goes on beyond its {self._size:,} bytes.",
            next_step="Download the file anew, or give more of its beginning.",
        )


def _out_of_range(message: str) -> ConfigError:
    return ConfigError("FIELD_RANGE", message, next_step="The file is damaged: download it anew.")


def _unsupported(message: str) -> ConfigError:
    return ConfigError("UNSUPPORTED", message, next_step="Convert the model anew with a newer llama.cpp.")
