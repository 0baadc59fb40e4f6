"""`%load_ext budsim_widgets`, then `%budsim org/model --gpu 4090`: the command in a notebook."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

from budsim_widgets.cli.arguments import UsageError, question_parser
from budsim_widgets.cli.question import ask
from budsim_widgets.errors import BudsimError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def budsim(line: str) -> Any:
    """Asks what a line of the command asks, and returns the report, which the notebook shows.

    What can't be answered is one sentence on stderr, as in a terminal.

    Args:
        line: What stands behind `%budsim`: a model and options, as `budsim --help` lists them.

    Example:
        >>> budsim("Qwen/Qwen2.5-7B --gpu 4090").verdict    # doctest: +SKIP
        'fits'
    """
    try:
        return ask(question_parser().parse(shlex.split(line)))
    except SystemExit:  # argparse, after --help
        return None
    except (UsageError, BudsimError, ValueError) as error:
        print(f"budsim: {error}", file=sys.stderr)  # noqa: T201 - a magic answers as a command does
        return None


def register(shell: InteractiveShell) -> None:
    """Makes `%budsim` known to a shell of IPython."""
    shell.register_magic_function(budsim, "line", "budsim")  # type: ignore[arg-type] # annotated for methods only
