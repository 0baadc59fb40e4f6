"""Bytes of a pasted or uploaded file → text."""

from __future__ import annotations

import codecs
import re
from typing import Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.folding import MAX_FOLDED_BYTES, folded
from budsim_widgets.intake.limits import MAX_BYTES, check_size

_PASTE_TEXT: Final = "Paste the model's config.json as text, or save it as UTF-8."
_PASTE_CONFIG: Final = "Paste the config.json that lies beside it."
_PASTE_METADATA: Final = (
    "Paste its metadata as text (what `gguf-dump` prints, or llama.cpp while it loads the model), or the "
    "config.json of the model that it was made from."
)
# What a file begins with, what it is, and what to paste in its place.
_BINARY_FILES: Final = (
    (
        b"GGUF",
        "a GGUF model file: the weights",
        f"{_PASTE_METADATA} In Python, bw.calculate('model.gguf') reads its header.",
    ),
    ((b"lmgg", b"fmgg", b"tjgg", b"algg"), "a model file of an early llama.cpp: the weights", _PASTE_METADATA),
    (b"PK\x03\x04", "a PyTorch checkpoint or another zip archive", _PASTE_CONFIG),
    ((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"), "a pickled PyTorch checkpoint", _PASTE_CONFIG),
    (b"\x89HDF", "a Keras checkpoint: the weights", _PASTE_CONFIG),
    (b"\x93NUMPY", "a NumPy array", _PASTE_CONFIG),
    (b"TFL3", "a TensorFlow Lite model", _PASTE_CONFIG),
    ((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!"), "a packed archive", _PASTE_TEXT),
    (b"%PDF-", "a PDF document", _PASTE_TEXT),
    ((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF"), "a picture", _PASTE_TEXT),
    ((b"\x7fELF", b"MZ\x90"), "a program", _PASTE_TEXT),
)
_SAFETENSORS_HEADER_BYTES: Final = 9


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a file in UTF-8 or UTF-16, and what was done to read it.

    Raises:
        ConfigError: TOO_LARGE or ENCODING. A model file is told by its first bytes, whatever its size, so that those
            are enough to refuse it.
    """
    encoding = _utf16(data) or "utf-8"
    if encoding == "utf-8":
        _refuse_binary(data)
    num_bytes = len(data) if encoding == "utf-8" else len(data) // 2
    if num_bytes > MAX_FOLDED_BYTES or b"quantized_layers" not in data:
        check_size(num_bytes, data[:MAX_BYTES].decode(encoding, "replace"))
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"Byte {error.start + 1:,} is not {encoding.upper()} text: the file has another encoding."
    else:
        return check_text(text), (f"read as {encoding.upper()}",) if encoding != "utf-8" else ()
    # Out here, so that Python's own error, which carries all bytes, is not its context.
    raise _encoding_error(message)


def check_text(text: str) -> str:
    """The same text, if it can be a config at all.

    Raises:
        ConfigError: TOO_LARGE or ENCODING.
    """
    if MAX_BYTES < len(text) <= MAX_FOLDED_BYTES:
        text = folded(text)
    if len(text) > MAX_BYTES:
        check_size(len(text), text)
    half = re.search("[\ud800-\udfff]", text)
    if half:
        place = f"Character {half.start() + 1:,}"
        raise _encoding_error(f"{place} is half of a surrogate pair: the text was damaged on its way.")
    check_size(len(text.encode()), text)
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


def _refuse_binary(data: bytes) -> None:
    for magic, name, next_step in _BINARY_FILES:
        if data.startswith(magic):
            raise _encoding_error(f"This is {name}, not a config.json.", next_step)
    # A safetensors file begins with the length of its JSON header, in eight bytes.
    if len(data) >= _SAFETENSORS_HEADER_BYTES and data[7] == 0 and data[8:9] == b"{":
        raise _encoding_error("This is a safetensors file: the weights, not the config.json.", _PASTE_CONFIG)


def _encoding_error(message: str, next_step: str = _PASTE_TEXT) -> ConfigError:
    return ConfigError("ENCODING", message, next_step=next_step)
