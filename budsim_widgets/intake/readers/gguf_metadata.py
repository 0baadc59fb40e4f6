"""GGUF metadata, read from JSON: gguf-dump's, Ollama's `/api/show`, the Hub's viewer, llama-cpp-python's `metadata`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

ARCHITECTURE: Final = "general.architecture"
TOKENS: Final = "tokenizer.ggml.tokens"
_WRAPPERS: Final = ("metadata", "model_info")


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What a listing of a GGUF file says.

    Attributes:
        values: Key → value; `...` for a list that the listing cuts off.
        tensors: Name of a listed tensor → its shape, as far as it is known; in either order.
        num_tokens: How many tokens the tokenizer has, where the listing says so.
    """

    values: dict[str, Any]
    tensors: dict[str, tuple[int, ...]] = field(default_factory=dict)
    num_tokens: int | None = None


def metadata_in(value: dict[str, Any]) -> Metadata | None:
    """The metadata that a parsed JSON object holds, or None."""
    holders = [value, *(value[name] for name in _WRAPPERS if isinstance(value.get(name), dict))]
    found = next((holder for holder in holders if ARCHITECTURE in holder), None)
    if found is None:
        return None
    plain = {name: _plain(item) for name, item in found.items()}
    tokens = plain.get(TOKENS)
    return Metadata(
        values=plain,
        tensors=_tensors(value.get("tensors") or value.get("tensorInfos")),
        num_tokens=len(tokens) if isinstance(tokens, list) and tokens else None,
    )


def _plain(item: Any) -> Any:
    """The value itself: gguf-dump wraps it, and llama-cpp-python writes numbers as text."""
    if isinstance(item, dict):
        item = item.get("value", ... if "array_types" in item else None)
    return number(item) if isinstance(item, str) else item


def number(text: str) -> Any:
    """The number, or the true or false, that a text holds; else the text.

    Example:
        >>> number("32"), number("1e-05"), number("true"), number("llama")
        (32, 1e-05, True, 'llama')
    """
    if text in {"true", "True", "false", "False"}:
        return text.lower() == "true"
    try:
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 20 else float(text[:64])  # noqa: PLR2004
    except ValueError:
        return text


def _tensors(listed: Any) -> dict[str, tuple[int, ...]]:
    if isinstance(listed, list):
        named = (item for item in listed if isinstance(item, dict) and isinstance(item.get("name"), str))
        listed = {item["name"]: item for item in named}
    return {name: _shape(item) for name, item in listed.items()} if isinstance(listed, dict) else {}


def _shape(item: Any) -> tuple[int, ...]:
    sizes = item.get("shape") if isinstance(item, dict) else None
    plain = (number(size) if isinstance(size, str) else size for size in sizes or ()) if isinstance(sizes, list) else ()
    return tuple(size for size in plain if isinstance(size, int) and not isinstance(size, bool))
