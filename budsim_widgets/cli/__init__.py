"""`budsim` in a terminal: the actions as a command.

Until it is known what is asked for, nothing is imported but this module: `budsim --version` starts as Python does.
"""

from __future__ import annotations

import os
import sys

from budsim_widgets.cli.exit_codes import BAD_USAGE, FITS, INTERRUPTED, OUTPUT_CLOSED
from budsim_widgets.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_COMPLETING = "_ARGCOMPLETE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; never raises.

    Args:
        arguments: What stands behind `budsim`; None: those of this process.

    Returns:
        One of `exit_codes`.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = _run(given)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        _say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_output()
        _say("The output was closed before everything was written.")
        return OUTPUT_CLOSED
    except OSError as error:
        _abandon_output()
        _say(f"The output can't be written: {error.strerror or error}.")
        return BAD_USAGE
    return code


def _run(given: list[str]) -> int:
    if given in (["--version"], ["-V"]):
        print(f"budsim {__version__}")  # noqa: T201 - a command prints
        return FITS
    if _COMPLETING in os.environ:
        from budsim_widgets.cli.completion import complete  # noqa: PLC0415 - only the shell asks for it

        complete()
    from budsim_widgets.cli.command import run  # noqa: PLC0415 - as the module's docstring says

    return run(given)


def _say(sentence: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"budsim: {sentence}\n")


def _abandon_output() -> None:
    """Let what is still to be written go nowhere: Python flushes once more when it ends, and would say so."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
