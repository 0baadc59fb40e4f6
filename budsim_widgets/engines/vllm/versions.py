"""Versions of vLLM, as far as its rules about memory changed."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, TypeAlias

from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted

Version: TypeAlias = tuple[int, int, int]

NEWEST: Final[Version] = (0, 33, 0)
"""The version whose source the rules were read in."""

FIRST_WITH_GROUPS: Final[Version] = (0, 10, 0)
"""Layers of several kinds share one pool of blocks; before, a window was cached as if it were the whole context."""

FIRST_WITH_GRAPHS_COUNTED: Final[Version] = (0, 21, 0)
"""CUDA graphs are taken from the budget (vllm-project/vllm#30515); tokens follow from the concurrency (#40691)."""

FIRST_WITH_92_PERCENT: Final[Version] = (0, 20, 0)
"""`gpu_memory_utilization` is 0.92 where it isn't given, before it was 0.9."""

FIRST_WITH_CHECKPOINTS: Final[Version] = (0, 33, 0)
"""Gated delta nets keep one more state page, from which a prefix can go on inside a prompt."""

_PATTERN: Final = re.compile(r"v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?:[.+-]?[a-z0-9.+-]*)?", re.IGNORECASE)


def version_of(text: object) -> Version:
    """The three numbers of a version.

    Raises:
        WorkloadError: It isn't one; `.field` is `version`.

    Example:
        >>> version_of("0.7.3"), version_of("0.10")
        ((0, 7, 3), (0, 10, 0))
    """
    found = _read(text) if isinstance(text, str) else None
    if found is None:
        raise WorkloadError(
            f"{quoted(text, 80)} is no version of vLLM.",
            field="version",
            next_step='Write it as vLLM does, such as "0.33".',
        )
    return found


@cache
def _read(text: str) -> Version | None:
    found = _PATTERN.fullmatch(text.strip())
    if found is None:
        return None
    major, minor, patch = found.groups()
    return int(major), int(minor), int(patch or 0)


FIRST_WITH_LESS_COUNTED: Final[Version] = (0, 7, 0)
"""What libraries take is measured from when the engine starts; before, parts of the context counted too."""

FIRST_WITH_ENGINE_V1: Final[Version] = (0, 8, 0)
"""Prompts are read in chunks, whatever the context, and the scores of all sequences are profiled."""

FIRST_WITH_RUNNER_V2: Final[Version] = (0, 27, 0)
"""The second model runner: other copies of the scores, counters of tokens on the device, batches in every stage."""
