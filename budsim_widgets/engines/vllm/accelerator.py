"""What vLLM chooses by the accelerator: how much is computed at once."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.engines.vllm.versions import FIRST_WITH_ENGINE_V1
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from budsim_widgets.engines.vllm.versions import Version
    from budsim_widgets.hardware import Accelerator

_LARGEST_BYTES: Final = 160 * GIB
_LARGE_BYTES: Final = 70 * GIB
_NOT_LARGE: Final = ("a100", "gb10", "dgx spark")

_UNCHUNKED_TOKENS: Final = 32_768
_FEWEST_TOKENS: Final = 2_048
_FIRST_CHUNK_TOKENS: Final = 512
_FIRST_WITH_LARGE_CHUNKS: Final = (0, 7, 0)

_CAPABILITIES: Final = (
    (10, re.compile(r"\bG?B[123]00\b", re.IGNORECASE)),
    (12, re.compile(r"\bRTX (?:PRO )?50\d0\b|\bBlackwell\b|\bGB10\b|\bDGX Spark\b", re.IGNORECASE)),
    (9, re.compile(r"\bG?H(?:20|100|200|800)\b", re.IGNORECASE)),
)


class BatchLimits(NamedTuple):
    """How much is computed at once."""

    max_num_batched_tokens: int
    max_num_seqs: int


def batch_limits(accelerator: Accelerator | None, version: Version, max_model_len: int) -> BatchLimits:
    """What `vllm serve` chooses on an accelerator.

    As `EngineArgs.get_batch_defaults` (0.33); an unknown accelerator counts as a small one, as there. Before 0.8, a
    prompt of up to 32,768 tokens is read at once.

    Args:
        accelerator: What it runs on, or None.
        version: The version of vLLM.
        max_model_len: Tokens of a request at most.

    Example:
        >>> from budsim_widgets.hardware import find
        >>> batch_limits(find("H100"), (0, 33, 0), 8192), batch_limits(find("A100 80GB"), (0, 33, 0), 8192)
        (BatchLimits(max_num_batched_tokens=8192, max_num_seqs=1024), BatchLimits(max_num_batched_tokens=2048, \
max_num_seqs=256))
    """
    if version < FIRST_WITH_ENGINE_V1:
        chunk = _FEWEST_TOKENS if version >= _FIRST_WITH_LARGE_CHUNKS else _FIRST_CHUNK_TOKENS
        unchunked = max(max_model_len, _FEWEST_TOKENS)
        return BatchLimits(unchunked if max_model_len <= _UNCHUNKED_TOKENS else chunk, 256)
    total = accelerator.usable_bytes if accelerator else 0
    if total >= _LARGEST_BYTES:
        return BatchLimits(16_384, 1_024)
    name = _names(accelerator)
    if total >= _LARGE_BYTES and not any(word in name for word in _NOT_LARGE):
        return BatchLimits(8_192, 1_024)
    return BatchLimits(2_048, 256)


def compute_capability(accelerator: Accelerator | None) -> int | None:
    """The first number of the compute capability where a rule asks for it: 9, 10 or 12; else None.

    Example:
        >>> from budsim_widgets.hardware import find
        >>> compute_capability(find("B200")), compute_capability(find("RTX 4090"))
        (10, None)
    """
    return _capability_of(_names(accelerator))


@lru_cache(maxsize=64)
def _capability_of(name: str) -> int | None:
    return next((number for number, pattern in _CAPABILITIES if pattern.search(name)), None)


def _names(accelerator: Accelerator | None) -> str:
    return " ".join((accelerator.name, *accelerator.driver_names)).lower() if accelerator else ""
