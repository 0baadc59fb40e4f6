"""The tools that make the data: what they need they say, and rows come into the oracle without touching the others."""

from __future__ import annotations

import ast
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / "tools"
HEAVY = {"torch", "transformers", "peft", "vllm", "gguf", "xllamacpp"}
sys.path.append(str(TOOLS / "oracle"))

sys.path.append(str(TOOLS))

import answers  # noqa: E402 - found in the folder of the tools
from adding import merged  # noqa: E402 - the same
from drift import tables_of_others  # noqa: E402 - the same


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
    assert {"tools/oracle/measure.py", "tools/activations/measure.py"} <= set(HEAVY_SCRIPTS)


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


def taken(path: Path, rows: list[tuple[str, str, dict[str, Any]]]) -> Path:
    lines = (json.dumps({"model": model, "question": question, "answer": answer}) for model, question, answer in rows)
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def test_answers_that_differ_are_named_with_their_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = taken(tmp_path / "before", [("a", "vllm", {"x": 1, "y": 2}), ("b", "vllm", {"x": 1}), ("c", "vllm", {})])
    after = taken(tmp_path / "after", [("a", "vllm", {"x": 3, "y": 2}), ("b", "vllm", {"x": 1})])
    assert answers.compare(before, after) == 1
    assert capsys.readouterr().out.splitlines() == [
        "vllm · x · 1: a",
        "2 answers compared, 1 differ; 1 are in one file alone",
    ]
    assert answers.compare(before, before) == 0


def test_the_answers_of_every_kind_of_question_are_kept_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    llama = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    monkeypatch.setattr(answers, "models", lambda: iter([("small", {**llama, "vocab_size": 100}), ("cut", llama)]))
    monkeypatch.setattr(sys, "path", list(sys.path))
    answers.take(tmp_path / "taken", ROOT)
    number = len(answers.questions())
    assert capsys.readouterr().out.startswith(f"{2 * number} answers, ")
    rows = answers.read_lines(tmp_path / "taken")
    assert all(row["answer"]["refused"]["message"] for row in rows if row["model"] == "cut")
    assert not any("crashed" in row["answer"] for row in rows)
    assert all(row["answer"]["workload"] for row in rows if row["model"] == "small" and row["question"] == "vllm")


def test_the_answers_are_at_least_eight_thousand() -> None:
    assert sum(1 for _ in answers.models()) * len(answers.questions()) >= 8000


def test_tables_of_another_version_are_listed(tmp_path: Path) -> None:
    for name, source in (
        ("old", "Config classes of transformers 5.23.0 (Apache-2.0)"),
        ("same", "transformers 5.24. keep_fp32: names"),
        ("other", "numbers of a vendor"),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps({"source": source}), encoding="utf-8")
    assert list(tables_of_others(tmp_path, "5.24.0")) == ["table    old.json: of transformers 5.23.0"]
