"""What nvidia-smi and rocm-smi print for people: the table, `-L`, `-q`, CSV, and rocm-smi's lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware.detection.nvidia_lists import of_csv, of_listing, of_query
from budsim_widgets.hardware.detection.nvidia_table import of_table
from budsim_widgets.hardware.detection.rocm import of_json, of_rocm_smi

if TYPE_CHECKING:
    from budsim_widgets.hardware.detection.detected import DetectedAccelerator

MAX_CHARACTERS: Final = 8_000_000
_MOST_LINE: Final = 1_000
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ROCM_LINE: Final = re.compile(r"GPU\[(\d{1,3})\]\s{0,20}:\s{0,20}([^:]{1,60}):\s{0,20}(\S.{0,120})")


def parse_nvidia_smi(text: str) -> tuple[DetectedAccelerator, ...]:
    r"""The accelerators that a pasted output of nvidia-smi or rocm-smi names; none where it names none.

    Understood are nvidia-smi's table (old and new, with MIG and processes), `-L`, `-q` and `--query-gpu` as CSV with
    or without its first line and units, rocm-smi's list and JSON, and amd-smi's JSON.

    Raises:
        WorkloadError: It is no text, or longer than such an output can be; `.field` is `text`.

    Example:
        >>> parse_nvidia_smi("name, memory.total [MiB]\nNVIDIA L4, 23034 MiB")[0].accelerator.name
        'L4 24GB'
    """
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
        raise WorkloadError(
            "This is no output of nvidia-smi or rocm-smi.", field="text", next_step="Paste what `nvidia-smi` prints."
        )
    plain = _ESCAPES.sub("", text)
    if plain.lstrip()[:1] in {"{", "["}:
        return of_json(plain)
    lines = [line for line in plain.splitlines() if len(line) <= _MOST_LINE]
    for read in (of_table, of_listing, of_csv, of_query, _of_rocm_lines):
        found = tuple(read(lines))
        if found:
            return found
    return ()


def _of_rocm_lines(lines: list[str]) -> tuple[DetectedAccelerator, ...]:
    """`GPU[0]    : VRAM Total Memory (B): 206141652992`, as `rocm-smi --showmeminfo vram` prints it."""
    cards: dict[str, dict[str, Any]] = {}
    for line in lines:
        said = _ROCM_LINE.search(line)
        if said is not None:
            cards.setdefault(said[1], {})[said[2].strip()] = said[3].strip()
    return tuple(of_rocm_smi(cards))
