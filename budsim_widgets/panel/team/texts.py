"""What the view of a team's configs says: what sharing and syncing did, and two edits side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.panel.html.markup import Html, join, shorten, tag
from budsim_widgets.panel.html.prose import paragraph
from budsim_widgets.panel.html.tables import table
from budsim_widgets.panel.prompt.view import alert_html
from budsim_widgets.panel.saved.texts import rejections_html
from budsim_widgets.sharing.summaries import models_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.actions.difference import ConfigDifference
    from budsim_widgets.sharing.changes import ConfigChange
    from budsim_widgets.sharing.summaries import ShareSummary, SyncSummary

_SHOWN_ROWS: Final = 20
_YOU: Final = "you"


def summary_html(summary: ShareSummary | SyncSummary, added: Sequence[tuple[str, str | None]] = ()) -> Html:
    """What was done in sentences, then model by model with who made it.

    Args:
        summary: What was done.
        added: Models that are new here, each with from whom it came.
    """
    forgotten = getattr(summary, "forgotten", ())
    left = [(forgotten, "forgotten here and not taken"), (summary.deleted, "deleted there; what is kept here stays")]
    told = [f"{models_text(model_ids)}: {what}." for model_ids, what in left if model_ids]
    sentences = [paragraph(line) for line in (summary.headline, *told, *getattr(summary, "notices", ()))]
    rows = [(shorten(model_id), "added", shorten(source or _YOU, 60)) for model_id, source in added]
    rows += [
        (shorten(change.model_id), _what(change), shorten(change.author or "unknown", 60)) for change in summary.changes
    ]
    hidden = len(rows) - _SHOWN_ROWS
    return tag(
        "div",
        tag("div", *sentences, role="status"),
        table(("Model", "What changed", "By"), rows[:_SHOWN_ROWS], caption="What changed", texts=(0, 1, 2))
        if rows
        else "",
        paragraph(f"and {hidden:,} more") if hidden > 0 else "",
        alert_html(rejections_html(summary.rejected)) if summary.rejected else "",
        class_="budsim-status",
    )


def conflict_html(difference: ConfigDifference, names: tuple[str, str]) -> Html:
    """Two edits of one config side by side: in memory, then field by field."""
    memory = [(change.name, *change.texts[:2]) for change in difference.memory]
    fields = [(change.name, *change.texts) for change in difference.shown_fields]
    heads = tuple(shorten(name, 60) for name in names)
    return join(
        tag("p", "Two edits of ", tag("strong", shorten(difference.model_id)), class_="budsim-title"),
        table(("Field", *heads), fields, caption="Fields in which they differ", texts=(0, 1, 2)) if fields else "",
        paragraph(difference.hidden_text) if difference.hidden_text else "",
        table(("In memory", *heads), memory, caption="What they take in memory"),
    )


def name_of(contributor: str | None) -> str:
    """Whose edit it is, as a button says it.

    Example:
        >>> name_of("jane in my-org/configs"), name_of(None)
        ("jane's", 'yours')
    """
    if contributor is None:
        return "yours"
    name, is_account, _ = contributor.partition(" in ")
    return f"{shorten(name, 40)}'s" if is_account else f"the one from {shorten(contributor, 40)}"


def progress_text(done: int, total: int) -> str:
    """How far it is."""
    return f"Reading the team's configs: {done:,} of {total:,} …"


def _what(change: ConfigChange) -> str:
    if not change.is_conflict:
        return "updated"
    return "edited at the same time, counts now" if change.is_replaced else "edited at the same time, is in the history"
