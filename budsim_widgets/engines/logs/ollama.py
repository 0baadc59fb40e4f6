"""What Ollama prints while it loads a model, and `ollama ps`.

Source of the forms: `llm/memory.go`, `llm/server.go` and `ml/backend.go` of its releases, and logs in its issues.
"""

from __future__ import annotations

import re
from typing import Any, Final

from budsim_widgets.engines.logs.forms import SIZE, LogForm, SettingForm
from budsim_widgets.engines.logs.reading import LogFormat

_ID: Final = r"\s[0-9a-f]{12}\s{1,12}"
"""The column of `ollama ps` before the size, whose GB are 10^9 bytes."""


def _device_lines(part: str, message: str, *, on_host: bool | None) -> LogForm:
    """`msg="kv cache" device=CUDA0 size="936.0 MiB"`, of all devices together."""
    where = r'(?:device|buffer_type|buffer)=(?P<device>[A-Za-z][\w.]{0,24}) size="'
    return LogForm(part, f'msg="{message}"', re.compile(where + SIZE), combine="sum", on_host=on_host)


def _memory(part: str, name: str) -> LogForm:
    return LogForm(part, f'{name}="', re.compile(rf'{re.escape(name)}="\[?{SIZE}'), combine="last")


FIGURES: Final = (
    _device_lines("weights", "model weights", on_host=False),
    _device_lines("host_weights", "model weights", on_host=True),
    _device_lines("kv_cache", "kv cache", on_host=None),
    _device_lines("compute", "compute graph", on_host=False),
    LogForm("total", 'msg="total memory"', re.compile(rf'size="{SIZE}'), combine="last"),
    _memory("weights", "memory.weights.total"),
    _memory("kv_cache", "memory.required.kv"),
    _memory("compute", "memory.graph.full"),
    _memory("total", "memory.required.full"),
    LogForm("total", "% GPU", re.compile(rf"{_ID}{SIZE}\s"), combine="last", is_decimal=True),
    LogForm("total", "CPU/GPU", re.compile(rf"{_ID}{SIZE}\s"), combine="last", is_decimal=True),
)

SETTINGS: Final = (
    SettingForm("seq_length", "% GPU", re.compile(r"% GPU\s{1,12}(?P<value>\d{1,8})\s")),
    SettingForm("seq_length", "CPU/GPU", re.compile(r"CPU/GPU\s{1,12}(?P<value>\d{1,8})\s")),
    SettingForm("n_ctx", "--ctx-size", re.compile(r"--ctx-size (?P<value>\d{1,9})")),
    SettingForm("batch_size", "--parallel", re.compile(r"--parallel (?P<value>\d{1,4})")),
    SettingForm("gpu_layers", "layers to GPU", re.compile(r"offloaded (?P<value>\d{1,5})/\d{1,5} layers")),
    SettingForm("gpu_layers", "layers.offload=", re.compile(r"layers\.offload=(?P<value>\d{1,5})")),
    SettingForm("version", "ollama version is", re.compile(r"version is (?P<value>\d{1,3}\.\d{1,3}\.\d{1,3})"), str),
)


def _settled(printed: dict[str, Any]) -> dict[str, Any]:
    """`--ctx-size` is what all sequences share."""
    settings = {name: value for name, value in printed.items() if name not in {"n_ctx", "version"}}
    if printed.get("n_ctx"):
        settings["seq_length"] = max(1, printed["n_ctx"] // (printed.get("batch_size") or 1))
    return settings


OLLAMA_LOG: Final = LogFormat("llama.cpp", "Ollama", FIGURES, SETTINGS, settle=_settled)
