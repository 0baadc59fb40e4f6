"""What SGLang prints while it starts, 0.4 and 0.5.

Source of the forms: `model_executor/model_runner.py` and `mem_cache/memory_pool.py` of its releases, and start-up logs
in its issues; its GB are GiB.
"""

from __future__ import annotations

import re
from typing import Final

from budsim_widgets.engines.logs.forms import NUMBER, SIZE, LogForm, SettingForm
from budsim_widgets.engines.logs.reading import LogFormat

_POOL: Final = "KV Cache is allocated"
_TOKENS: Final = rf"#tokens: (?P<value>{NUMBER})"


def _setting(name: str, key: str, kind: type[int | float] = int) -> SettingForm:
    number = r"\d{1,9}" if kind is int else r"\d?\.\d{1,6}"
    return SettingForm(name, f"{key}=", re.compile(rf"\b{key}=(?P<value>{number})(?=[,\s)]|$)"), kind)


FIGURES: Final = (
    LogForm("weights", "Load weight end", re.compile(rf"mem usage=\s?{SIZE}")),
    LogForm("key_cache", _POOL, re.compile(rf"K size: {SIZE}"), combine="min"),
    LogForm("value_cache", _POOL, re.compile(rf"V size: {SIZE}"), combine="min"),
    LogForm("kv_cache", _POOL, re.compile(rf"KV size: {SIZE}"), combine="min"),
    LogForm("cache_tokens", _POOL, re.compile(_TOKENS), "tokens", "last"),
    LogForm("cache_tokens", "max_total_num_tokens=", re.compile(rf"tokens=(?P<value>{NUMBER})"), "tokens", "last"),
    LogForm("graphs", "Capture cuda graph end", re.compile(rf"mem usage=\s?{SIZE}")),
    LogForm("free", "available_gpu_mem=", re.compile(rf"available_gpu_mem={SIZE}"), combine="min"),
    LogForm("free", "Capture cuda graph end", re.compile(rf"avail mem=\s?{SIZE}"), combine="min"),
    LogForm("free", "Memory pool end", re.compile(rf"avail mem=\s?{SIZE}"), combine="min"),
)

SETTINGS: Final = (
    _setting("seq_length", "context_len"),
    _setting("tensor_parallel", "tp_size"),
    _setting("pipeline_parallel", "pp_size"),
    _setting("mem_fraction_static", "mem_fraction_static", float),
    _setting("chunked_prefill_size", "chunked_prefill_size"),
    _setting("max_running_requests", "max_running_requests"),
)

SGLANG_LOG: Final = LogFormat(
    *("sglang", "SGLang", FIGURES, SETTINGS),
    sums=(("kv_cache", ("key_cache", "value_cache")),),
)
