"""How many submissions a user, and an address, may make in a minute."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import BudsimError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WINDOW_SECONDS: Final = 60.0
_MOST_KEYS: Final = 10_000


class TooManySubmissionsError(BudsimError):
    """More submissions than a minute has room for; `.retry_after_seconds` says when there is room."""

    error_code = "TOO_MANY_SUBMISSIONS"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "Too many configs were submitted within a minute.",
            next_step=f"Try again in {retry_after_seconds} seconds.",
        )
        self.retry_after_seconds = retry_after_seconds


class RateLimit:
    """At most so many in any minute, counted apart for each key.

    Args:
        per_minute: How many; 0: none at all.
        clock: Seconds that never go back.
        most_keys: How many keys are remembered; beyond them, those that were quiet longest are forgotten.
    """

    def __init__(
        self, per_minute: int, clock: Callable[[], float] = time.monotonic, *, most_keys: int = _MOST_KEYS
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._most_keys = most_keys
        # In the order of their last times, so that those to forget stand first.
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def seconds_to_wait(self, keys: Iterable[str]) -> int:
        """0 where there is room under every key, and it is taken; else how long until there is, and none is taken.

        Example:
            >>> limit = RateLimit(1, lambda: 0.0)
            >>> limit.seconds_to_wait(["jane"]), limit.seconds_to_wait(["jane"]), limit.seconds_to_wait(["joe"])
            (0, 60, 0)
        """
        now = self._clock()
        self._forget(now - WINDOW_SECONDS)
        wanted = tuple(dict.fromkeys(keys))
        wait = max((self._wait(key, now) for key in wanted), default=0)
        if not wait:
            for key in wanted:
                self._take(key, now)
        return wait

    def _wait(self, key: str, now: float) -> int:
        taken = self._times.get(key, deque())
        while taken and taken[0] <= now - WINDOW_SECONDS:
            taken.popleft()
        if len(taken) < self._per_minute:
            return 0
        oldest = taken[0] if taken else now
        return max(1, math.ceil(oldest + WINDOW_SECONDS - now))

    def _take(self, key: str, now: float) -> None:
        self._times.setdefault(key, deque()).append(now)
        self._times.move_to_end(key)
        if len(self._times) > self._most_keys:
            self._times.popitem(last=False)

    def _forget(self, before: float) -> None:
        while self._times and self._last_of_first() <= before:
            self._times.popitem(last=False)

    def _last_of_first(self) -> float:
        times = next(iter(self._times.values()))
        return times[-1] if times else -math.inf
