"""What nvidia-smi prints with `-L`, with `-q`, and with `--query-gpu` as CSV."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from budsim_widgets.hardware.detection.detected import DetectedAccelerator, detected, partition
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MIB: Final = 2**20
_LISTED: Final = re.compile(r"GPU (\d{1,3}): ([^()]{1,100})\(UUID: ")
_MIG: Final = re.compile(r"MIG (\d{1,2}[a-z.]{1,3}\d{0,3}gb\S{0,20})\s{1,20}Device\s{1,9}\d{1,3}:")
_MIG_MEMORY: Final = re.compile(r"(\d{1,4})gb")
_AMOUNT: Final = re.compile(r"(\d{1,9})(?: MiB)?")
_NAME: Final = re.compile(r"(?:NVIDIA|GeForce|Tesla|Quadro|TITAN|GRID)\b")
_TOTAL, _FREE, _USED = "memory.total", "memory.free", "memory.used"


def of_listing(lines: Iterable[str]) -> Iterator[DetectedAccelerator]:
    """Of `nvidia-smi -L`, which says no memory: the table's, or that of the MIG profile."""
    gpus: dict[int, tuple[str, list[str]]] = {}
    index: int | None = None
    for line in lines:
        listed, mig = _LISTED.search(line), _MIG.search(line)
        if listed is not None:
            index = int(listed[1])
            gpus[index] = (listed[2].strip(), [])
        elif mig is not None and index is not None:
            gpus[index][1].append(mig[1])
    for number, (name, profiles) in gpus.items():
        for profile in profiles:
            yield from _of_profile(name, profile, number)
        found = None if profiles else detected(name, number, None)
        if found is not None:
            yield found


def of_csv(lines: Iterable[str]) -> Iterator[DetectedAccelerator]:
    """Of `nvidia-smi --query-gpu=… --format=csv`, whichever columns, with or without their names."""
    columns: list[str] = []
    index = 0
    for line in lines:
        cells = [cell.strip() for cell in line.split(",")]
        if "name" in cells or _TOTAL in line:
            columns = [cell.partition(" ")[0] for cell in cells]
            continue
        found = _of_cells(dict(zip(columns, cells, strict=False)) if columns else _guessed(cells), index)
        if found is not None:
            index += 1
            yield found


def of_query(lines: Iterable[str]) -> Iterator[DetectedAccelerator]:
    """Of `nvidia-smi -q`: the product's name and the block on the frame buffer."""
    gpus: list[dict[str, str]] = []
    is_memory = False
    for line in lines:
        key, colon, value = (part.strip() for part in line.partition(": "))
        if colon and key == "Product Name":
            gpus.append({"name": value})
        elif not colon:
            is_memory = line.strip() == "FB Memory Usage"
        elif is_memory and gpus and key in {"Total", "Free"}:
            gpus[-1].setdefault(f"memory.{key.lower()}", value)
    for index, gpu in enumerate(gpus):
        found = _of_cells(gpu, index)
        if found is not None:
            yield found


def _of_profile(name: str, profile: str, index: int) -> Iterator[DetectedAccelerator]:
    size = _MIG_MEMORY.search(profile)
    if size is not None and int(size[1]):
        yield partition(name, profile, index, int(size[1]) * GIB)


def _guessed(cells: list[str]) -> dict[str, str]:
    """The columns of a line that names none: the name is what looks like one, the first amount the total."""
    names = [cell for cell in cells if _NAME.match(cell)]
    amounts = [cell for cell in cells if cell.endswith(" MiB")] or [
        cell
        for cell in cells
        if cell.isdecimal() and len(cell) > 3  # noqa: PLR2004 - an index is shorter
    ]
    return {"name": names[0], _TOTAL: amounts[0]} if names and amounts else {}


def _of_cells(cells: dict[str, str], index: int) -> DetectedAccelerator | None:
    name = cells.get("name") or cells.get("gpu_name")
    if not name:
        return None
    number = cells.get("index", "")
    total, free, used = (_bytes(cells.get(key, "")) for key in (_TOTAL, _FREE, _USED))
    if free is None and used is not None and total is not None:
        free = total - used
    return detected(name, int(number) if number.isdecimal() and len(number) <= 3 else index, total, free)  # noqa: PLR2004


def _bytes(cell: str) -> int | None:
    """Bytes of `24564 MiB`, or of `24564` without its unit."""
    said = _AMOUNT.fullmatch(cell)
    return int(said[1]) * _MIB if said is not None else None
