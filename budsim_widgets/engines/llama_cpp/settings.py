"""Settings of llama.cpp, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from budsim_widgets.engines.base import Engine
from budsim_widgets.errors import WorkloadError
from budsim_widgets.formats.gguf.mmproj import MMPROJ_TYPES
from budsim_widgets.printable import quoted

CACHE_TYPES: Final[dict[str, str]] = {
    "auto": "F16",
    "fp16": "F16",
    "bf16": "BF16",
    "fp32": "F32",
    **{name.lower(): name for name in ("Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0", "IQ4_NL")},
}
"""Name of a cache precision → the type of keys and values (`--cache-type-k`, `--cache-type-v`)."""

USUAL_UBATCH: Final = 512
_MOST_UBATCH: Final = 1_048_576


@dataclass(frozen=True, kw_only=True)
class LlamaCppSettings(Engine):
    """What `llama-server` is started with.

    Attributes:
        gpu_layers: Layers on the devices, as `--n-gpu-layers` counts them: the last of all, the output as one more.
        cpu_moe_layers: Layers whose routed experts stay in RAM (`--n-cpu-moe`), from the first.
        ubatch_size: Tokens that are computed at once (`--ubatch-size`).
        flash_attention: Whether attention runs in one kernel (`--flash-attn`).
        kv_unified: Whether all sequences share the cells (`--kv-unified`); else each has its own.
        swa_full: Whether layers with a window keep every token (`--swa-full`).
        offload_kv: Whether keys and values lie with their layers; else in RAM (`--no-kv-offload`).
        mmproj: The type of the file of vision and audio that is loaded beside (`--mmproj`): "F16", "BF16", "F32" or
            "Q8_0"; None: none is. It lies on the first device.

    Raises:
        WorkloadError: A setting is out of range; `.field` is its name.
    """

    gpu_layers: int | Literal["all"] = "all"
    cpu_moe_layers: int = 0
    ubatch_size: int = USUAL_UBATCH
    flash_attention: bool = True
    kv_unified: bool = True
    swa_full: bool = False
    offload_kv: bool = True
    mmproj: str | None = None

    def __post_init__(self) -> None:
        if self.gpu_layers != "all":
            _check_count("gpu_layers", self.gpu_layers, 0, " or 'all'")
        _check_count("cpu_moe_layers", self.cpu_moe_layers, 0)
        _check_count("ubatch_size", self.ubatch_size, 1)
        object.__setattr__(self, "mmproj", _known_mmproj(self.mmproj))
        for field in ("flash_attention", "kv_unified", "swa_full", "offload_kv"):
            _check_switch(field, getattr(self, field))


def _check_count(field: str, value: object, least: int, other: str = "") -> None:
    """Refuses what is no whole number, or is out of range."""
    if type(value) is not int or not least <= value <= _MOST_UBATCH:
        raise WorkloadError(
            f"{field} must be a whole number from {least}{other}, not {quoted(value, 80)}.",
            field=field,
            next_step=f"Give {field} as in {field}={max(least, 20)}.",
        )


def _known_mmproj(value: object) -> str | None:
    """The type of a mmproj file as it is called, from one as people write it; None where none is loaded.

    Raises:
        WorkloadError: It is none.
    """
    name = value.strip().upper() if isinstance(value, str) else value
    if name is not None and name not in MMPROJ_TYPES:
        raise WorkloadError(
            f"mmproj must be one of {', '.join(MMPROJ_TYPES)}, or None, not {quoted(value, 80)}.",
            field="mmproj",
            next_step="Give mmproj as in mmproj='F16'.",
        )
    return name if isinstance(name, str) else None


def _check_switch(field: str, value: object) -> None:
    """Refuses what is neither true nor false."""
    if type(value) is not bool:
        raise WorkloadError(
            f"{field} must be true or false, not {quoted(value, 80)}.",
            field=field,
            next_step=f"Give {field} as in {field}=True.",
        )
