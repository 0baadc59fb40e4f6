"""What people should know about a model in llama.cpp."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from budsim_widgets.architectures.cache import SlidingWindowCache
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture


def window_notes(architecture: Architecture) -> tuple[str, ...]:
    """That windows aren't heeded, of a model that has some."""
    windows = {cache.window for cache, _ in architecture.layer_caches if isinstance(cache, SlidingWindowCache)}
    if not windows:
        return ()
    return (f"llama.cpp keeps every token: it doesn't heed this model's window of {max(windows):,} tokens.",)


@lru_cache(maxsize=64)
def host_note(host_bytes: int, *, is_all: bool) -> str:
    """What stays in RAM, and whether it can be dropped there."""
    what = "the embedding" if is_all else "the embedding and the layers that aren't offloaded"
    return (
        f"{format_bytes(host_bytes)} stay in RAM: {what}. Weights there are mapped from the file: the system counts "
        "them as cache and drops them when it needs the room; with --no-mmap they are the process's own."
    )
