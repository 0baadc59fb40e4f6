"""axe-core on a page: what somebody who can't see, or can't see well, would stumble over."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

ALL = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ("color-contrast",)
RUN = """async ([selector, rules]) => {
    const found = await axe.run({ include: [selector] }, { runOnly: rules, resultTypes: ['violations', 'passes'] });
    const why = node => (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? '';
    return {
        violations: found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html} ${why(node)}`)),
        legible: found.passes.filter(rule => rule.id === 'color-contrast').flatMap(rule => rule.nodes).length,
    };
}"""
# JupyterLab's body is 0 px high with its overflow hidden, so that axe takes all that is in it for hidden
SEEN = "body { height: 100vh !important; overflow: visible !important; }"


def prepare(page: Page) -> None:
    """Brings axe into a page, and the page into a state in which axe sees it."""
    page.evaluate(_source())
    page.add_style_tag(content=SEEN)


def violations(page: Page, rules: tuple[str, ...] = ALL, selector: str = ".budsim-panel") -> list[str]:
    """What axe objects to.

    Args:
        page: A page that was prepared.
        rules: Names or tags of rules; colours alone are enough where nothing else has changed.
        selector: Where.

    Raises:
        AssertionError: It saw no text there, so that its silence means nothing.
    """
    found: dict[str, Any] = page.evaluate(RUN, [selector, list(rules)])
    assert found["legible"] or found["violations"], f"axe saw no text in {selector}"
    return list(found["violations"])


@cache
def _source() -> str:
    spec = find_spec("axe_playwright_python")
    assert spec is not None, "axe-playwright-python is missing: make test installs it"
    assert spec.submodule_search_locations is not None
    return (Path(spec.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")
