"""The line that starts `llama-server`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from budsim_widgets.engines.llama_cpp.settings import CACHE_TYPES, USUAL_UBATCH
from budsim_widgets.formats.gguf.file_types import DTYPES

if TYPE_CHECKING:
    from budsim_widgets.engines.engine_workload import EngineWorkload
    from budsim_widgets.engines.llama_cpp.settings import LlamaCppSettings


def launch_command(settings: LlamaCppSettings, model_id: str, workload: EngineWorkload) -> str:
    """`llama-server` with the settings given and a workload."""
    words = ["llama-server", *_file_words(model_id, workload.precision)]
    words += ["-c", str(workload.batch_size * workload.seq_length), "-np", str(workload.batch_size)]
    words += ["-ngl", str(999 if settings.gpu_layers == "all" else settings.gpu_layers)]
    if settings.cpu_moe_layers:
        words += ["--n-cpu-moe", str(settings.cpu_moe_layers)]
    if settings.ubatch_size != USUAL_UBATCH:
        words += ["-b", str(max(2048, settings.ubatch_size)), "-ub", str(settings.ubatch_size)]
    words += ["-fa", "on" if settings.flash_attention else "off"]
    words += ["--kv-unified"] if settings.kv_unified else []
    words += ["--swa-full"] if settings.swa_full else []
    if settings.mmproj:
        words += ["--mmproj", f"mmproj-{settings.mmproj}.gguf"]
    words += [] if settings.offload_kv else ["--no-kv-offload"]
    cache_type = CACHE_TYPES[workload.kv_cache_precision].lower()
    if cache_type != "f16":
        words += ["--cache-type-k", cache_type, "--cache-type-v", cache_type]
    return shlex.join(words)


def _file_words(model_id: str, precision: str) -> tuple[str, str]:
    file_type = DTYPES.get(precision, precision)
    name = model_id.rpartition("/")[2]
    if "gguf" in name.lower():
        return "-hf", model_id if precision == "auto" else f"{model_id}:{file_type}"
    return "-m", f"{name}.gguf" if precision == "auto" else f"{name}-{file_type}.gguf"
