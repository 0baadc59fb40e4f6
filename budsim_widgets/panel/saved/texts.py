"""What the view of saved configs says: a row, the facts about one config, what an import did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.rendering.markup import Html, join, shorten, tag
from budsim_widgets.rendering.prose import paragraph
from budsim_widgets.rendering.tables import table
from budsim_widgets.translation import mark, tr, translated
from budsim_widgets.units import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from budsim_widgets.actions.difference import ConfigDifference
    from budsim_widgets.actions.saved_config import SavedConfig
    from budsim_widgets.store import ImportSummary, RejectedConfig

_SHOWN_REJECTIONS: Final = 20
_SHOWN_IDS: Final = 5
_MONTHS: Final = (
    *(mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun")),
    *(mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec")),
)
_PASTED: Final = mark("pasted here")


def status_of(saved: SavedConfig) -> str:
    """What is known of a config's agreement with the Hub, in two words at most."""
    if saved.is_verified:
        return mark("verified")
    return mark("not compared") if saved.published_parameters is None else mark("differs")


def source_of(saved: SavedConfig) -> str:
    """From whom it came, or from which other model."""
    copied = tr("copied from {model}", model=shorten(saved.copied_from, 60)) if saved.copied_from else ""
    return ", ".join(filter(None, (shorten(saved.contributor or "", 60), copied))) or tr(_PASTED)


def search_text(saved: SavedConfig) -> str:
    """What a search looks at."""
    state = status_of(saved)
    return " ".join((saved.model_id, source_of(saved), saved.source_format, state, tr(state))).casefold()


def row_html(saved: SavedConfig) -> Html:
    """Size, state, source and date of a config, beside its name."""
    count = saved.num_parameters
    status = status_of(saved)
    size = tr("can't be built") if count is None else f"{'~' * (saved.basis == 'estimate')}{format_count(count)}"
    return tag(
        "div",
        tag(
            "span",
            size,
            class_="budsim-saved-size",
            title=None if count is None else tr("{count:,} parameters", count=count),
        ),
        tag("span", tag("span", tr(status), class_=f"budsim-badge budsim-badge-{status.replace(' ', '-')}")),
        tag("span", source_of(saved), class_="budsim-saved-source"),
        tag("span", date_text(saved.updated_at), class_="budsim-saved-date"),
        class_="budsim-saved-facts",
    )


def facts_html(saved: SavedConfig) -> Html:
    """What is known about one config."""
    first = date_text(saved.submitted_at)
    version = {"version": saved.version, "date": date_text(saved.updated_at)}
    if saved.version > 1:
        kept = tr("Version {version} of {date}, first saved {first}", **version, first=first)
    else:
        kept = tr("Version {version} of {date}", **version)
    what = f"{kept} \N{MIDDLE DOT} {source_of(saved)}"
    return tag(
        "div",
        tag("div", tag("strong", shorten(saved.model_id))),
        tag("div", f"{what} \N{MIDDLE DOT} {shorten(saved.source_format, 40)}"),
        tag("div", _agreement(saved), class_="budsim-saved-differs" if status_of(saved) == "differs" else None),
        class_="budsim-about",
    )


def _agreement(saved: SavedConfig) -> str:
    count, published = saved.num_parameters, saved.published_parameters
    described = tr("can't be built today") if count is None else tr("{count:,} parameters", count=count)
    if published is None:
        return tr("{described}, not compared with what the Hub publishes yet", described=described)
    if saved.is_verified:
        return tr("{described}, verified: the Hub publishes {published:,}", described=described, published=published)
    return tr(
        "{described}, but the Hub publishes {published:,}: is it the config of another model?",
        described=described,
        published=published,
    )


def difference_html(difference: ConfigDifference) -> Html:
    """What changed between two versions: in memory, then field by field."""
    memory = [(tr(change.name), *map(translated, change.texts)) for change in difference.memory]
    fields = [(change.name, *change.texts) for change in difference.shown_fields]
    heads = [tr("Version {version}", version=one) for one in (difference.old_version, difference.new_version)]
    return join(
        table((tr("In memory"), *heads, tr("Change")), memory, caption=tr("What changed in memory")),
        table((tr("Field"), *heads), fields, caption=tr("What changed in the config"), texts=(0, 1, 2))
        if fields
        else "",
        paragraph(translated(difference.hidden_text)) if difference.hidden_text else "",
    )


def import_sentences(summary: ImportSummary) -> tuple[str, ...]:
    """What became of an imported file."""
    counted = (
        (summary.added, mark("{count:,} added ({names})")),
        (summary.updated, mark("{count:,} updated ({names})")),
        (summary.kept, mark("{count:,} left as they were ({names})")),
    )
    parts = [tr(what, count=len(ids), names=_some(ids)) for ids, what in counted if ids]
    if summary.rejected:
        parts.append(tr("{count:,} refused", count=len(summary.rejected)))
    return (tr("Imported: {parts}.", parts="; ".join(parts)) if parts else tr("There is no config in this file."),)


def rejections_html(rejected: Sequence[RejectedConfig]) -> Html:
    """Which configs were left out, and why; nothing for none."""
    if not rejected:
        return Html()
    shown = rejected[:_SHOWN_REJECTIONS]
    items = [
        tag("li", tag("strong", shorten(one.model_id)), ": ", translated(shorten(one.reason, 300))) for one in shown
    ]
    hidden = len(rejected) - len(shown)
    more = tag("li", tr("and {count:,} more", count=hidden)) if hidden else ""
    return join(tag("p", tr("Left out"), class_="budsim-what"), tag("ul", *items, more))


def date_text(time: datetime) -> str:
    """The day in this machine's time zone.

    Example:
        >>> from datetime import datetime, timezone
        >>> date_text(datetime(2026, 11, 24, 12, tzinfo=timezone.utc))
        '24 Nov 2026'
    """
    local = time.astimezone()
    return tr("{day} {month} {year}", day=local.day, month=tr(_MONTHS[local.month - 1]), year=local.year)


def _some(model_ids: tuple[str, ...]) -> str:
    named = ", ".join(shorten(model_id, 60) for model_id in model_ids[:_SHOWN_IDS])
    return f"{named} …" if len(model_ids) > _SHOWN_IDS else named
