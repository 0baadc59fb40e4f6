"""A time limit for all requests of a call, however many requests it takes and whatever the network does."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from budsim_widgets.errors import BudsimError
from budsim_widgets.threads import started

if TYPE_CHECKING:
    from collections.abc import Callable

S = TypeVar("S")
T = TypeVar("T")

# On Windows an interrupt only sets a flag, which a thread that waits doesn't see: it wakes up now and then.
_WAKE_SECONDS = 0.1
# The request's own time-out says more than "no response", so it gets the chance to come first.
_GRACE_SECONDS = 0.2


class Deadline:
    """A point in time, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def remaining_seconds(self) -> float:
        """What is left; never quite nothing, since HTTP clients take 0 for an error or for no limit."""
        return max(self._end - time.monotonic(), 0.001)

    def check(self) -> None:
        """Raise TimeoutError once it has passed."""
        if time.monotonic() >= self._end:
            raise TimeoutError


class Outcome(Generic[T]):
    """What some work with an argument came to: a value or an error, to be handed over to another thread."""

    def __init__(self, work: Callable[[S], T], argument: S) -> None:
        self._value: T | None = None
        self._error: BaseException | None = None
        try:
            self._value = work(argument)
        except BudsimError as error:
            # the client's exception and the frames of the work hold the token: neither leaves this thread
            error.__context__ = error.__cause__ = None
            self._error = error.with_traceback(None)
        except Exception as error:  # noqa: BLE001 - handed over to the thread that waits, and raised there
            self._error = error

    @property
    def is_error(self) -> bool:
        """Whether it came to an error."""
        return self._error is not None

    def result(self) -> T:
        """The value; the error is raised."""
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # no error: the value is there


def run_within(seconds: float, work: Callable[[Deadline], T]) -> T:
    """Run `work` in a thread of its own and wait for it no longer than `seconds`.

    A time-out of the HTTP client limits each wait for a socket: looking up a host name has none, and a server that
    sends a byte now and then never meets it. The thread is a daemon, ends with its last socket operation, and never
    keeps the interpreter alive; whoever waits can be interrupted. Where none can be started, the work is done here.

    Raises:
        TimeoutError: No result in time. Otherwise whatever `work` raises.

    Example:
        >>> run_within(1.0, lambda deadline: deadline.remaining_seconds < 1)
        True
    """
    outcomes: SimpleQueue[Outcome[T]] = SimpleQueue()
    deadline = Deadline(seconds)
    if started(lambda: outcomes.put(Outcome(work, deadline)), "budsim-hub") is None:
        return Outcome(work, deadline).result()  # the time-outs of the HTTP client are all that there is
    return _first(outcomes, Deadline(seconds + _GRACE_SECONDS)).result()


def _first(outcomes: SimpleQueue[Outcome[T]], deadline: Deadline) -> Outcome[T]:
    while True:
        try:
            return outcomes.get(timeout=min(_WAKE_SECONDS, deadline.remaining_seconds))
        except Empty:  # noqa: PERF203 - it waits, it doesn't compute
            deadline.check()
