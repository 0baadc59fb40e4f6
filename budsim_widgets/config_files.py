"""Files that hold a model's config: config.json, whatever its encoding, and GGUF files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import Reading, read_config
from budsim_widgets.intake.folding import MAX_FOLDED_BYTES
from budsim_widgets.printable import quoted
from budsim_widgets.regular_files import NotRegularFileError, read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from budsim_widgets.intake.gguf_file import GgufFile

_MAX_FILE_BYTES: Final = MAX_FOLDED_BYTES + 1
"""Enough to see that a file is too large for a config, in whatever encoding, and what it is instead."""

_GGUF_ENDING: Final = ".gguf"


def is_file_name(text: str) -> bool:
    """Whether a text that stands for a model names a file, not a model on the Hub.

    Example:
        >>> is_file_name("config.json"), is_file_name("https://huggingface.co/a/b/blob/main/config.json")
        (True, False)
    """
    return text.endswith((".json", _GGUF_ENDING)) and "://" not in text


def read_config_file(path: Path) -> tuple[Reading, GgufFile | None]:
    """The config that a file holds, and the header of a GGUF file.

    Args:
        path: The file; `~` stands for the user's folder.

    Raises:
        ConfigError: NOT_READABLE where it can't be opened; as of `read_config` where it holds no usable config.
    """
    try:
        if path.name.endswith(_GGUF_ENDING):
            from budsim_widgets.gguf_files import open_gguf  # noqa: PLC0415 - nearly every config is JSON

            file, reading = open_gguf(path.expanduser())
            return reading, file
        content = read_regular(path.expanduser(), limit_bytes=_MAX_FILE_BYTES)
    except ConfigError:
        raise
    except NotRegularFileError as error:
        raise _not_readable(path, f"it is {error.kind}") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise _not_readable(path, getattr(error, "strerror", None) or "it names no file") from error
    with config_errors():
        return read_config(content), None


def _not_readable(path: Path, reason: str) -> ConfigError:
    return ConfigError(
        "NOT_READABLE",
        f"The file {quoted(path.name, 100)} can't be read: {reason}.",
        next_step="Check its path, or pass the id of a model.",
    )
