"""The table that nvidia-smi prints, with its MIG devices; names may be cut off, memory may not be said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.hardware.detection.detected import DetectedAccelerator, detected, partition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MIB: Final = 2**20
_PERSISTENCE: Final = frozenset({"On", "Off", "N/A"})
_MIG_NUMBERS: Final = 4
_CELLS: Final = 4
_FEWEST_WORDS: Final = 3


class _Gpu(NamedTuple):
    number: int
    name: str


def of_table(lines: Iterable[str]) -> Iterator[DetectedAccelerator]:
    """The GPUs of a table in their order; of a GPU that MIG divides, its parts."""
    whole, parts = _read(lines)
    for gpu, memory in whole.items():
        own = parts.get(gpu.number, [])
        for number, (used, total) in enumerate(own):
            yield partition(gpu.name, f"#{number}", gpu.number, total * _MIB, (total - used) * _MIB)
        if not own:
            total_bytes, free_bytes = (memory[1] * _MIB, (memory[1] - memory[0]) * _MIB) if memory else (None, None)
            found = detected(gpu.name, gpu.number, total_bytes, free_bytes)
            if found is not None:
                yield found


def _read(
    lines: Iterable[str],
) -> tuple[dict[_Gpu, tuple[int, int] | None], dict[int, list[tuple[int, int]]]]:
    """(MiB used, MiB in all) of each GPU, None where the table doesn't say; and of the parts of each, by its number."""
    whole: dict[_Gpu, tuple[int, int] | None] = {}
    parts: dict[int, list[tuple[int, int]]] = {}
    current: _Gpu | None = None
    for line in lines:
        cells = line.strip().split("|")
        if len(cells) < _CELLS:
            continue
        gpu, memory = _gpu(cells), _memory(cells[2])
        if gpu is not None:
            current = gpu
            whole[gpu] = None
        elif memory is not None and (owner := _mig_owner(cells[1])) is not None:
            parts.setdefault(owner, []).append(memory)
        elif memory is not None and current is not None:
            whole[current] = memory
            current = None
    return whole, parts


def _gpu(cells: list[str]) -> _Gpu | None:
    """`|   0  NVIDIA A100-SXM4-80GB   On | 00000000:07:00.0 Off |`."""
    words = cells[1].split()
    is_gpu = len(words) >= _FEWEST_WORDS and words[0].isdecimal() and words[-1] in _PERSISTENCE and ":" in cells[2]
    return _Gpu(int(words[0]), " ".join(words[1:-1])) if is_gpu and len(words[0]) <= _CELLS else None


def _mig_owner(cell: str) -> int | None:
    """The number of the GPU in `|  0    1   0   0  |     12MiB / 19968MiB |`; None for another line."""
    words = cell.split()
    is_mig = len(words) == _MIG_NUMBERS and all(word.isdecimal() and len(word) <= _CELLS for word in words)
    return int(words[0]) if is_mig else None


def _memory(cell: str) -> tuple[int, int] | None:
    """The two numbers of `507MiB /  24564MiB`."""
    used, slash, total = (part.strip() for part in cell.partition("/"))
    numbers = [part.removesuffix("MiB") for part in (used, total)]
    said = slash and all(part.endswith("MiB") for part in (used, total))
    if not said or not all(number.isdecimal() and len(number) <= 9 for number in numbers):  # noqa: PLR2004 - 1 PiB
        return None
    return int(numbers[0]), int(numbers[1])
