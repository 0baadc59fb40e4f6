"""GGUF files opened: their headers alone are read, and the parts of a split file are put together."""

from __future__ import annotations

import mmap
import os
import re
from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import Reading
from budsim_widgets.intake.gguf_file import joined, read_gguf
from budsim_widgets.intake.readers.gguf import convert
from budsim_widgets.intake.readers.gguf_metadata import ARCHITECTURE
from budsim_widgets.printable import quoted
from budsim_widgets.regular_files import open_regular

if TYPE_CHECKING:
    from pathlib import Path

    from budsim_widgets.intake.gguf_file import GgufFile

_PART: Final = re.compile(r"(.{0,200})-([0-9]{5})-of-([0-9]{5})\.gguf")
_MAX_PARTS: Final = 999


def open_gguf(path: Path) -> tuple[GgufFile, Reading]:
    """The header of a GGUF file, and the config that transformers has for the same model.

    Args:
        path: The file; of a split one, any part: the others lie beside it.

    Raises:
        ConfigError: It is none, is damaged, or its model isn't converted; NOT_READABLE where a part is absent.
        OSError: It can't be read.
    """
    file = _header(path)
    if file.part[1] > 1:
        file = joined([_header(part) for part in _parts(path, file.part[1])])
    return file, read_model(file)


def read_model(file: GgufFile) -> Reading:
    """The config that transformers has for the model of a GGUF file.

    Raises:
        ConfigError: It is no model's, or its model isn't converted.
    """
    if ARCHITECTURE not in file.metadata.values:
        raise ConfigError(
            "MISSING_FIELD",
            f"The GGUF file lacks {ARCHITECTURE}.",
            next_step="Give the file of a model.",
            field=ARCHITECTURE,
            missing_fields=(ARCHITECTURE,),
        )
    with config_errors():
        parsed = convert(file.metadata)
    return Reading(config=parsed.value, format="gguf", repairs=parsed.repairs)


def _header(path: Path) -> GgufFile:
    with os.fdopen(open_regular(path, os.O_RDONLY, follows_links=True), "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise ConfigError("EMPTY", f"The file {quoted(path.name, 100)} is empty.", next_step="Download it anew.")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data, config_errors():
            return read_gguf(data)


def _parts(path: Path, count: int) -> list[Path]:
    named = _PART.fullmatch(path.name)
    if named is None or int(named[3]) != count or count > _MAX_PARTS:
        name = quoted(path.name, 100)
        raise _absent(f"The file {name} is one of {count:,} parts, and its name doesn't tell the others'.")
    parts = [path.with_name(f"{named[1]}-{number:05}-of-{count:05}.gguf") for number in range(1, count + 1)]
    for part in parts:
        if not part.is_file():
            raise _absent(f"The part {quoted(part.name, 100)} of the GGUF file isn't there.")
    return parts


def _absent(message: str) -> ConfigError:
    return ConfigError("NOT_READABLE", message, next_step="Put all parts into one folder, under their own names.")
