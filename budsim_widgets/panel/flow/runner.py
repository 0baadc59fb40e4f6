"""Questions that may take seconds, asked in a thread, so that the panel answers meanwhile.

A newer question supersedes the one under way: the late answer of the older one is dropped.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from budsim_widgets.errors import BudsimError
from budsim_widgets.panel.flow.error_boundary import errors_shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

_Answer = TypeVar("_Answer")

# Not the event loop's own threads: on two cores those are six, and six questions to a network that hangs
# would keep a paste from being saved.
_THREADS = ThreadPoolExecutor(max_workers=32, thread_name_prefix="budsim-panel")


class Question(Generic[_Answer]):
    """A piece of work and who hears of its outcome.

    Args:
        work: What may take long; runs in a thread, touches no widget.
        answered: Gets what `work` returned.
        refused: Gets the error of the package that `work` raised.
        doing: What the person reads meanwhile.
    """

    def __init__(
        self,
        work: Callable[[], _Answer],
        answered: Callable[[_Answer], None],
        refused: Callable[[BudsimError], None],
        doing: str,
    ) -> None:
        self.work = work
        self.doing = doing
        self.is_over: Future[None] = Future()
        self._answered = answered
        self._refused = refused

    def tell(self, get: Callable[[], _Answer]) -> None:
        """Hands on what `get` returns or raises."""
        try:
            answer = get()
        except BudsimError as error:
            self._refused(error)
        else:
            self._answered(answer)


class Runner:
    """Asks one question at a time.

    Widgets are called from several threads: a cell runs in the kernel's main one, a click of a person comes in one of
    its subshells, each with its own event loop. So nothing here belongs to one loop; an answer returns to the loop
    that asked. Where no loop runs, as in a script, the question is asked on the spot.

    Args:
        show_doing: Gets what is being done, and an empty text when it is over.
        show_unexpected: Gets an error that is none of the package's.
        patience_seconds: How long a question may take before it is said: what is known already should not flicker.
    """

    def __init__(
        self,
        show_doing: Callable[[str], None],
        show_unexpected: Callable[[Exception], None],
        *,
        patience_seconds: float = 0.0,
    ) -> None:
        self._show_doing = show_doing
        self._patience_seconds = patience_seconds
        self._show_unexpected = show_unexpected
        self._current: Question[Any] | None = None
        self._changing = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether a question is under way."""
        return self._current is not None

    def ask(
        self,
        work: Callable[[], _Answer],
        answered: Callable[[_Answer], None],
        refused: Callable[[BudsimError], None],
        *,
        doing: str,
    ) -> None:
        """Asks a question in the place of the one under way; see `Question` for the arguments."""
        question = Question(work, answered, refused, doing)
        self._replace(question)
        loop = running_loop()
        if loop is None:
            self._finish(question, work)
            return
        self._say_after_a_while(loop, question)
        context = copy_context()
        job = _THREADS.submit(context.run, work)
        job.add_done_callback(partial(self._return_to, loop, context, question))

    def drop(self) -> None:
        """Forgets the question under way; its answer will not be shown."""
        self._replace(None)

    async def idle(self) -> None:
        """Returns when no question is under way."""
        while (question := self._current) is not None:
            # shielded: a cell that is interrupted while it waits must not mark the question as cancelled
            await asyncio.shield(asyncio.wrap_future(question.is_over))

    def _replace(self, question: Question[Any] | None) -> None:
        with self._changing:
            former, self._current = self._current, question
        self._show_doing("")
        if former is not None:
            former.is_over.set_result(None)

    def _say_after_a_while(self, loop: asyncio.AbstractEventLoop, question: Question[_Answer]) -> None:
        def say() -> None:
            if self._current is question:
                self._show_doing(question.doing)

        if self._patience_seconds:
            loop.call_later(self._patience_seconds, say)
        else:
            say()

    def _return_to(
        self, loop: asyncio.AbstractEventLoop, context: Context, question: Question[_Answer], job: Future[_Answer]
    ) -> None:
        finish = partial(self._finish, question, job.result)
        try:
            loop.call_soon_threadsafe(finish, context=context)
        except RuntimeError:
            # The loop has gone with the page that was closed; the result is still wanted when it opens again.
            finish()

    def _finish(self, question: Question[_Answer], get: Callable[[], _Answer]) -> None:
        if self._current is not question:
            return
        with errors_shown(self._show_unexpected):
            question.tell(get)
        if self._current is question:
            self._replace(None)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that this thread runs, or None as in a script."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
