"""The engines by name, and an engine from whatever a caller gives."""

from __future__ import annotations

from collections.abc import MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.engines.base import Engine
from budsim_widgets.engines.names import unknown_name
from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture

    WEIGHT_PRECISIONS: tuple[str, ...]
    CACHE_PRECISIONS: tuple[str, ...]


class Engines(MutableMapping[str, Engine]):
    """Engines with their default settings by name, each loaded when it is first asked for.

    Args:
        classes: Name → module and class inside `engines/`.

    Attributes:
        types: The classes of those that were asked for.
    """

    def __init__(self, classes: Mapping[str, str]) -> None:
        self._engines: dict[str, Engine | str] = {**classes}
        self.types: set[type] = set()

    def __getitem__(self, name: str) -> Engine:
        found = self._engines[name]
        if isinstance(found, str):
            module, _, kind = found.partition(".")
            found = self._engines[name] = getattr(import_module(f"{__package__}.{module}"), kind)()
        self.types.add(type(found))
        return found

    def __setitem__(self, name: str, engine: Engine) -> None:
        self._engines[name] = engine

    def __delitem__(self, name: str) -> None:
        del self._engines[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._engines)

    def __len__(self) -> int:
        return len(self._engines)

    def __contains__(self, name: object) -> bool:
        return name in self._engines


_DEFAULT: Final = "transformers"
_LLAMA_CPP: Final = "llama.cpp"
ENGINES: Final = Engines(
    {
        _DEFAULT: "transformers.Transformers",
        "vllm": "vllm.VLLM",
        "sglang": "sglang.SGLang",
        _LLAMA_CPP: "llama_cpp.LlamaCpp",
    }
)
"""Every engine with its default settings, by name."""


def __getattr__(name: str) -> tuple[str, ...]:
    """`WEIGHT_PRECISIONS` and `CACHE_PRECISIONS`: every name that these parameters take in some engine."""
    if name not in {"WEIGHT_PRECISIONS", "CACHE_PRECISIONS"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    lists = [getattr(engine, name.lower()) for engine in ENGINES.values()]
    names = globals()[name] = tuple(dict.fromkeys(precision for precisions in lists for precision in precisions))
    return names


def engine_of(value: object) -> Engine:
    """The engine that a name, an object or a dict such as `{"name": "vllm"}` means.

    Raises:
        WorkloadError: There is no such engine, or no such setting; `.field` is `engine` or the setting.

    Example:
        >>> engine_of("vLLM").name, engine_of({"name": "transformers"})
        ('vllm', Transformers(attention='auto'))
    """
    if isinstance(value, str):
        return _named(value)
    if isinstance(value, type):
        raise WorkloadError(
            f"engine is the class {quoted(value.__name__)}, not an engine with its settings.",
            field="engine",
            next_step=f"Write {value.__name__:.80}().",
        )
    if type(value) in ENGINES.types or (isinstance(value, Engine) and type(value) is type(ENGINES.get(value.name))):
        return value  # type: ignore[return-value] # its type is one of the engines'
    if isinstance(value, dict):
        return _with_settings(value)
    raise unknown_name("engine", value, tuple(ENGINES))


def _named(text: str) -> Engine:
    name = text.strip().lower()
    if name == _OLLAMA:
        return _ollama()
    name = _SPELLINGS.get(name, name)
    if name not in ENGINES:
        raise unknown_name("engine", text, tuple(ENGINES))
    return ENGINES[name]


def engine_for(architecture: Architecture, engine: Engine) -> Engine:
    """The engine itself; for a GGUF file llama.cpp in place of the default, which doesn't run it as it is."""
    is_for_file = architecture.gguf_file is not None and engine == ENGINES[_DEFAULT]
    return ENGINES[_LLAMA_CPP] if is_for_file else engine


def _ollama() -> Engine:
    """llama.cpp as Ollama starts it."""
    from budsim_widgets.engines.llama_cpp import ollama  # noqa: PLC0415 - only who names it loads it

    return ENGINES[_LLAMA_CPP].with_settings(**ollama.SETTINGS)


_OLLAMA: Final = "ollama"
_SPELLINGS: Final = dict.fromkeys(("llama_cpp", "llamacpp", "llama-cpp", "llama cpp", "llama-server"), "llama.cpp")


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
