"""Bytes of a pasted or uploaded file → text."""

from __future__ import annotations

import codecs
from typing import Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.limits import MAX_BYTES, check_size

_BINARY_FILES: Final = (
    (b"GGUF", "a GGUF model file"),
    (b"PK\x03\x04", "a zip archive or a PyTorch checkpoint"),
    (b"\x80\x02", "a pickled PyTorch checkpoint"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_SAFETENSORS_HEADER_BYTES: Final = 9


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a file in UTF-8 or UTF-16, and what was done to read it.

    Raises:
        ConfigError: TOO_LARGE or ENCODING.
    """
    check_size(len(data) // 2 if _utf16(data) else len(data))
    encoding = _utf16(data) or "utf-8"
    _refuse_binary(data, is_text=encoding != "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _encoding_error(f"Byte {error.start + 1:,} is not {encoding.upper()} text.") from None
    return check_text(text), (f"read as {encoding.upper()}",) if encoding != "utf-8" else ()


def check_text(text: str) -> str:
    """The same text, if it can be a config at all.

    Raises:
        ConfigError: TOO_LARGE or ENCODING.
    """
    if len(text) > MAX_BYTES:
        check_size(len(text))
    try:
        check_size(len(text.encode()))
    except UnicodeEncodeError as error:
        message = f"Character {error.start + 1:,} is half of a surrogate pair: the text was damaged on its way."
        raise _encoding_error(message) from None
    if "\0" in text:
        raise _encoding_error("The text contains a NUL character: it is a binary file, or was damaged on its way.")
    return text


def _utf16(data: bytes) -> str | None:
    """The kind of UTF-16, told by its mark, or by the zeros between the first ASCII characters."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first = data[:4]
    if len(first) == 4 and first[0] and first[2] and not first[1] and not first[3]:  # noqa: PLR2004 - two characters
        return "utf-16-le"
    if len(first) == 4 and first[1] and first[3] and not first[0] and not first[2]:  # noqa: PLR2004 - two characters
        return "utf-16-be"
    return None


def _refuse_binary(data: bytes, *, is_text: bool) -> None:
    if is_text:
        return
    for magic, name in _BINARY_FILES:
        if data.startswith(magic):
            raise _encoding_error(f"This is {name}, not a config.json.")
    # A safetensors file begins with the length of its JSON header, in eight bytes.
    if len(data) >= _SAFETENSORS_HEADER_BYTES and data[7] == 0 and data[8:9] == b"{":
        raise _encoding_error("This is a safetensors file: the weights, not the config.json.")


def _encoding_error(message: str) -> ConfigError:
    return ConfigError("ENCODING", message, next_step="Paste the model's config.json as text, or save it as UTF-8.")
