"""A person's own functions, which ask for the config that their model lacks and then go on."""

from __future__ import annotations

import asyncio
import inspect
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, NamedTuple

from budsim_widgets.errors import HubError
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.panel.flow.pending import MissingConfig, PendingAction
from budsim_widgets.panel.flow.runner import running_loop
from budsim_widgets.rendering.prose import can_be_pasted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator


class _Call(NamedTuple):
    """A callback with its arguments, and the models whose config was pasted for it."""

    callback: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    pasted: frozenset[str] = frozenset()


class CallbackGuard:
    """Guards callbacks.

    Args:
        ask_for: Opens the paste box.
        show_error: Shows any other error.
        begin: Called when the person calls a callback.
    """

    def __init__(
        self,
        ask_for: Callable[[MissingConfig], None],
        show_error: Callable[[Exception], None],
        begin: Callable[[], None],
    ) -> None:
        self._ask_for = ask_for
        self._show_error = show_error
        self._begin = begin
        # the event loop itself would forget a task that nobody holds
        self._running: dict[asyncio.Task[Any], Future[None]] = {}

    @property
    def is_busy(self) -> bool:
        """Whether a coroutine runs."""
        return bool(self._running)

    def guard(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """See `ConfigPrompt.guard`."""

        @wraps(callback)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            self._begin()
            return self._run(_Call(callback, args, kwargs))

        return guarded

    async def idle(self) -> None:
        """Returns when no coroutine runs."""
        for is_over in list(self._running.values()):
            await asyncio.shield(asyncio.wrap_future(is_over))

    def _run(self, call: _Call) -> Any:
        with self._handled(call):
            value = call.callback(*call.args, **call.kwargs)
            return self._follow(call, value) if inspect.isawaitable(value) else value
        return None

    def _follow(self, call: _Call, awaitable: Awaitable[Any]) -> Any:
        async def run() -> Any:
            with self._handled(call):
                return await awaitable
            return None

        loop = running_loop()
        if loop is None:
            return asyncio.run(run())
        task = loop.create_task(run())
        self._running[task] = Future()
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.pop(task).set_result(None)

    @contextmanager
    def _handled(self, call: _Call) -> Iterator[None]:
        with errors_shown(self._show_error):
            try:
                yield
            except HubError as error:
                model_id = error.model_id
                if model_id is None or model_id in call.pasted or not can_be_pasted(error):
                    raise
                again = partial(self._run, call._replace(pasted=call.pasted | {model_id}))
                action = PendingAction("callback", {"args": call.args, "kwargs": call.kwargs})
                self._ask_for(MissingConfig(model_id, error, action, resume=again))
