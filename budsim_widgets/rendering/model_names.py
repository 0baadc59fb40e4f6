"""Names of models that stand beside each other: short to see, whole to hover over and to hear."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from budsim_widgets.rendering.markup import Html, join, shorten, tag

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_CHARACTERS = 60


def short_names(model_ids: Iterable[str]) -> dict[str, str]:
    """Each id without its owner, as long as no other is called the same then.

    Example:
        >>> short_names(["meta-llama/Llama-3.1-8B", "org/model", "other/model"])
        {'meta-llama/Llama-3.1-8B': 'Llama-3.1-8B', 'org/model': 'org/model', 'other/model': 'other/model'}
    """
    ids = list(dict.fromkeys(model_ids))
    bare = {one: one.rstrip("/").rpartition("/")[2] or one for one in ids}
    counts = Counter(bare.values())
    return {one: bare[one] if counts[bare[one]] == 1 else one for one in ids}


def name_html(whole: str, short: str) -> Html:
    """A short name that says the whole one.

    Example:
        >>> name_html("org/m", "m")
        '<span title="org/m" aria-hidden="true">m</span><span class="budsim-unseen">org/m</span>'
    """
    said = shorten(whole)
    seen = tag("span", shorten(short, _MOST_CHARACTERS), title=said, aria_hidden="true")
    return join(seen, tag("span", said, class_="budsim-unseen"))
