"""Going through the panel with the keys that move the focus, and looking where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOST_STOPS = 150
MOST_OUTSIDE = 10
LOOK = """() => {
    const at = document.activeElement;
    window.budsimStops ??= new Map();
    if (!window.budsimStops.has(at)) window.budsimStops.set(at, window.budsimStops.size);
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    const labels = [at.getAttribute('aria-label'), ...[...(at.labels ?? [])].map(one => one.textContent), at.innerText];
    return {
        number: window.budsimStops.get(at),
        name: at === document.body ? 'the page' : (labels.find(Boolean) ?? at.tagName).trim(),
        is_inside: Boolean(at.closest('.budsim-panel')),
        is_page: at === document.body,
        is_shown: box.width > 0 && box.height > 0 && style.visibility === 'visible' && Number(style.opacity) > 0,
        has_ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
    };
}"""


class Stop(NamedTuple):
    """Where the focus is."""

    number: int
    name: str
    is_inside: bool
    is_page: bool
    is_shown: bool
    has_ring: bool


def look(page: Page) -> Stop:
    return Stop(**page.evaluate(LOOK))


def walk(page: Page, key: str = "Tab") -> list[Stop]:
    """From where the panel begins in this direction to where it ends: all that the focus stops at.

    Raises:
        AssertionError: It never leaves the panel.
    """
    stops = [look(page)]
    for _ in range(MOST_OUTSIDE):
        if stops[-1].is_inside:
            break
        page.keyboard.press(key)
        stops = [look(page)]
    while stops[-1].is_inside:
        page.keyboard.press(key)
        stops.append(look(page))
        assert len(stops) < MOST_STOPS, f"no way out: {[stop.name for stop in stops[-10:]]}"
    return stops[:-1]


def go_to(page: Page, name: str, key: str = "Tab") -> Stop:
    """Presses the key until what is called so has the focus.

    Raises:
        AssertionError: It isn't reached.
    """
    passed = [look(page)]
    while passed[-1].name != name:
        page.keyboard.press(key)
        passed.append(look(page))
        names = [stop.name for stop in passed]
        assert len(passed) < MOST_STOPS, f"{name!r} isn't reached: {names}"
        assert not passed[-1].is_page, f"the focus fell to the page on the way to {name!r}: {names}"
    return passed[-1]
