"""Several requests of one call at once, in threads that never keep the interpreter alive."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from budsim_widgets.hub.transport.deadline import Outcome
from budsim_widgets.threads import started

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from budsim_widgets.hub.transport.deadline import Deadline

S = TypeVar("S")
T = TypeVar("T")


def map_within(deadline: Deadline, work: Callable[[S], T], items: Sequence[S], *, threads: int = 8) -> list[T]:
    """`work` of every item, in the items' order, by so many threads.

    `concurrent.futures` isn't used: the interpreter waits for its threads when it ends, and one that a server keeps
    busy a byte at a time would never let it.

    Raises:
        TimeoutError: The deadline passed before the last item's turn. Otherwise what `work` raised first.
    """
    waiting: SimpleQueue[tuple[int, S]] = SimpleQueue()
    done: SimpleQueue[tuple[int, Outcome[T]]] = SimpleQueue()
    for numbered in enumerate(items):
        waiting.put(numbered)

    def within(item: S) -> T:
        deadline.check()
        return work(item)

    def run() -> None:
        while True:
            try:
                place, item = waiting.get_nowait()
            except Empty:
                return
            outcome = Outcome(within, item)
            if outcome.is_error:  # nobody needs the others any more
                _empty(waiting)
            done.put((place, outcome))

    for _ in range(min(threads, len(items))):
        if started(run, "budsim-hub") is None:
            run()
            break
    results: dict[int, T] = {}
    for _ in items:
        place, outcome = done.get()
        results[place] = outcome.result()
    return [results[place] for place in range(len(items))]


def _empty(queue: SimpleQueue[tuple[int, S]]) -> None:
    while not queue.empty():
        with suppress(Empty):
            queue.get_nowait()
