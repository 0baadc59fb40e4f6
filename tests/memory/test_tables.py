"""Reports as data frames."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

import budsim_widgets as bw

if TYPE_CHECKING:
    from collections.abc import Callable

LLAMA = {
    "model_type": "llama",
    "vocab_size": 100,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
REPORTS: dict[str, Callable[[], Any]] = {
    "calculate": lambda: bw.calculate(LLAMA),
    "analyze": lambda: bw.analyze(LLAMA, seq_lengths=(1024, 2048)),
    "compare": lambda: bw.compare([LLAMA, {**LLAMA, "hidden_size": 128}]),
    "compare_precisions": lambda: bw.compare_precisions(LLAMA),
    "sweep": lambda: bw.sweep([LLAMA], seq_lengths=(1024, 2048)),
    "finetune": lambda: bw.finetune(LLAMA),
}


@pytest.mark.parametrize("action", REPORTS)
def test_a_frame_has_more_rows_than_one(action: str) -> None:
    assert len(REPORTS[action]().to_frame()) > 1


@pytest.mark.parametrize("action", REPORTS)
def test_without_pandas_a_frame_says_what_to_install(action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = REPORTS[action]()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pandas"):
        report.to_frame()
