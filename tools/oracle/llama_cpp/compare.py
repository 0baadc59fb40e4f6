"""Holds our GGUF files and caches to llama.cpp itself.

For each model type a file is written that says its shapes and holds nothing, and the library is asked what it would
allocate: it refuses a file that lacks a tensor, has one too many or one of another shape.

    python tools/oracle/llama_cpp/compare.py llama qwen3_moe

A name that ends in .json is a config's file.

Needs a Python with `gguf` and `xllamacpp` (`pip install gguf xllamacpp`). Without names: every type that
`data/gguf_tensors.json` lists.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

from needed import need

need("gguf", "xllamacpp")

from allocated import Allocated, allocated
from dummy_file import write

from budsim_widgets.architectures import build
from budsim_widgets.data import load_table
from budsim_widgets.engines import Workload
from budsim_widgets.formats.gguf.rows import text_config
from budsim_widgets.memory import measure

MIB = 2**20
DEFAULTS = ROOT / "tests" / "intake" / "default_configs.json.gz"
SOURCE = (
    "llama.cpp itself, by tools/oracle/llama_cpp/compare.py: default configs with few tokens; above 1 GiB a file is "
    "printed to 0.01 GiB"
)
ROUNDING_MIB = 0.0051
"""Half of the last digit that the library prints; of a cache it prints two parts."""
FEW_TOKENS = 1024
"""A tokenizer of a real size takes long to write."""


def config_of(model: str) -> dict[str, Any]:
    """The default config of a model type, or the one in a file, with fewer tokens."""
    if model.endswith(".json"):
        config: dict[str, Any] = json.loads(Path(model).read_text(encoding="utf-8"))
    else:
        config = json.loads(gzip.decompress(DEFAULTS.read_bytes()))[model]
    for fields in (config, text_config(config)):
        for name in ("vocab_size", "vocab_size_per_layer_input"):
            if name in fields:
                fields[name] = FEW_TOKENS
    return {**config, "architectures": None}


def compare(config: dict[str, Any], file_type: str, context: int) -> tuple[str, Allocated]:
    """One line: what both say; and what the library says."""
    architecture = build(config)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        layout = write(path, architecture, file_type)
        theirs = allocated(path, context=context)
    ours = measure(architecture, Workload(engine="llama.cpp", precision=file_type, seq_length=context))
    return _line(layout.tensor_bytes / MIB, ours.kv_cache_bytes / MIB, ours.state_bytes / MIB, theirs), theirs


def _line(file_mib: float, kv_mib: float, state_mib: float, theirs: Allocated) -> str:
    if theirs.error:
        return f"refused: {theirs.error[:140]}"
    digits = ROUNDING_MIB * (1024 if file_mib > 1024 else 1)  # noqa: PLR2004 - printed in GiB then
    same = [
        theirs.file_mib is not None and abs(file_mib - theirs.file_mib) < digits,
        abs(kv_mib - theirs.kv_mib) < 2 * ROUNDING_MIB,
        abs(state_mib - theirs.state_mib) < 2 * ROUNDING_MIB,
    ]
    word = "same" if all(same) else "DIFFERENT"
    return (
        f"{word}: file {file_mib:.2f} / {theirs.file_mib}, cache {kv_mib:.2f} / {theirs.kv_mib:.2f}, "
        f"states {state_mib:.2f} / {theirs.state_mib:.2f} MiB (ours / llama.cpp's), compute {theirs.compute_mib}"
    )


def main() -> None:
    """Compares the types that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_types", nargs="*")
    parser.add_argument("--file-type", default="Q4_K_M")
    parser.add_argument("--context", type=int, default=16384)
    parser.add_argument("--save", type=Path, help="where the library's answers are kept for tests")
    given = parser.parse_args()
    rows: dict[str, dict[str, Any]] = {}
    for model_type in given.model_types or load_table("gguf_tensors")["architectures"]:
        try:
            config = config_of(model_type)
            found, theirs = compare(config, given.file_type, given.context)
            if theirs.error is None and theirs.file_mib is not None:
                row = {name: getattr(theirs, name) for name in ("file_mib", "kv_mib", "state_mib")}
                rows[Path(model_type).stem] = {**row, "config": config} if model_type.endswith(".json") else row
        except Exception as error:  # noqa: BLE001 - one that fails doesn't end the list
            found = f"failed: {type(error).__name__} {str(error)[:160]}"
        sys.stdout.write(f"{model_type[-20:]:20} {found}\n")
        sys.stdout.flush()
    if given.save:
        head = {"source": SOURCE, "file_type": given.file_type, "context": given.context, "vocab_size": FEW_TOKENS}
        lines = [f" {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
        text = json.dumps(head)[:-1] + ', "models": {\n' + ",\n".join(lines) + "\n}}\n"
        given.save.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
