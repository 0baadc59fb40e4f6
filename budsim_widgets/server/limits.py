"""How many submissions a user, and an address, may make in a minute."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WINDOW_SECONDS: Final = 60.0


class Limit:
    """At most so many in any minute, counted apart for each key.

    Args:
        per_minute: How many; 0: none at all.
        clock: Seconds that never go back.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)

    def seconds_to_wait(self, keys: Iterable[str]) -> int:
        """0 where there is room under every key, and it is taken; else how long until there is, and none is taken."""
        now = self._clock()
        self._forget_before(now - WINDOW_SECONDS)
        wanted = tuple(keys)
        waits = [self._wait(key, now) for key in wanted]
        if max(waits, default=0):
            return max(waits)
        for key in wanted:
            self._times[key].append(now)
        return 0

    def _wait(self, key: str, now: float) -> int:
        taken = self._times.get(key, ())
        if len(taken) < self._per_minute:
            return 0
        oldest = taken[0] if taken else now
        return max(1, math.ceil(oldest + WINDOW_SECONDS - now))

    def _forget_before(self, time_: float) -> None:
        for key in [key for key, times in self._times.items() if times[-1] <= time_]:
            del self._times[key]
        for times in self._times.values():
            while times[0] <= time_:
                times.popleft()
