"""From what was typed to an exit code: errors become a sentence on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.cli.arguments import UsageError, parser_for
from budsim_widgets.cli.exit_codes import BAD_USAGE, FITS, NEEDS_CONFIG
from budsim_widgets.cli.telling import NeedsConfigError, how_to_submit, say
from budsim_widgets.errors import BudsimError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

_HELP = "budsim --help shows how it is used."


def run(given: Sequence[str]) -> int:
    """Runs what was typed and returns the exit code."""
    try:
        arguments = parser_for(given).parse(given)
        return _answer(arguments)
    except SystemExit as end:  # argparse, after --help
        return end.code if isinstance(end.code, int) else FITS
    except UsageError as error:
        say(f"{error} {_HELP}")
    except NeedsConfigError as needed:
        say(f"{needed}\n{how_to_submit(needed.error.model_id)}")
        return NEEDS_CONFIG
    except BudsimError as error:
        say(str(error))
    return BAD_USAGE


def _answer(arguments: Namespace) -> int:
    command = getattr(arguments, "command", None)
    if command == "gpus":
        from budsim_widgets.cli.gpus import show_gpus  # noqa: PLC0415 - one of several commands

        return show_gpus(arguments)
    if command in {"submit", "saved"}:
        from budsim_widgets.cli import saved  # noqa: PLC0415 - one of several commands

        return saved.submit(arguments) if command == "submit" else saved.show_saved(arguments)
    from budsim_widgets.cli.question import answer_question  # noqa: PLC0415 - one of several commands

    return answer_question(arguments)
