"""What llama.cpp refuses for a model: layers that aren't there, caches that its heads forbid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.engines.llama_cpp.layer_kinds import head_dims, whole_blocks
from budsim_widgets.engines.llama_cpp.settings import CACHE_TYPES
from budsim_widgets.errors import WorkloadError

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.engine_workload import EngineWorkload
    from budsim_widgets.engines.llama_cpp.placement import LayerWeights
    from budsim_widgets.engines.llama_cpp.settings import LlamaCppSettings


def layers_on_devices(settings: LlamaCppSettings, weights: LayerWeights) -> int:
    """Units on the devices.

    Raises:
        WorkloadError: There are fewer.
    """
    units = weights.units
    if settings.cpu_moe_layers > units - 1:
        raise WorkloadError(
            f"The model has {units - 1} layers; the experts of {settings.cpu_moe_layers} are to stay in RAM.",
            field="cpu_moe_layers",
            next_step=f"Choose cpu_moe_layers up to {units - 1}.",
        )
    if settings.gpu_layers == "all":
        return units
    if settings.gpu_layers > units:
        raise WorkloadError(
            f"The model has {units} layers to place, the output among them; {settings.gpu_layers} are asked for.",
            field="gpu_layers",
            next_step=f"Choose gpu_layers up to {units}, or 'all'.",
        )
    return settings.gpu_layers


def check_cache_type(
    settings: LlamaCppSettings, architecture: Architecture, workload: EngineWorkload, cache_type: str
) -> None:
    """Refuses a type of keys and values that llama.cpp refuses for a model."""
    name = workload.kv_cache_precision
    if CACHE_TYPES[name] in {"F16", "BF16", "F32"}:
        return
    if not settings.flash_attention:
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
