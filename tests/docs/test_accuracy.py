"""The comparison with other tools: what README and documentation quote is what its last run wrote."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import budsim_widgets as bw

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "benchmarks" / "accuracy"
sys.path.append(str(FOLDER))

import peers  # noqa: E402 - found in the folder of the benchmark
import run  # noqa: E402 - the same
from questions import KINDS, Question, questions  # noqa: E402 - the same

TABLE = (FOLDER / "table.md").read_text(encoding="utf-8")


def test_the_rows_in_the_readme_are_those_of_the_table() -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("<!-- rows of benchmarks/accuracy")[2]
    rows = re.findall(r"^\| (?!51 released).*$", section.partition("\n## ")[0], re.MULTILINE)
    assert len(rows) >= 4
    assert [row for row in rows if row not in TABLE] == []


def test_the_table_has_a_date_our_version_and_everyone_who_was_asked() -> None:
    assert re.match(r"Run on 20\d\d-\d\d-\d\d with Python 3\.\d+", TABLE)
    assert f"**budsim_widgets** {bw.__version__}" in TABLE
    assert all(f"| {peer.package} " in TABLE for peer in peers.PEERS)
    assert all(f"**{kind}**" in TABLE for kind in KINDS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "vLLM tokens"])
def test_our_answers_are_those_of_the_table(kind: str) -> None:
    asked = [one for one in questions() if one.kind == kind]
    line = run.scored(run.OURS, kind, [(one, run.ours(one)) for one in asked])
    assert line.num_exact == len(asked)
    assert line.cells().partition(" | ")[2] in TABLE


def question(**fields: object) -> Question:
    return Question(**{"kind": "parameters", "model_id": "a/b", "config": {}, "true": 8e9} | fields)


@pytest.mark.parametrize(
    ("package", "kind", "output", "number"),
    [
        ("vramcalc", "parameters", '{"estimate": {"weights": 16060522496}}', 8_030_261_248),
        ("vramscout", "KV cache", 'note\n{"parts_gib": {"KV cache": 1.0}}', 2**30),
        ("llm-mem-planner", "parameters", "TOTAL:            15.5391B params", 15.5391e9),
        ("llm-resource-planner", "parameters", "Estimated Parameters: ~6.44B", 6.44e9),
        ("llm-resource-planner", "parameters", "Error", None),
        ("accelerate", "parameters", "│float16│  1002.0 MB  │ 13.98 GB │          55.92 GB         │", 13.98 * 2**29),
    ],
)
def test_an_answer_is_read_where_it_stands(package: str, kind: str, output: str, number: float | None) -> None:
    peer = next(one for one in peers.PEERS if one.package == package)
    assert peer.read[kind](question(kind=kind), output) == number


def test_what_is_off_is_counted_and_what_is_missing_isnt() -> None:
    line = run.scored("a tool", "parameters", [(question(), 8e9), (question(), 8.04e9), (question(), None)])
    assert (line.num_asked, line.num_exact, len(line.errors)) == (3, 1, 2)
    assert line.cells() == "| a tool | 2 of 3 | 1 | 2 | 0.25% | 0.5% |"
    assert run.scored("a tool", "parameters", [(question(), None)]).cells() == "| a tool | 0 of 1 | | | | |"
