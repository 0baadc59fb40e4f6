"""The engines by name, and an engine from whatever a caller gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.engines.llama_cpp import LlamaCpp, ollama
from budsim_widgets.engines.names import unknown_name
from budsim_widgets.engines.sglang import SGLang
from budsim_widgets.engines.transformers import Transformers
from budsim_widgets.engines.vllm import VLLM
from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.base import Engine

ENGINES: Final[dict[str, Engine]] = {engine.name: engine for engine in (Transformers(), VLLM(), SGLang(), LlamaCpp())}
"""Every engine with its default settings, by name."""


WEIGHT_PRECISIONS: Final = tuple(
    dict.fromkeys(name for engine in ENGINES.values() for name in engine.weight_precisions)
)
"""Every name that `precision=` takes in some engine."""

CACHE_PRECISIONS: Final = tuple(dict.fromkeys(name for engine in ENGINES.values() for name in engine.cache_precisions))
"""Every name that `kv_cache_precision=` takes in some engine."""


def engine_of(value: object) -> Engine:
    """The engine that a name, an object or a dict such as `{"name": "vllm"}` means.

    Raises:
        WorkloadError: There is no such engine, or no such setting; `.field` is `engine` or the setting.

    Example:
        >>> engine_of("vLLM").name, engine_of({"name": "transformers"})
        ('vllm', Transformers())
    """
    if type(value) in _TYPES:
        return value  # type: ignore[return-value] # its type is one of the engines'
    if isinstance(value, dict):
        return _with_settings(value)
    name = value.strip().lower() if isinstance(value, str) else ""
    if name == _OLLAMA:
        return LlamaCpp(**ollama.SETTINGS)
    name = _SPELLINGS.get(name, name)
    if name not in ENGINES:
        raise unknown_name("engine", value, tuple(ENGINES))
    return ENGINES[name]


def engine_for(architecture: Architecture, engine: Engine) -> Engine:
    """The engine itself; for a GGUF file llama.cpp in place of the default, which doesn't run it as it is."""
    is_default = engine == ENGINES[Transformers.name]
    return ENGINES[LlamaCpp.name] if architecture.gguf_file is not None and is_default else engine


_OLLAMA: Final = "ollama"
_SPELLINGS: Final = dict.fromkeys(("llama_cpp", "llamacpp", "llama-cpp", "llama cpp", "llama-server"), "llama.cpp")


_TYPES: Final = frozenset(type(engine) for engine in ENGINES.values())


def _with_settings(value: dict[Any, Any]) -> Engine:
    name = value.get("name")
    if not isinstance(name, str):
        raise unknown_name("engine", name, tuple(ENGINES))
    engine = engine_of(name)
    settings = {key: setting for key, setting in value.items() if key != "name"}
    known = engine.to_dict().keys() - {"name"}
    for key in settings.keys() - known:
        raise WorkloadError(
            f"{engine.label} has no setting {quoted(key, 80)}.",
            field="engine",
            next_step=f"Its settings are {', '.join(sorted(known))}." if known else "It has no settings.",
        )
    return type(engine)(**settings) if settings else engine
