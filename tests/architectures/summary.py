"""What the tests of the descriptions have in common: a tally that is printed at the end of a run.

A test says with `tally(record_property, …)` how many rows came out how; the properties travel with the test's report,
also from the processes of pytest-xdist, and are added up here.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pytest

PROPERTY: Final = "oracle"
VERDICTS: Final = ("exact", "wrong", "not covered")


def tally(record_property: Callable[[str, object], None], kind: str, tasks: Iterable[str], verdicts: list[str]) -> None:
    """Note how the rows of one test came out.

    Args:
        record_property: pytest's fixture.
        kind: What was compared, such as `default models`.
        tasks: What the class is for; its rows count for each.
        verdicts: One for each row.
    """
    for task in (*tasks, "all"):
        record_property(PROPERTY, [kind, task, dict(Counter(verdicts))])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the share of rows that are exact, by kind and task."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for reports in (terminalreporter.stats.get(outcome, []) for outcome in ("passed", "failed")):
        for name, (kind, task, verdicts) in (item for report in reports for item in _properties(report)):
            if name == PROPERTY:
                counts.setdefault((kind, task), Counter()).update(verdicts)
    if not counts:
        return
    terminalreporter.section("descriptions compared with transformers")
    terminalreporter.write_line(f"{'':42}{'exact':>8}{'wrong':>8}{'not covered':>14}{'share exact':>14}")
    for (kind, task), found in sorted(counts.items()):
        numbers = "".join(f"{found[verdict]:>{width}}" for verdict, width in zip(VERDICTS, (8, 8, 14), strict=True))
        terminalreporter.write_line(f"{f'{kind}, {task}':42}{numbers}{found['exact'] / found.total():>13.1%}")


def _properties(report: pytest.TestReport) -> list[tuple[str, object]]:
    return getattr(report, "user_properties", [])
