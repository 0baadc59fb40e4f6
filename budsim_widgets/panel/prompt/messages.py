"""What became of a pasted config, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.panel.prompt.view import status_html
from budsim_widgets.rendering.markup import Html, join, tag
from budsim_widgets.rendering.prose import paragraph
from budsim_widgets.translation import mark, tr, tr_count, translated

if TYPE_CHECKING:
    from budsim_widgets.schemas import ConfigSubmitResponse

_EMPTIED = mark("The box was emptied, so that the token stands nowhere.")
_NOT_ARRIVED = mark("If you pasted a very large text, it never arrived.")


def accepted_sentences(response: ConfigSubmitResponse) -> tuple[str, ...]:
    """That it was saved, what was repaired, and what is doubtful."""
    return (*_accepted(response), *map(translated, response.details.get("warnings", ())))


def accepted_html(response: ConfigSubmitResponse) -> Html:
    """The same; what is doubtful stands out."""
    warnings = [translated(one) for one in response.details.get("warnings", ())]
    doubts = tag("div", *map(paragraph, warnings), class_="budsim-alert budsim-warning")
    return join(status_html(*_accepted(response)), doubts if warnings else "")


def refusal_text(response: ConfigSubmitResponse) -> str:
    """What is wrong and what to do about it, in one line."""
    return " ".join(part for part in (translated(response.message), _where(response), _next_step(response)) if part)


def refusal_html(response: ConfigSubmitResponse) -> Html:
    """The same, a sentence a line."""
    where = _where(response)
    return join(
        paragraph(translated(response.message), "budsim-what"),
        tag("p", where) if where else "",
        paragraph(_next_step(response), "budsim-next"),
    )


def _accepted(response: ConfigSubmitResponse) -> tuple[str, ...]:
    repairs = response.details.get("repairs", ())
    agreed = response.details.get("verification") == "verified"
    return (
        translated(response.message),
        *((tr("Fixed on the way: {repairs}.", repairs="; ".join(map(translated, repairs))),) if repairs else ()),
        *((tr("Verified: it has as many parameters as the Hub publishes."),) if agreed else ()),
    )


def _where(response: ConfigSubmitResponse) -> str:
    """The line and the fields, as far as the message doesn't name them."""
    line, field = response.details.get("line"), response.details.get("field")
    fields = response.missing_fields or ([field] if field else [])
    unnamed = [name for name in fields if name not in response.message]
    at_line = tr("Line {line}.", line=line) if line and f"ine {line}" not in response.message else ""
    named = ", ".join(unnamed)
    of_fields = tr_count("Field: {names}.", "Fields: {names}.", len(unnamed), names=named) if unnamed else ""
    return f"{at_line} {of_fields}".strip()


def _next_step(response: ConfigSubmitResponse) -> str:
    hint = {"SECRET": _EMPTIED, "EMPTY": _NOT_ARRIVED}.get(response.details.get("code", ""), "")
    return f"{translated(response.details.get('next_step') or '')} {tr(hint)}".strip()
