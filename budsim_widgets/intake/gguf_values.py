"""Numbers, texts and lists in the header of a GGUF file, each read within its bounds.

Every number is checked before it is used: a count against the bytes that are there, a length against a bound. So a
header that claims anything is refused as fast as it is read.

Source: docs/gguf.md of github.com/ggml-org/ggml, versions 2 and 3.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from mmap import mmap

MAX_TEXT_BYTES: Final = 65_536
MAX_KEPT_ITEMS: Final = 4_096
"""Longer lists, such as a tokenizer's, are passed over."""
MAX_TEXTS: Final = 1_000_000
"""Texts in lists, all together: a tokenizer of 262,144 tokens has as many and up to twice as many merges."""

U32: Final = struct.Struct("<I")
U64: Final = struct.Struct("<Q")

_STRING: Final = 8
_ARRAY: Final = 9
_CODES: Final = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_SCALARS: Final[dict[int, struct.Struct]] = {number: struct.Struct(f"<{code}") for number, code in _CODES.items()}


class IncompleteError(Exception):
    """The bytes that are there end before what is read does.

    Attributes:
        needed_bytes: Bytes from the file's beginning that are needed at least.
    """

    def __init__(self, needed_bytes: int) -> None:
        super().__init__(needed_bytes)
        self.needed_bytes = needed_bytes


class ValueReader:
    """Reads one value after the other.

    Attributes:
        data: The file, or as many of its first bytes as are there; more may be put in its place.
        position: Where the next value begins.
        num_texts: Texts in lists that were passed over.
        list_length: The length of the list that was read last.
    """

    def __init__(self, data: bytes | bytearray | mmap) -> None:
        self.data = data
        self.position = 0
        self.num_texts = 0
        self.list_length = 0

    def number(self, form: struct.Struct) -> Any:
        """The next number."""
        end = self._end(form.size)
        (value,) = form.unpack_from(self.data, self.position)
        self.position = end
        return value

    def check_count(self, count: int, limit: int, least_bytes: int, noun: str) -> None:
        """Refuses more of something than a file has; asks for the bytes that so many take at least."""
        if count > limit:
            raise out_of_range(f"The GGUF file claims {count:,} {noun}; {limit:,} are read at most.")
        self._end(count * least_bytes)

    def text(self, limit: int) -> str:
        """The next text."""
        length = self.number(U64)
        if length > limit:
            raise out_of_range(f"A text in the GGUF file claims {length:,} bytes; {limit:,} are read at most.")
        end = self._end(length)
        found = bytes(self.data[self.position : end]).decode("utf-8", "replace")
        self.position = end
        return found

    def value(self) -> Any:
        """The next value with its type; `...` for a list that is passed over."""
        kind = self.number(U32)
        if kind == _STRING:
            return self._long_text()
        if kind == _ARRAY:
            return self._list()
        if kind not in _SCALARS:
            raise out_of_range(f"A value in the GGUF file has the type {kind:,}, which doesn't exist.")
        return self.number(_SCALARS[kind])

    def _long_text(self) -> str:
        end = self._end(self.number(U64))
        shown = bytes(self.data[self.position : min(end, self.position + MAX_TEXT_BYTES)])
        self.position = end
        return shown.decode("utf-8", "replace")

    def _list(self) -> Any:
        kind, count = self.number(U32), self.number(U64)
        self.list_length = count
        if kind == _STRING:
            self.check_count(self.num_texts + count, MAX_TEXTS, 0, "texts in lists")
            self._end(count * U64.size)
            self._pass_texts(count)
            self.num_texts += count
            return ...
        if kind not in _SCALARS:
            raise out_of_range(f"A list in the GGUF file has items of the type {kind:,}, which isn't read.")
        form = _SCALARS[kind]
        start, self.position = self.position, self._end(count * form.size)
        if count > MAX_KEPT_ITEMS:
            return ...
        return [form.unpack_from(self.data, start + index * form.size)[0] for index in range(count)]

    def _pass_texts(self, count: int) -> None:
        data, position, unpack = self.data, self.position, U64.unpack_from
        try:
            for _ in range(count):
                position += 8 + unpack(data, position)[0]
        except (struct.error, OverflowError):
            raise IncompleteError(position + U64.size) from None
        self.position = self._end(position - self.position)

    def _end(self, num_bytes: int) -> int:
        """Where so many bytes end, which have to be there."""
        end: int = self.position + num_bytes
        if end > len(self.data):
            raise IncompleteError(end)
        return end


def out_of_range(message: str) -> ConfigError:
    """A number that no file has."""
    return ConfigError("FIELD_RANGE", message, next_step="The file is damaged: download it anew.")
