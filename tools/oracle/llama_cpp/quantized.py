"""Holds our choice of types to llama-quantize itself: its dry run over a file that says a model's shapes.

    python tools/oracle/llama_cpp/quantized.py --library libllama.so deepseek_v32 minimax

Needs a Python with `gguf`, and llama.cpp's library: `npm pack @node-llama-cpp/linux-x64` holds one for Linux, with the
libraries that it loads beside it. A name that ends in .json is a config's file.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

MIB = 2**20
TIMEOUT_SECONDS = 120
LOG = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)


class Params(ctypes.Structure):
    """`llama_model_quantize_params` of include/llama.h."""

    _fields_ = (
        ("nthread", ctypes.c_int32),
        ("ftype", ctypes.c_int),
        ("output_tensor_type", ctypes.c_int),
        ("token_embedding_type", ctypes.c_int),
        ("allow_requantize", ctypes.c_bool),
        ("quantize_output_tensor", ctypes.c_bool),
        ("only_copy", ctypes.c_bool),
        ("pure", ctypes.c_bool),
        ("keep_split", ctypes.c_bool),
        ("dry_run", ctypes.c_bool),
        ("imatrix", ctypes.c_void_p),
        ("kv_overrides", ctypes.c_void_p),
        ("tt_overrides", ctypes.c_void_p),
        ("prune_layers", ctypes.c_void_p),
        ("max_buf_size", ctypes.c_size_t),
    )


def quantized_mib(library: str, path: Path, number: int) -> float | str:
    """What the dry run says that a file would take in a file type, or why it says nothing."""
    command = [sys.executable, __file__, "--library", library, "--ask", str(path), str(number)]
    told = subprocess.run(  # noqa: S603 - our own file and numbers
        command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    found = re.search(r"quant size\s+=\s+([\d.]+) MiB", told.stdout)
    return float(found[1]) if found else (told.stdout + told.stderr)[-300:]


def ask(library: str, path: str, number: int) -> None:
    """Runs the quantizer without writing anything; its log goes to the output."""
    llama = ctypes.CDLL(library)
    log = LOG(lambda _, text, __: sys.stdout.write((text or b"").decode("utf-8", "replace")) and None)
    llama.llama_log_set(log, None)
    llama.llama_model_quantize_default_params.restype = Params
    params = llama.llama_model_quantize_default_params()
    params.ftype, params.dry_run, params.nthread = number, True, 1
    llama.llama_model_quantize(path.encode(), b"/nonexistent", ctypes.byref(params))
    sys.stdout.flush()


def compare(library: str, model: str) -> tuple[dict[str, float], list[str]]:
    """What the quantizer says for each file type, and where we say something else."""
    from compare import config_of  # noqa: PLC0415 - the process that asks needs none of it
    from dummy_file import write  # noqa: PLC0415

    from budsim_widgets.architectures import build  # noqa: PLC0415
    from budsim_widgets.formats.gguf.file_types import FILE_TYPES  # noqa: PLC0415
    from budsim_widgets.formats.gguf.layout import file_layout  # noqa: PLC0415

    architecture = build(config_of(model))
    theirs: dict[str, float] = {}
    different = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        write(path, architecture, "BF16")
        for name, kind in FILE_TYPES.items():
            if kind.is_plain:
                continue
            found = quantized_mib(library, path, kind.number)
            ours = file_layout(architecture, name).tensor_bytes / MIB
            if isinstance(found, float):
                theirs[name] = found
            if not isinstance(found, float) or f"{ours:.2f}" != f"{found:.2f}":
                different.append(f"{name}: {ours:.2f} / {found}")
    return theirs, different


def main() -> None:
    """Compares the models that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--library", required=True)
    parser.add_argument("--ask", nargs=2, metavar=("FILE", "TYPE"), help=argparse.SUPPRESS)
    parser.add_argument("--save", type=Path, help="where the quantizer's answers are kept for tests")
    given = parser.parse_args()
    if given.ask:
        ask(given.library, given.ask[0], int(given.ask[1]))
        return
    rows = {}
    for model in given.models:
        theirs, different = compare(given.library, model)
        rows[Path(model).stem] = theirs
        sys.stdout.write(f"{model[-28:]:28} {len(theirs)} types, {len(different)} different {different[:6]}\n")
        sys.stdout.flush()
    if given.save:
        given.save.write_text(json.dumps(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
