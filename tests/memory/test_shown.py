"""How reports show themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from budsim_widgets.engines import Workload
from budsim_widgets.memory import measure, rendering
from budsim_widgets.memory.shown import ShownTable
from memory.configs import released

if TYPE_CHECKING:
    from collections.abc import Iterable


class Sizes(ShownTable):
    headers: ClassVar[tuple[str, ...]] = ("name", "size")

    @property
    def title(self) -> str:
        return "Two <sizes>"

    @property
    def remarks(self) -> tuple[str, ...]:
        return ("and 3 more",)

    def cells(self) -> Iterable[tuple[str, ...]]:
        return (("a", "1"), ("b", "2"))


def test_a_report_is_text_in_a_terminal_and_html_in_a_notebook_too() -> None:
    report = measure(released("llama"), Workload())
    assert repr(report) == rendering.text(report)
    assert report._repr_mimebundle_() == {"text/plain": rendering.text(report), "text/html": report._repr_html_()}


def test_a_table_has_its_title_above_and_its_remarks_below() -> None:
    lines = repr(Sizes()).splitlines()
    assert (lines[0], lines[1].split(), lines[-1]) == ("Two <sizes>", ["name", "size"], "and 3 more")


def test_a_table_in_a_notebook_has_both_escaped() -> None:
    shown = Sizes()._repr_html_()
    assert "Two &lt;sizes&gt;" in shown
    assert "and 3 more" in shown
