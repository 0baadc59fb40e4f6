"""What the view of a team's configs says: what sharing and syncing did, and two edits side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.panel.prompt.view import alert_html
from budsim_widgets.panel.saved.texts import rejections_html
from budsim_widgets.rendering.markup import Html, heading, join, shorten, tag, tr_html
from budsim_widgets.rendering.prose import paragraph
from budsim_widgets.rendering.tables import table
from budsim_widgets.sharing.summaries import models_text
from budsim_widgets.translation import mark, tr, translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.actions.difference import ConfigDifference
    from budsim_widgets.sharing.changes import ConfigChange
    from budsim_widgets.sharing.summaries import ShareSummary, SyncSummary

_SHOWN_ROWS: Final = 20
_YOU: Final = mark("you")


def summary_html(summary: ShareSummary | SyncSummary, added: Sequence[tuple[str, str | None]] = ()) -> Html:
    """What was done in sentences, then model by model with who made it.

    Args:
        summary: What was done.
        added: Models that are new here, each with from whom it came.
    """
    forgotten = getattr(summary, "forgotten", ())
    left = [
        (forgotten, mark("{models}: forgotten here and not taken.")),
        (summary.deleted, mark("{models}: deleted there; what is kept here stays.")),
    ]
    told = [tr(what, models=models_text(model_ids)) for model_ids, what in left if model_ids]
    said = (summary.headline, *told, *getattr(summary, "notices", ()))
    sentences = [paragraph(translated(line)) for line in said]
    rows = [(shorten(model_id), tr("added"), shorten(source or tr(_YOU), 60)) for model_id, source in added]
    rows += [
        (shorten(change.model_id), _what(change), shorten(change.author or tr("unknown"), 60))
        for change in summary.changes
    ]
    hidden = len(rows) - _SHOWN_ROWS
    return tag(
        "div",
        tag("div", *sentences),
        table(
            (tr("Model"), tr("What changed"), tr("By")),
            rows[:_SHOWN_ROWS],
            caption=tr("What changed"),
            texts=(0, 1, 2),
        )
        if rows
        else "",
        paragraph(tr("and {count:,} more", count=hidden)) if hidden > 0 else "",
        alert_html(rejections_html(summary.rejected)) if summary.rejected else "",
        class_="budsim-status",
    )


def conflict_html(difference: ConfigDifference, names: tuple[str, str]) -> Html:
    """Two edits of one config side by side: in memory, then field by field."""
    memory = [(tr(change.name), *map(translated, change.texts[:2])) for change in difference.memory]
    fields = [(change.name, *change.texts) for change in difference.shown_fields]
    heads = tuple(shorten(name, 60) for name in names)
    return join(
        heading(
            4,
            tr_html("Two edits of {model}", model=tag("strong", shorten(difference.model_id))),
            class_="budsim-title",
        ),
        table((tr("Field"), *heads), fields, caption=tr("Fields in which they differ"), texts=(0, 1, 2))
        if fields
        else "",
        paragraph(translated(difference.hidden_text)) if difference.hidden_text else "",
        table((tr("In memory"), *heads), memory, caption=tr("What they take in memory")),
    )


def name_of(contributor: str | None) -> str:
    """Whose edit it is, as a button says it.

    Example:
        >>> name_of("jane in my-org/configs"), name_of(None)
        ("jane's", 'yours')
    """
    if contributor is None:
        return tr("yours")
    name, is_account, _ = contributor.partition(" in ")
    if is_account:
        return tr("{name}'s", name=shorten(name, 40))
    return tr("the one from {source}", source=shorten(contributor, 40))


def progress_text(done: int, total: int) -> str:
    """How far it is."""
    return tr("Reading the team's configs: {done:,} of {total:,} …", done=done, total=total)


def _what(change: ConfigChange) -> str:
    if not change.is_conflict:
        return tr("updated")
    if change.is_replaced:
        return tr("edited at the same time, counts now")
    return tr("edited at the same time, is in the history")
