"""A piece of work that may take seconds, and who is called with its outcome."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

from budsim_widgets.errors import BudsimError

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")


class Task(Generic[_Result]):
    """A piece of work and who is called with its outcome.

    Args:
        work: What may take long; runs in a thread, touches no widget.
        on_result: Called with what `work` returned.
        on_error: Called with the error of the package that `work` raised.
        status: What the person reads meanwhile.

    Attributes:
        is_last: Whether it has come to what can't be ended any more.
    """

    def __init__(
        self,
        work: Callable[[], _Result],
        on_result: Callable[[_Result], None],
        on_error: Callable[[BudsimError], None],
        status: str,
    ) -> None:
        self.work = work
        self.status = status
        self.is_over: Future[None] = Future()
        self.is_last = False
        self._on_result = on_result
        self._on_error = on_error

    def finish(self, get: Callable[[], _Result]) -> None:
        """Hands on what `get` returns or raises."""
        try:
            result = get()
        except BudsimError as error:
            self._on_error(error)
        else:
            self._on_result(result)
