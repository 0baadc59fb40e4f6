"""Work that may take seconds, done in a thread, so that the panel stays usable meanwhile.

A newer task supersedes the one under way: the late result of the older one is dropped.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.panel.flow.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from budsim_widgets.errors import BudsimError
    from budsim_widgets.panel.flow.steps import Steps

_Result = TypeVar("_Result")

# Not the event loop's own threads: on two cores those are six, and six requests to a network that hangs
# would keep a paste from being saved.
_THREADS = ThreadPoolExecutor(max_workers=32, thread_name_prefix="budsim-panel")


class Runner:
    """Runs one task at a time.

    Widgets are called from several threads: a cell runs in the kernel's main one, a click of a person comes in one of
    its subshells, each with its own event loop. So nothing here belongs to one loop; a result returns to the loop that
    started its task. Where no loop runs, as in a script, the work is done on the spot; where no thread can be started,
    in the loop.

    Args:
        show_status: Called with what is being done, and with an empty text when it is over.
        show_unexpected: Called with an error that is none of the package's.
        delay_seconds: How long a task may take before its status is shown: what is known already should not flicker.
        show_steps: Called with how many items of a task are done, and of how many.
        show_last: Called when a task has come to what can't be ended any more.
    """

    def __init__(
        self,
        show_status: Callable[[str], None],
        show_unexpected: Callable[[Exception], None],
        *,
        delay_seconds: float = 0.0,
        show_steps: Callable[[int, int], None] = lambda _, __: None,
        show_last: Callable[[], None] = lambda: None,
    ) -> None:
        self._show_status = show_status
        self._delay_seconds = delay_seconds
        self._show_unexpected = show_unexpected
        self._show_steps, self._show_last = show_steps, show_last
        self._current: Task[Any] | None = None
        self._changing = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether a task is under way."""
        return self._current is not None

    def run(
        self,
        work: Callable[[], _Result],
        on_result: Callable[[_Result], None],
        on_error: Callable[[BudsimError], None],
        *,
        status: str,
        steps: Steps | None = None,
    ) -> None:
        """Starts a task in the place of the one under way; see `Task` for the arguments.

        A task that counts its items with `steps` ends before its next item once it is superseded or cancelled.
        """
        task = Task(work, on_result, on_error, status)
        self._replace(task)
        loop = running_loop()
        if loop is None:
            self._finish(task, work)
            return
        self._show_status_after_delay(loop, task)
        context = copy_context()
        if steps is not None:
            steps.tell = partial(self._tell, loop, context, task)
            steps.begin_last = partial(self._begin_last, loop, context, task)
        # in a copy: a context that the thread is in can't be entered by the loop meanwhile
        job = _submitted(partial(context.copy().run, work))
        if job is None:
            loop.call_soon(self._finish, task, work, context=context)
        else:
            job.add_done_callback(partial(self._return_to, loop, context, task))

    def cancel(self) -> None:
        """Forgets the task under way; its result will not be shown. One that can't be ended any more goes on."""
        self._replace(None, ends_last=False)

    async def idle(self) -> None:
        """Returns when no task is under way."""
        while (task := self._current) is not None:
            # shielded: a cell that is interrupted while it waits must not mark the task as cancelled
            await asyncio.shield(asyncio.wrap_future(task.is_over))

    def _replace(self, task: Task[Any] | None, *, ends_last: bool = True) -> None:
        with self._changing:
            if not ends_last and self._current is not None and self._current.is_last:
                return
            former, self._current = self._current, task
        self._show_status("")
        if former is not None:
            former.is_over.set_result(None)

    def _show_status_after_delay(self, loop: asyncio.AbstractEventLoop, task: Task[_Result]) -> None:
        def show() -> None:
            if self._current is task:
                self._show_status(task.status)

        if self._delay_seconds:
            loop.call_later(self._delay_seconds, show)
        else:
            show()

    def _tell(
        self, loop: asyncio.AbstractEventLoop, context: Context, task: Task[_Result], done: int, total: int
    ) -> None:
        """From the thread of a task: how far it is; ends it where nobody waits for it."""
        if self._current is not task:
            raise CancelledError

        self._show_in(loop, context, task, partial(self._show_steps, done, total))

    def _begin_last(self, loop: asyncio.AbstractEventLoop, context: Context, task: Task[_Result]) -> None:
        """From the thread of a task: from now on it goes on to its end, unless it was given up before."""
        with self._changing:
            if self._current is not task:
                raise CancelledError
            task.is_last = True
        self._show_in(loop, context, task, self._show_last)

    def _show_in(
        self, loop: asyncio.AbstractEventLoop, context: Context, task: Task[_Result], show: Callable[[], None]
    ) -> None:
        """Shows something of a task that is still waited for, in the loop that started it."""

        def show_of_current() -> None:
            if self._current is task:
                show()

        with suppress(RuntimeError):  # the loop has gone with the page that was closed
            loop.call_soon_threadsafe(show_of_current, context=context)

    def _return_to(
        self, loop: asyncio.AbstractEventLoop, context: Context, task: Task[_Result], job: Future[_Result]
    ) -> None:
        finish = partial(self._finish, task, job.result)
        try:
            loop.call_soon_threadsafe(finish, context=context)
        except RuntimeError:
            # The loop has gone with the page that was closed; the result is still wanted when it opens again.
            finish()

    def _finish(self, task: Task[_Result], get: Callable[[], _Result]) -> None:
        if self._current is not task:
            return
        with errors_shown(self._show_unexpected):
            task.finish(get)
        if self._current is task:
            self._replace(None)


def _submitted(work: Callable[[], _Result]) -> Future[_Result] | None:
    """The work in a thread; None where none can be started, as in a browser's Python."""
    given_up = threading.Event()

    def unless_given_up() -> _Result:
        if given_up.is_set():
            raise CancelledError
        return work()

    try:
        return _THREADS.submit(unless_given_up)
    except RuntimeError:
        given_up.set()  # the pool still has it in its queue
        return None


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that this thread runs, or None as in a script."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
