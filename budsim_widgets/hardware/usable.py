"""What a process gets of an accelerator's memory, where nobody has measured it on that one.

The driver keeps a part for itself. How large it is depends on the class of the device; each rule names the figures of
`data/accelerators.json` that it comes from, and its range holds all of them:

- NVIDIA cards: 384 MiB and 0.25 % of the total that nvidia-smi shows. On the 28 cards with both figures it is off by
  0.04 GiB at the median and 0.46 GiB at most; the range is 0.3 GiB or 1 %. Cards with GDDR6 and ECC on show 15/16 of
  their memory (T4, L4, A10, L40S, A40).
- AMD cards: 16 MiB (cards of 16, 64, 192 and 288 GB); newer versions of ROCm keep 0.3 GiB of an MI300X.
- Intel Arc: 1/18 (B580, A770); newer drivers keep less.
- Other devices in data centers: 2 % (TPU v5e 1.6 %, v6e 2.3 %, Gaudi 2 1.4 %).
- Apple: macOS gives the GPU a share by the size of memory. Up to macOS 15 it is 2/3 of up to 32 GB and 3/4 of more;
  macOS 26 gives 74 % of 16 to 24 GB, 78 % to 48 GB, 81 % to 96 GB, 84 % to 192 GB, 87 % to 256 GB, and 90.6 % of 512.
- NVIDIA with unified memory: 95 % (DGX Spark 121.63 of 128 GiB); the rest is the firmware's and the kernel's.
- AMD with unified memory: 3/4 (AMD's limit where the firmware or Windows sets memory aside: 96 of 128 GB); Linux
  gives half by itself, and nearly all of it when its kernel is told to.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from budsim_widgets.units import GIB

_MIB: Final = 2**20
_ECC_SHARE: Final = 15 / 16
_MACOS_26: Final = ((8, 2 / 3), (24, 0.74), (48, 0.78), (96, 0.81), (192, 0.84), (256, 0.87))
_MACOS_26_MOST: Final = 0.906
_MACOS_15_LARGE_BYTES: Final = 36 * GIB
_MACOS_STEP: Final = 0.08


class UsableMemory(NamedTuple):
    """What a process gets by the rule of a class, with its range, in bytes."""

    num_bytes: int
    least_bytes: int
    most_bytes: int


def usable_memory(
    vendor: str, kind: str, memory_bytes: int, *, is_shown: bool = False, inline_ecc: bool = False
) -> UsableMemory:
    """What a process gets of a device's memory, by the rule of its class.

    Args:
        vendor: Who makes it; an unknown one counts as NVIDIA, whose cards are the usual ones.
        kind: `data center`, `unified`, or another.
        memory_bytes: Its memory as sold, or as the vendor's tool shows it.
        is_shown: Whether it is what the tool shows.
        inline_ecc: Whether ECC takes a part of it before the tool shows the rest.

    Example:
        A card sold with 24 GB: 24 GiB less 384 MiB less 61 MiB.

        >>> round(usable_memory("NVIDIA", "desktop", 24 * GIB).num_bytes / GIB, 2)
        23.57
    """
    if vendor == "Apple":
        return _apple(memory_bytes)
    if kind == "unified":
        return _shares(memory_bytes, 0.75, 0.5, 0.97) if vendor == "AMD" else _shares(memory_bytes, 0.95, 0.92, 0.97)
    if vendor == "AMD":
        return _amd(memory_bytes, is_shown=is_shown)
    if vendor == "Intel" and kind != "data center":
        return _shares(memory_bytes, 17 / 18, 17 / 18 - 0.01, 0.995)
    if vendor in {"Intel", "Google", "AWS"}:
        return _shares(memory_bytes, 0.98, 0.96, 1)
    return _nvidia(int(memory_bytes * _ECC_SHARE) if inline_ecc and not is_shown else memory_bytes)


def _nvidia(shown_bytes: int) -> UsableMemory:
    kept = min(384 * _MIB, shown_bytes // 10) + shown_bytes // 400
    error = max(int(0.3 * GIB), shown_bytes // 100)
    usable = shown_bytes - kept
    return UsableMemory(usable, max(usable - error, usable // 2), min(usable + error, shown_bytes))


def _amd(memory_bytes: int, *, is_shown: bool) -> UsableMemory:
    usable = memory_bytes if is_shown or memory_bytes <= GIB else memory_bytes - 16 * _MIB
    return UsableMemory(usable, usable - memory_bytes // 100, usable)


def _apple(memory_bytes: int) -> UsableMemory:
    least = least_share_of_mac(memory_bytes)
    usual = next((share for size, share in _MACOS_26 if memory_bytes <= size * GIB), _MACOS_26_MOST)
    return _shares(memory_bytes, usual, least, min(usual + _MACOS_STEP, 0.91))


def least_share_of_mac(memory_bytes: int) -> float:
    """The share of a Mac's memory that its GPU may take up to macOS 15."""
    return 3 / 4 if memory_bytes >= _MACOS_15_LARGE_BYTES else 2 / 3


def _shares(memory_bytes: int, usual: float, least: float, most: float) -> UsableMemory:
    return UsableMemory(*(int(memory_bytes * share) for share in (usual, least, most)))
