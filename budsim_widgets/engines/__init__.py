"""What runs a model: one module for each engine, and what it is run with."""

from __future__ import annotations

from budsim_widgets.engines.base import CacheBytes, Engine, Estimate, Served
from budsim_widgets.engines.llama_cpp import LlamaCpp
from budsim_widgets.engines.registry import CACHE_PRECISIONS, ENGINES, WEIGHT_PRECISIONS, engine_for, engine_of
from budsim_widgets.engines.sglang import SGLang
from budsim_widgets.engines.transformers import Transformers
from budsim_widgets.engines.vllm import VLLM
from budsim_widgets.engines.workload import Workload

__all__ = [
    "CACHE_PRECISIONS",
    "ENGINES",
    "VLLM",
    "WEIGHT_PRECISIONS",
    "CacheBytes",
    "Engine",
    "Estimate",
    "LlamaCpp",
    "SGLang",
    "Served",
    "Transformers",
    "Workload",
    "engine_for",
    "engine_of",
]
