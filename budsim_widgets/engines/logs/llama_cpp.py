"""What llama.cpp and what is built on it print while they load a model, since 2024.

Source of the forms: `src/llama-model.cpp`, `src/llama-kv-cache.cpp`, `src/llama-context.cpp` and their predecessors,
and load logs in its issues.
"""

from __future__ import annotations

import re
from typing import Any, Final

from budsim_widgets.engines.logs.forms import SIZE, LogForm, SettingForm
from budsim_widgets.engines.logs.reading import LogFormat


def _buffers(part: str, name: str, *, on_host: bool | None) -> LogForm:
    """`CUDA0 KV buffer size =   512.00 MiB`, of all devices together."""
    key = f"{name} buffer size"
    pattern = re.compile(rf"(?P<device>[A-Za-z][\w.]{{0,24}})\s{{1,4}}{re.escape(key)}\s{{0,4}}=\s{{0,12}}{SIZE}")
    return LogForm(part, key, pattern, combine="sum", on_host=on_host)


def _setting(name: str, key: str) -> SettingForm:
    return SettingForm(name, key, re.compile(rf"\b{key}\s{{0,12}}=\s{{0,4}}(?P<value>\d{{1,9}})"))


_FILE_TYPE: Final = r"\w{1,12}(?: - (?:Small|Medium|Large))?"
"""As in `Q4_K - Medium`, which is Q4_K_M; behind others stand their bits."""

FIGURES: Final = (
    _buffers("weights", "model", on_host=False),
    _buffers("host_weights", "model", on_host=True),
    _buffers("kv_cache", "KV", on_host=None),
    _buffers("state", "RS", on_host=None),
    _buffers("compute", "compute", on_host=False),
    _buffers("output", "output", on_host=None),
    LogForm("file", "file size", re.compile(rf"file size\s{{0,4}}=\s{{0,4}}{SIZE}")),
    LogForm("file", "model size", re.compile(rf"model size\s{{0,4}}=\s{{0,4}}{SIZE}")),
)

SETTINGS: Final = (
    SettingForm("version", "build:", re.compile(r"build: (?P<value>\d{1,7})"), str),
    _setting("n_ctx", "n_ctx"),
    _setting("n_seq_max", "n_seq_max"),
    _setting("ubatch_size", "n_ubatch"),
    SettingForm("flash_attention", "flash_attn", re.compile(r"flash_attn\s{0,12}=\s{0,4}(?P<value>\w{1,12})"), str),
    SettingForm("gpu_layers", "layers to GPU", re.compile(r"offloaded (?P<value>\d{1,5})/\d{1,5} layers")),
    SettingForm("kv_cache_precision", "type_k", re.compile(r"type_k = '(?P<value>\w{1,8})'"), str),
    SettingForm("kv_cache_precision", "K (", re.compile(r"K \((?P<value>\w{1,8})\)"), str),
    SettingForm("precision", "file type", re.compile(rf"file type\s{{0,4}}=\s{{0,4}}(?P<value>{_FILE_TYPE})"), str),
)
_OFF: Final = frozenset({"0", "disabled", "false", "off"})


def _settled(printed: dict[str, Any]) -> dict[str, Any]:
    """`n_ctx` is what all sequences share."""
    settings = {name: value for name, value in printed.items() if name not in {"n_ctx", "n_seq_max", "version"}}
    sequences = printed.get("n_seq_max") or 1
    if printed.get("n_ctx"):
        settings["batch_size"] = sequences
        settings["seq_length"] = max(1, printed["n_ctx"] // sequences)
    if "precision" in settings:
        settings["precision"] = re.sub(r" - (\w)\w+", r"_\1", settings["precision"])
    if "flash_attention" in settings:
        settings["flash_attention"] = str(settings["flash_attention"]).lower() not in _OFF
    return settings


LLAMA_CPP_LOG: Final = LogFormat(
    *("llama.cpp", "llama.cpp", FIGURES, SETTINGS),
    last_load="llama_model_loader: loaded meta data",
    settle=_settled,
)
