"""What the tests of this room share: a config, and processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

PATIENCE_SECONDS: Final = 600
"""How long a process or a lock is waited for: it ends what hangs, and no test depends on it."""

_ROOT: Final = Path(__file__).parents[2]
_WORKER: Final = Path(__file__).with_name("worker.py")


def llama(**changes: Any) -> dict[str, Any]:
    """A config as people paste it, with these fields changed."""
    return {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": 4096,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "vocab_size": 128256,
        "rope_scaling": {"factor": 8.0, "rope_type": "llama3"},
        "tie_word_embeddings": False,
    } | changes


def start_worker(command: str, path: Path, *arguments: object) -> subprocess.Popen[str]:
    """A process that imports the store and nothing else of this project, doing one of the commands of worker.py."""
    return subprocess.Popen(
        [sys.executable, str(_WORKER), command, str(path), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(_ROOT), str(_ROOT / "tests")))},
    )


def run_worker(command: str, path: Path, *arguments: object) -> str:
    """What such a process printed; it must end well."""
    output, errors = (worker := start_worker(command, path, *arguments)).communicate(timeout=PATIENCE_SECONDS)
    assert worker.returncode == 0, errors
    return output


def rest_of(worker: subprocess.Popen[str]) -> tuple[str, str]:
    """What a process still printed after a line of it was read, once it ended: output and errors.

    `communicate` reads past the buffer that `readline` filled, and loses it.
    """
    assert worker.stdin is not None
    assert worker.stdout is not None
    assert worker.stderr is not None
    with worker.stdin, worker.stdout, worker.stderr:
        output, errors = worker.stdout.read(), worker.stderr.read()
    worker.wait(timeout=PATIENCE_SECONDS)
    return output, errors
