"""What vLLM prints while it starts, from 0.4 to 0.33, both engines.

Source of the forms: `worker/worker.py`, `worker/model_runner.py`, `v1/worker/gpu_worker.py`, `v1/worker/
gpu_model_runner.py` and `v1/core/kv_cache_utils.py` of its releases, and start-up logs in its issues.
"""

from __future__ import annotations

import re
from typing import Final

from budsim_widgets.engines.logs.forms import NUMBER, SIZE, LogForm, SettingForm
from budsim_widgets.engines.logs.reading import LogFormat

_COUNT: Final = rf"(?P<value>{NUMBER})"


def _size(part: str, key: str, before: str = "", after: str = "") -> LogForm:
    return LogForm(part, key, re.compile(before + re.escape(key) + r"\s?" + after + SIZE))


def _size_before(part: str, key: str) -> LogForm:
    return LogForm(part, key, re.compile(rf"{SIZE} {re.escape(key)}"))


FIGURES: Final = (
    _size("weights", "model weights take"),
    _size("weights", "Model loading took"),
    _size("weights", "Loading model weights took"),
    _size_before("weights", "for weight"),
    _size("activations", "PyTorch activation peak memory takes"),
    _size_before("activations", "for peak activation"),
    _size("non_torch", "non_torch_memory takes"),
    _size("non_torch", "non_torch_memory="),
    _size_before("non_torch", "for non-torch memory"),
    _size("graphs", "CUDA graph pool memory:"),
    _size_before("graphs", "for CUDAGraph memory"),
    LogForm("graphs", "Graph capturing finished in", re.compile(rf"secs?, took {SIZE}")),
    _size("graphs", "Estimated CUDA graph memory:"),
    LogForm("kv_cache", "Available KV cache memory:", re.compile(rf"memory:\s?{SIZE}"), combine="min"),
    _size("kv_cache", "reserved for KV Cache is"),
    _size("kv_cache", "kv_cache_size="),
    LogForm("cache_tokens", "GPU KV cache size:", re.compile(rf"size:\s?{_COUNT}\stokens"), "tokens", "last"),
    LogForm(
        "max_concurrency",
        "Maximum concurrency for",
        re.compile(rf"tokens per request:\s?{_COUNT}x"),
        "requests",
        "last",
    ),
    LogForm("total", "total_gpu_memory (", re.compile(rf"total_gpu_memory \({SIZE}")),
    LogForm("total", "Free memory on device", re.compile(rf"\({NUMBER}/{SIZE}\) on startup")),
)

SETTINGS: Final = (
    SettingForm(
        "version", "LLM engine (v", re.compile(r"LLM engine \(v(?P<value>\d{1,3}\.\d{1,3}(?:\.\d{1,3})?)"), str
    ),
    SettingForm(
        "version", "vLLM API server version", re.compile(r"version (?P<value>\d{1,3}\.\d{1,3}(?:\.\d{1,3})?)"), str
    ),
    SettingForm("seq_length", "max_seq_len=", re.compile(r"max_seq_len=(?P<value>\d{1,9})")),
    SettingForm("seq_length", "Maximum concurrency for", re.compile(rf"concurrency for {_COUNT} tokens")),
    SettingForm("tensor_parallel", "tensor_parallel_size=", re.compile(r"tensor_parallel_size=(?P<value>\d{1,4})")),
    SettingForm(
        "pipeline_parallel", "pipeline_parallel_size=", re.compile(r"pipeline_parallel_size=(?P<value>\d{1,4})")
    ),
    SettingForm(
        "kv_cache_precision", "kv_cache_dtype=", re.compile(r"kv_cache_dtype='?(?P<value>[a-z0-9_]{1,16})"), str
    ),
    SettingForm("enforce_eager", "enforce_eager=", re.compile(r"enforce_eager=(?P<value>True|False)"), str),
    SettingForm(
        "gpu_memory_utilization",
        "gpu_memory_utilization",
        re.compile(r"gpu_memory_utilization(?:'?: ?|=| \()(?P<value>\d?\.\d{1,6})"),
        float,
    ),
    SettingForm(
        "gpu_memory_utilization",
        "Desired GPU memory utilization is",
        re.compile(r"utilization is \((?P<value>\d?\.\d{1,6})"),
        float,
    ),
    SettingForm("max_num_seqs", "max_num_seqs", re.compile(r"max_num_seqs(?:'?: ?|=)(?P<value>\d{1,6})")),
    SettingForm(
        "max_num_batched_tokens", "max_num_batched_tokens", re.compile(r"batched_tokens(?:'?: ?|=)(?P<value>\d{1,8})")
    ),
)


def _settled(printed: dict[str, object]) -> dict[str, object]:
    settings = dict(printed)
    if "enforce_eager" in settings:
        settings["enforce_eager"] = settings["enforce_eager"] == "True"
    return settings


VLLM_LOG: Final = LogFormat("vllm", "vLLM", FIGURES, SETTINGS, settle=_settled)
