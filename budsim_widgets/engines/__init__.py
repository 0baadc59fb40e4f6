"""What runs a model: one module for each engine, loaded with its first use, and what it is run with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.engines.answers import CacheBytes, Estimate, Served
from budsim_widgets.engines.base import Engine
from budsim_widgets.engines.engine_workload import EngineWorkload
from budsim_widgets.engines.registry import ENGINES, engine_for, engine_of
from budsim_widgets.engines.transformers import Transformers
from budsim_widgets.engines.workload import Workload
from budsim_widgets.lazy_names import on_first_use

if TYPE_CHECKING:
    from budsim_widgets.engines.llama_cpp import LlamaCpp
    from budsim_widgets.engines.registry import CACHE_PRECISIONS, WEIGHT_PRECISIONS
    from budsim_widgets.engines.sglang import SGLang
    from budsim_widgets.engines.vllm import VLLM

__all__ = [
    "CACHE_PRECISIONS",
    "ENGINES",
    "VLLM",
    "WEIGHT_PRECISIONS",
    "CacheBytes",
    "Engine",
    "EngineWorkload",
    "Estimate",
    "LlamaCpp",
    "SGLang",
    "Served",
    "Transformers",
    "Workload",
    "engine_for",
    "engine_of",
]

__getattr__ = on_first_use(
    __name__,
    {
        "CACHE_PRECISIONS": "registry",
        "LlamaCpp": "llama_cpp",
        "SGLang": "sglang",
        "VLLM": "vllm",
        "WEIGHT_PRECISIONS": "registry",
    },
)
