"""What is told on stderr; standard output is for the answer alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from budsim_widgets.errors import HubError


class NeedsConfigError(Exception):
    """The Hub gave no config, and nobody is there to paste one; `.error` says why."""

    def __init__(self, error: HubError) -> None:
        super().__init__(str(error))
        self.error = error


def say(sentence: str) -> None:
    """Tell whoever sits at the terminal; standard output is for the answer alone."""
    if sys.stderr is not None:
        sys.stderr.write(f"budsim: {printable(sentence, keeps=chr(10))}\n")


def how_to_submit(model_id: str | None) -> str:
    """The commands that go on with a config."""
    name = model_id or "ID"
    return f"With its config in a file: budsim submit {name} FILE, or add --config FILE."
