"""The header of a GGUF file that lies elsewhere, such as in a browser: which of its bytes are wanted, piece by piece.

Files are tens of GB large; a header is a few MB, most of it the tokenizer. So the first bytes are asked for, and more
as long as the header goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.gguf_file import GgufFile, HeaderReader, joined, truncated
from budsim_widgets.printable import quoted
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_BYTES: Final = 1 << 20
MOST_BYTES: Final = 4 << 20
"""Of one piece; a notebook's connection carries up to 10 MiB in one message."""
MAX_HEADER_BYTES: Final = 64 << 20
"""A tokenizer of 262,144 tokens takes about 15 MB."""
MAX_PARTS: Final = 999


class NamedFile(NamedTuple):
    """A file that lies elsewhere.

    Attributes:
        name: Its name.
        size_bytes: Its size, as its owner says.
    """

    name: str
    size_bytes: int


class Piece(NamedTuple):
    """Bytes of a file.

    Attributes:
        file: Which of the files, from 0.
        start: The first byte.
        end: The byte behind the last.
    """

    file: int
    start: int
    end: int


class GgufPieces:
    """Reads the header of a GGUF file, or of all parts of a split one, from pieces.

    Args:
        files: The file, or the parts in any order.

    Attributes:
        wanted: The piece to give next; None: the header is whole.

    Raises:
        ConfigError: EMPTY where there is no file, or nothing in one; FIELD_RANGE for more than a file has parts.

    Example:
        >>> import struct
        >>> pieces = GgufPieces([NamedFile("model.gguf", 2_000_000_000)])
        >>> pieces.wanted
        Piece(file=0, start=0, end=1048576)
        >>> pieces.take(pieces.wanted, b"GGUF" + struct.pack("<IQQ", 3, 0, 0) + bytes(1048552))
        >>> pieces.wanted, pieces.file().header_bytes
        (None, 24)
    """

    def __init__(self, files: Sequence[NamedFile]) -> None:
        if not files:
            raise ConfigError("EMPTY", "There is no file to read.", next_step="Choose a .gguf file.")
        if len(files) > MAX_PARTS:
            raise _refused(f"{len(files):,} files are given; a GGUF file has {MAX_PARTS} parts at most.")
        for some in files:
            if some.size_bytes <= 0:
                raise ConfigError(
                    "EMPTY", f"The file {quoted(some.name, 100)} is empty.", next_step="Download it anew."
                )
        self._files = tuple(files)
        self._parts: list[GgufFile] = []
        self._reader, self._data = HeaderReader(), bytearray()
        self.wanted: Piece | None = self._first()

    def take(self, piece: Piece, data: bytes) -> None:
        """The bytes of the piece that is wanted; those of another, as of a choice before, are left out.

        Raises:
            ConfigError: As of `HeaderReader.read`; TRUNCATED where the file ends before its header does, FIELD_RANGE
                where the header goes on for longer than any, NOT_READABLE where the bytes aren't those of the piece.
        """
        if piece != self.wanted:
            return
        if len(data) != piece.end - piece.start:
            raise ConfigError(
                "NOT_READABLE",
                f"Of the file {quoted(self._files[piece.file].name, 100)} other bytes came than were asked for.",
                next_step="Choose it again: it may have changed since.",
            )
        self._data += data
        found = self._reader.read(self._data)
        if isinstance(found, int):
            self.wanted = self._more(found)
            return
        self._parts.append(found)
        self._reader, self._data = HeaderReader(), bytearray()
        self.wanted = self._first() if len(self._parts) < len(self._files) else None

    def file(self) -> GgufFile:
        """The header, once nothing more is wanted.

        Raises:
            ConfigError: NOT_READABLE where parts are absent, or the files aren't those of one model.
        """
        parts = sorted(self._parts, key=lambda part: part.part)
        count = parts[0].part[1]
        if [part.part for part in parts] == [(number, count) for number in range(count)]:
            return joined(parts) if count > 1 else parts[0]
        found = f"There are {len(parts):,} of {count:,} parts of a split GGUF file."
        if len(parts) == 1:
            found = f"It is one of {count:,} parts of a split GGUF file."
        raise ConfigError(
            "NOT_READABLE",
            found if count > 1 else "These are several GGUF files.",
            next_step="Choose all parts together." if count > 1 else "Choose one file, or all parts of a split one.",
        )

    def _first(self) -> Piece:
        file = len(self._parts)
        return Piece(file, 0, min(FIRST_BYTES, self._files[file].size_bytes))

    def _more(self, needed_bytes: int) -> Piece:
        file, start = len(self._parts), len(self._data)
        name, size_bytes = self._files[file]
        if needed_bytes > size_bytes:
            raise truncated(size_bytes)
        if needed_bytes > MAX_HEADER_BYTES:
            raise _refused(
                f"The header of {quoted(name, 100)} goes on beyond {format_bytes(MAX_HEADER_BYTES)}, unlike any."
            )
        return Piece(file, start, min(start + min(2 * start, MOST_BYTES), size_bytes))


def _refused(message: str) -> ConfigError:
    return ConfigError("FIELD_RANGE", message, next_step="Choose the file of one model.")
