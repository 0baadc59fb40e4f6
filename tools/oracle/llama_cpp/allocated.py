"""What llama.cpp itself would allocate for a file: its log, read. The library runs in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_SECONDS = 120
TRIES = 6
"""The library writes its log from a thread of its own, and may end before the last lines are out."""


class Allocated(NamedTuple):
    """What the library says.

    Attributes:
        file_mib: Bytes of all tensors, as `file size`.
        kv_mib: Keys and values, of all caches.
        state_mib: Recurrent states.
        compute_mib: The compute buffer, or None where it isn't printed.
        error: Why it didn't load the file, or None.
    """

    file_mib: float | None
    kv_mib: float
    state_mib: float
    compute_mib: float | None
    error: str | None


def allocated(path: Path, *, context: int, sequences: int = 1) -> Allocated:
    """What the library would allocate for a context."""
    for _ in range(TRIES):
        found = _once(path, context=context, sequences=sequences)
        if found.error is not None or found.compute_mib is not None:
            break
    return found


def _once(path: Path, *, context: int, sequences: int) -> Allocated:
    command = [sys.executable, __file__, str(path), str(context), str(sequences)]
    told = subprocess.run(  # noqa: S603 - our own file and numbers
        command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    log = told.stdout + told.stderr
    errors = re.findall(r"(?:error loading model: |GGML_ASSERT\(|unknown model architecture|missing tensor)[^\n]*", log)
    kv = re.findall(r"llama_kv_cache: size =\s+([\d.]+) MiB", log)
    states = re.findall(r"(?:llama_memory_recurrent: size =|rs_seq = \d+, layers = \d+, size =)\s+([\d.]+) MiB", log)
    compute = re.findall(r"compute buffer size =\s+([\d.]+) MiB", log)
    return Allocated(
        file_mib=_file_mib(log),
        kv_mib=sum(map(float, kv)),
        state_mib=sum(map(float, states)),
        compute_mib=max(map(float, compute), default=None),
        error=errors[0] if errors and not kv and not states else None,
    )


def _file_mib(log: str) -> float | None:
    found = re.search(r"file size\s+= ([\d.]+) (MiB|GiB)", log)
    return float(found[1]) * (1024 if found[2] == "GiB" else 1) if found else None


def main(path: str, context: str, sequences: str) -> None:
    """Loads the file without its tensors; the process ends with whatever becomes of the server."""
    import xllamacpp  # noqa: PLC0415 - the process that compares doesn't load it

    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx, params.n_parallel = int(context), int(sequences)
    params.no_alloc, params.warmup, params.fit_params = True, False, False
    params.no_extra_bufts, params.use_jinja, params.verbosity = True, False, 5
    params.kv_unified = True
    params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED
    xllamacpp.Server(params)


if __name__ == "__main__":
    main(*sys.argv[1:])
