"""What Ollama starts llama.cpp with, unless it is told otherwise.

Sources: `llm/llama_server.go` and `server/routes.go` of github.com/ollama/ollama (v0.33): one sequence, streams of
their own (`-np` is given), 512 tokens at once, keys and values in 16 bits, a context by the memory of all devices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from budsim_widgets.hardware import Accelerator

_CONTEXTS: Final = ((47, 262_144), (23, 32_768), (0, 4_096))
"""GiB of all devices together, from which on Ollama takes a context."""

SETTINGS: Final[dict[str, Any]] = {"kv_unified": False, "ubatch_size": 512}
"""Settings of `LlamaCpp`."""

FILE_TYPE: Final = "Q4_K_M"
"""The file that the library gives under a model's plain name."""


def default_context(accelerator: Accelerator | str | None) -> int:
    """Tokens of a context; without an accelerator the least.

    Example:
        >>> default_context("RTX 3060 12GB"), default_context("RTX 4090"), default_context("2x RTX 3090")
        (4096, 32768, 262144)
    """
    if accelerator is None:
        return _CONTEXTS[-1][1]
    from budsim_widgets.hardware.finding import find_accelerator  # noqa: PLC0415 - the table of accelerators is large

    device, count = find_accelerator(accelerator)
    memory_gib = count * (device.driver_bytes or device.usable_bytes) / GIB
    return next(tokens for least, tokens in _CONTEXTS if memory_gib >= least)
