"""The panel's error boundary: what a callback raises is shown to the person, for nobody else would."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from budsim_widgets.errors import BudsimError
from budsim_widgets.printable import printable_traceback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOGGER = logging.getLogger(__name__)
# Without a handler of its own, Python would print the traceback into the notebook.
_LOGGER.addHandler(logging.NullHandler())


def _with_printable_traceback(record: logging.LogRecord) -> bool:
    if record.exc_info and record.exc_info[1]:
        record.exc_text = printable_traceback(record.exc_info[1])  # handlers take it instead of making one
    return True


_LOGGER.addFilter(_with_printable_traceback)


@contextmanager
def errors_shown(show: Callable[[Exception], None]) -> Iterator[None]:
    """Hands whatever is raised inside to `show`, and the traceback of what nobody expected to the log.

    ipywidgets writes the exceptions of callbacks to a console that few people know, those of threads nowhere.

    Example:
        >>> with errors_shown(print):
        ...     int("x")
        invalid literal for int() with base 10: 'x'
    """
    try:
        yield
    except Exception as error:  # the one place that catches all, since it shows what it caught
        if not isinstance(error, BudsimError):
            _LOGGER.exception("Unexpected error in a callback of the panel")
        show(error)
