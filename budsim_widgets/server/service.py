"""The actions on threads, so that a slow Hub holds up nobody else."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from budsim_widgets.errors import ModelIdError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from budsim_widgets.actions import Actions

T = TypeVar("T")

_QUICK_THREADS: Final = 4
_HUB_THREADS: Final = 32
_KEEPING_THREADS: Final = 16


class Service:
    """Runs what answers at once apart from what has to ask the Hub.

    Questions about a config in hand, or about a model whose config is kept, never wait behind one for the Hub.

    Args:
        actions: What is run; the texts that it is given never name a file.
    """

    def __init__(self, actions: Actions) -> None:
        self.actions = actions.without_file_paths()
        self._quick = ThreadPoolExecutor(_QUICK_THREADS, thread_name_prefix="budsim-quick")
        self._hub = ThreadPoolExecutor(_HUB_THREADS, thread_name_prefix="budsim-hub")
        self._keeping = ThreadPoolExecutor(_KEEPING_THREADS, thread_name_prefix="budsim-keeping")

    async def at_once(self, work: Callable[[], T]) -> T:
        """Run what asks no network."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, work)

    async def asking_hub(self, work: Callable[[], T]) -> T:
        """Run what asks the Hub."""
        return await asyncio.get_running_loop().run_in_executor(self._hub, work)

    async def keeping(self, work: Callable[[], T]) -> T:
        """Run what keeps a config: while the Hub is silent people paste, so it stands in no queue for the Hub."""
        return await asyncio.get_running_loop().run_in_executor(self._keeping, work)

    async def about(self, model: str | dict[str, Any], work: Callable[[], T]) -> T:
        """Run what is about a model, which asks the Hub where its config isn't kept."""
        done = await self.at_once(lambda: [work()] if self._is_at_hand(model) else [])
        return done[0] if done else await self.asking_hub(work)

    async def about_each(self, models: Sequence[str], work: Callable[[str], T]) -> list[T]:
        """Run the same about each of several models, all at once: a silent Hub is waited for only once."""
        return await asyncio.gather(*(self.about(model, partial(work, model)) for model in models))

    def close(self) -> None:
        """Start nothing more."""
        for pool in (self._quick, self._hub, self._keeping):
            pool.shutdown(wait=False, cancel_futures=True)

    def _is_at_hand(self, model: str | dict[str, Any]) -> bool:
        if isinstance(model, dict):
            return True
        try:
            return self.actions.resolver.find_saved(model) is not None
        except ModelIdError:
            return True
        except StoreError:  # then the Hub is asked
            return False
