"""AMD's GPUs as rocm-smi and amd-smi tell of them in JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.hardware.detection.commands import output_of
from budsim_widgets.hardware.detection.detected import DetectedAccelerator, detected
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIB: Final = 2**20
_NAMES: Final = ("Card Series", "Card series", "Device Name", "Card Model", "Card model")
_SET_ASIDE_BYTES: Final = 4 * GIB
"""Less of its own than this: an APU, whose GPU takes the system's memory (GTT)."""

_UNIT_BYTES: Final = {"B": 1, "KB": 1024, "MB": _MIB, "MIB": _MIB, "GB": GIB, "GIB": GIB}


def from_rocm() -> tuple[DetectedAccelerator, ...]:
    """The GPUs that rocm-smi, or else amd-smi, names; none where neither is on the PATH."""
    told = output_of("rocm-smi", "--showproductname", "--showmeminfo", "vram", "gtt", "--json")
    found = tuple(of_rocm_smi(_json(told or "")))
    if found:
        return found
    static = output_of("amd-smi", "static", "--asic", "--vram", "--json")
    if static is None:
        return ()
    metric = output_of("amd-smi", "metric", "--mem-usage", "--json")
    return tuple(of_amd_smi(_json(static), _json(metric or "")))


def of_json(text: str) -> tuple[DetectedAccelerator, ...]:
    """The GPUs of what either tool printed as JSON."""
    told = _json(text)
    return tuple(of_rocm_smi(told)) or tuple(of_amd_smi(told, told))


def of_rocm_smi(told: Any) -> Iterator[DetectedAccelerator]:
    """Of `rocm-smi --json`: `{"card0": {"Card Series": …, "VRAM Total Memory (B)": "…"}}`."""
    cards = [card for card in told.values() if isinstance(card, dict)] if isinstance(told, dict) else []
    for index, card in enumerate(cards):
        name = next((str(card[key]) for key in _NAMES if str(card.get(key, "N/A")) != "N/A"), "")
        total, used = _whole(card.get("VRAM Total Memory (B)")), _whole(card.get("VRAM Total Used Memory (B)"))
        if total is not None and total < _SET_ASIDE_BYTES:
            total += _whole(card.get("GTT Total Memory (B)")) or 0
            used = None if used is None else used + (_whole(card.get("GTT Total Used Memory (B)")) or 0)
        if total is not None:
            found = detected(name, index, total, None if used is None else total - used, vendor="AMD")
            if found is not None:
                yield found


def of_amd_smi(static: Any, metric: Any) -> Iterator[DetectedAccelerator]:
    """Of `amd-smi static` and `amd-smi metric` with `--json`."""
    usage = {gpu.get("gpu"): gpu.get("mem_usage") for gpu in _gpus(metric)}
    for index, gpu in enumerate(_gpus(static)):
        taken = _part(usage, gpu.get("gpu"))
        total = _amount(_part(gpu, "vram").get("size")) or _amount(taken.get("total_vram"))
        used = _amount(taken.get("used_vram"))
        name = str(_part(gpu, "asic").get("market_name", ""))
        if total:
            found = detected(name, index, total, None if used is None else total - used, vendor="AMD")
            if found is not None:
                yield found


def _gpus(told: Any) -> list[dict[str, Any]]:
    listed = told.get("gpu_data") if isinstance(told, dict) else told
    return [gpu for gpu in listed if isinstance(gpu, dict)] if isinstance(listed, list) else []


def _part(told: dict[Any, Any], key: Any) -> dict[str, Any]:
    part = told.get(key)
    return part if isinstance(part, dict) else {}


def _amount(told: Any) -> int | None:
    """Bytes of `{"value": 196592, "unit": "MB"}`, where MB are MiB."""
    value, unit = (told.get("value"), told.get("unit", "MB")) if isinstance(told, dict) else (told, "MB")
    number = _whole(value)
    return None if number is None else number * _UNIT_BYTES.get(str(unit).upper(), _MIB)


def _whole(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else None  # noqa: PLR2004 - 10**18 B


def _json(text: str) -> Any:
    """The JSON in an output that warnings may stand before; None where there is none."""
    starts = [place for place in (text.find("{"), text.find("[\n"), text.find("[{")) if place >= 0]
    if not starts:
        return None
    try:
        return json.loads(text[min(starts) :])
    except (ValueError, RecursionError):
        return None
