"""`budsim submit ID FILE` and `budsim saved`: the configs that are kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from budsim_widgets.actions import default_actions
from budsim_widgets.cli.arguments import UsageError
from budsim_widgets.cli.documents import Document, Table
from budsim_widgets.cli.exit_codes import FITS
from budsim_widgets.cli.files import STANDARD_INPUT, read_file
from budsim_widgets.cli.output import form_of, show_document, show_json, write
from budsim_widgets.cli.pasting import PROMPT, can_ask, read_paste
from budsim_widgets.cli.telling import say
from budsim_widgets.units import format_count

if TYPE_CHECKING:
    from argparse import Namespace

    from budsim_widgets.actions.saved_config import SavedConfig
    from budsim_widgets.schemas import ConfigSubmitResponse


def submit(arguments: Namespace) -> int:
    """Keeps a config for a model.

    Raises:
        UsageError: The file can't be read, or what it holds is refused.
    """
    answer = default_actions().submit_config(arguments.model, _content(arguments.file))
    if not answer.success:
        raise UsageError(refusal(answer))
    if arguments.json:
        show_json(answer.model_dump(mode="json"))
    else:
        write("\n".join([answer.message, *answer.details.get("repairs", ()), *answer.details.get("warnings", ())]))
    return FITS


def refusal(answer: ConfigSubmitResponse) -> str:
    """Why a config wasn't kept, and what to do."""
    return f"{answer.message} {answer.details.get('next_step', '')}".rstrip()


def show_saved(arguments: Namespace) -> int:
    """Lists what is kept."""
    saved = default_actions().saved.list()
    form = form_of(arguments)
    if form == "json":
        show_json([_as_dict(one) for one in saved])
    elif saved:
        headers = ("model", "parameters", "kept since", "version", "agrees with the Hub", "from")
        show_document(Document("Saved configs", tables=(Table(headers, tuple(map(_cells, saved))),)), form)
    else:
        write("No config is kept yet: budsim submit ID FILE keeps one.")
    return FITS


def _content(name: str) -> str | bytes:
    if name == STANDARD_INPUT and can_ask():
        return read_paste(partial(say, PROMPT)) or b""
    return read_file("The file", name)


def _as_dict(saved: SavedConfig) -> dict[str, object]:
    return {
        "model_id": saved.model_id,
        "num_parameters": saved.num_parameters,
        "submitted_at": saved.submitted_at.isoformat(),
        "updated_at": saved.updated_at.isoformat(),
        "version": saved.version,
        "is_verified": saved.is_verified,
        "source_format": saved.source_format,
        "contributor": saved.contributor,
        "copied_from": saved.copied_from,
    }


def _cells(saved: SavedConfig) -> tuple[str, ...]:
    return (
        saved.model_id,
        "-" if saved.num_parameters is None else format_count(saved.num_parameters),
        saved.submitted_at.date().isoformat(),
        str(saved.version),
        "yes" if saved.is_verified else "not compared" if saved.published_parameters is None else "no",
        saved.contributor or (f"copied from {saved.copied_from}" if saved.copied_from else ""),
    )
