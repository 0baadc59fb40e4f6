"""GGUF metadata as tools print it: `gguf-dump`, also `--markdown`, llama.cpp's log, `ollama show --verbose`."""

from __future__ import annotations

import re
from typing import Any, Final

from budsim_widgets.intake.limits import too_many_keys
from budsim_widgets.intake.readers.gguf_log import metadata_in_log
from budsim_widgets.intake.readers.gguf_metadata import ARCHITECTURE, Metadata, number

MAX_KEYS: Final = 2_000
"""Keys and tensors; a file has some 40 keys, and those of the largest mixtures of experts list 2,000 tensors."""

_SEPARATORS: Final = r"[ \t=:|`'\"]{0,200}"
_TYPE: Final = r"(?:arr\[\w{1,10},[ ]?\d{1,12}\]|(?:[uif](?:8|16|32|64)|bool|str)\b)"
_IS: Final = rf"{_SEPARATORS}(?:{_TYPE}{_SEPARATORS})?"
"""Between a key and its value; a type parts the separators, so that they are matched in one way only."""
_VALUE: Final = r"(?P<value>\[[^\]\n]{0,4000}\]?|[\w.+-]{1,100})?"
_KNOWN: Final = rf"general\.architecture{_IS}(?P<value>[a-z0-9][\w-]{{0,60}})"
_TOKENS: Final = (
    r"tokenizer\.ggml\.tokens[ \t]{0,200}arr\[str,[ ]?(\d{1,9})\]",
    r"\|[ ]{0,40}(\d{1,9})[ ]{0,40}\|[ `]{0,5}tokenizer\.ggml\.tokens\b",
    r"\bn_vocab[ ]{0,40}=[ ]{0,5}(\d{1,9})\b",
)
_TENSOR: Final = (
    r"(?m)^[^\n]{0,200}?(?<![\w.])(?P<name>(?:token_embd|output|output_norm|blk\.\d{1,5}\.\w{1,40})"
    r"\.(?:weight|bias))(?![\w.])[^\n]{0,200}"
)
_SHAPES: Final = (
    r"\[(\d{1,3}(?:[ ]\d{3}){1,3}|\d{1,12}),[ ](\d{1,3}(?:[ ]\d{3}){1,3}|\d{1,12})\]",  # the Hub's [4 096, 128 256]
    r"\[(\d{1,12})[ ](\d{1,12})\]",  # Ollama's
    r"(?<![\w.])(\d{1,12})(?:,[ ]{0,20}|[ ]{1,20}x[ ]{1,20})(\d{1,12})",
)
_KEY_ALONE: Final = r"general\.architecture[ \t]{0,20}\n"
_KEY: Final = r"(?:general|tokenizer|[a-z][\w-]{1,30})\.[\w.]{1,80}"
_BROKEN_ROW: Final = rf"(?m)^[ \t]{{0,20}}({_KEY})[ \t]{{0,20}}\n[ \t]{{0,20}}(?!general\.|tokenizer\.)"
"""A key on a line of its own, as the cells of a table are copied; its value stands on the next."""


def metadata_in_text(text: str) -> Metadata | None:
    """The metadata that a printed listing holds, or None for another text.

    Raises:
        ConfigError: TOO_MANY_ITEMS.

    Example:
        >>> log = "- kv 0: general.architecture str = llama" + chr(10) + "- kv 3: llama.block_count u32 = 32"
        >>> metadata_in_text(log).values
        {'general.architecture': 'llama', 'llama.block_count': 32}
    """
    if ARCHITECTURE not in text:
        return metadata_in_log(text)
    if re.search(_KEY_ALONE, text):
        text = re.sub(_BROKEN_ROW, r"\1 ", text)
    architecture = re.search(_KNOWN, text)
    if architecture is None:
        return None
    name = architecture["value"]
    counts = (re.search(pattern, text) for pattern in _TOKENS)
    return Metadata(
        values={ARCHITECTURE: name, **_values(text, name)},
        tensors=_tensors(text),
        num_tokens=next((int(count[1]) for count in counts if count), None),
    )


def _values(text: str, architecture: str) -> dict[str, Any]:
    """The keys of this architecture and the general ones, each with the first value that stands behind it."""
    pattern = rf"(?<![\w.-])(?P<key>(?:general|{re.escape(architecture)})\.[a-z][\w.]{{0,80}})"
    values: dict[str, Any] = {}
    for index, line in enumerate(re.finditer(rf"{pattern}{_IS}{_VALUE}", text)):
        if index >= MAX_KEYS:
            raise too_many_keys(MAX_KEYS)
        if line["value"] is not None and line["key"] != ARCHITECTURE:
            values.setdefault(line["key"], _value(line["value"]))
    return values


def _value(text: str) -> Any:
    if not text.startswith("["):
        return number(text)
    if "..." in text or not text.endswith("]"):
        return ...
    return [number(item.strip()) for item in text[1:-1].split(",")]


def _tensors(text: str) -> dict[str, tuple[int, ...]]:
    tensors: dict[str, tuple[int, ...]] = {}
    for index, line in enumerate(re.finditer(_TENSOR, text)):
        if index >= MAX_KEYS:
            raise too_many_keys(MAX_KEYS)
        shape = _shape(line[0]) if line["name"] == "token_embd.weight" else ()
        tensors[line["name"]] = shape or tensors.get(line["name"], ())
    return tensors


def _shape(line: str) -> tuple[int, ...]:
    found = next(filter(None, (re.search(pattern, line) for pattern in _SHAPES)), None)
    return tuple(int(size.replace(" ", "")) for size in found.groups()) if found else ()
