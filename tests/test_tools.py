"""The tools that make the data: what they need they say, and rows come into the oracle without touching the others."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / "tools"
HEAVY = {"torch", "transformers", "peft", "vllm", "gguf", "xllamacpp"}
sys.path.append(str(TOOLS / "oracle"))

from adding import merged  # noqa: E402 - found in the folder of the tools


def imports_of(path: Path) -> set[str]:
    """The modules that a file and those beside it import when they are loaded."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        found = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        found += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in found:
            beside = path.parent / f"{name}.py"
            names |= imports_of(beside) if beside.is_file() else {name.split(".")[0]}
    return names


SCRIPTS = {
    path.relative_to(ROOT).as_posix(): imports_of(path) & HEAVY
    for path in sorted(TOOLS.rglob("*.py"))
    if "__main__" in path.read_text(encoding="utf-8") or "sys.argv" in path.read_text(encoding="utf-8")
}
HEAVY_SCRIPTS = sorted(name for name, heavy in SCRIPTS.items() if heavy)


@pytest.mark.parametrize("script", HEAVY_SCRIPTS)
def test_a_tool_says_in_a_sentence_what_its_python_lacks(script: str) -> None:
    # `-S`: a Python without the packages that are installed.
    command = [sys.executable, "-S", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"{script} needs ")
    assert sys.executable in sentence


def test_most_of_the_tools_need_torch_and_are_tried_here() -> None:
    assert {"tools/oracle/measure.py", "tools/measure_activations.py"} <= set(HEAVY_SCRIPTS)


ROWS = [
    {"model_type": "bert", "architecture": "BertForMaskedLM", "num_parameters": 1},
    {"model_type": "llama", "architecture": "LlamaForCausalLM", "num_parameters": 2},
]
SOURCE = {"transformers": "5.23.0", "torch": "2.13.0", "seed": "1"}
SAME = {"transformers": "5.23.0", "torch": "2.13.0"}


def test_rows_of_a_new_class_come_in_and_the_others_stay() -> None:
    new = {"model_type": "granite", "architecture": "GraniteForCausalLM", "num_parameters": 3}
    assert merged(SOURCE, ROWS, [new], SAME) == [ROWS[0], new, ROWS[1]]


def test_rows_of_a_known_class_are_replaced_and_say_when_another_version_measured_them() -> None:
    newer = {**SAME, "transformers": "5.24.0"}
    rows = merged(SOURCE, ROWS, [{**ROWS[1], "num_parameters": 4}], newer)
    assert rows == [ROWS[0], {**ROWS[1], "num_parameters": 4, "measured_with": newer}]
