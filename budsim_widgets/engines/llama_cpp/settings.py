"""Settings, and what llama.cpp refuses: numbers out of range, layers that aren't there, caches that heads forbid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.engines.llama_cpp.layer_kinds import head_dims, whole_blocks
from budsim_widgets.errors import WorkloadError
from budsim_widgets.formats.gguf.mmproj import MMPROJ_TYPES
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.llama_cpp.engine import LlamaCpp
    from budsim_widgets.engines.llama_cpp.placement import LayerWeights
    from budsim_widgets.engines.workload import Workload

CACHE_TYPES: Final[dict[str, str]] = {
    "auto": "F16",
    "fp16": "F16",
    "bf16": "BF16",
    "fp32": "F32",
    **{name.lower(): name for name in ("Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0", "IQ4_NL")},
}
"""Name of a cache precision → the type of keys and values (`--cache-type-k`, `--cache-type-v`)."""

USUAL_UBATCH: Final = 512
MOST_UBATCH: Final = 1_048_576


def check_count(field: str, value: object, least: int, other: str = "") -> None:
    """Refuses what is no whole number, or is out of range."""
    if type(value) is not int or not least <= value <= MOST_UBATCH:
        raise WorkloadError(
            f"{field} must be a whole number from {least}{other}, not {quoted(value, 80)}.",
            field=field,
            next_step=f"Give {field} as in {field}={max(least, 20)}.",
        )


def known_mmproj(value: object) -> str | None:
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


def check_switch(field: str, value: object) -> None:
    """Refuses what is neither true nor false."""
    if type(value) is not bool:
        raise WorkloadError(
            f"{field} must be true or false, not {quoted(value, 80)}.",
            field=field,
            next_step=f"Give {field} as in {field}=True.",
        )


def layers_on_devices(engine: LlamaCpp, weights: LayerWeights) -> int:
    """Units on the devices.

    Raises:
        WorkloadError: There are fewer.
    """
    units = weights.units
    if engine.cpu_moe_layers > units - 1:
        raise WorkloadError(
            f"The model has {units - 1} layers; the experts of {engine.cpu_moe_layers} are to stay in RAM.",
            field="cpu_moe_layers",
            next_step=f"Choose cpu_moe_layers up to {units - 1}.",
        )
    if engine.gpu_layers == "all":
        return units
    if engine.gpu_layers > units:
        raise WorkloadError(
            f"The model has {units} layers to place, the output among them; {engine.gpu_layers} are asked for.",
            field="gpu_layers",
            next_step=f"Choose gpu_layers up to {units}, or 'all'.",
        )
    return engine.gpu_layers


def check_cache_type(engine: LlamaCpp, architecture: Architecture, workload: Workload, cache_type: str) -> None:
    """Refuses a type of keys and values that llama.cpp refuses for a model."""
    name = workload.kv_cache_precision
    if CACHE_TYPES[name] in {"F16", "BF16", "F32"}:
        return
    if not engine.flash_attention:
        raise WorkloadError(
            f"llama.cpp quantizes values to {name} only with flash attention.",
            field="kv_cache_precision",
            next_step="Choose kv_cache_precision='fp16', or flash_attention=True.",
        )
    if not whole_blocks(cache_type, head_dims(architecture)):
        raise WorkloadError(
            f"The heads of this model have a width that isn't made of whole blocks of {name}.",
            field="kv_cache_precision",
            next_step="Choose kv_cache_precision='fp16'.",
        )
