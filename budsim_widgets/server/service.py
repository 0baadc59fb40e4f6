"""The actions on threads, so that a slow Hub holds up nobody else."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from budsim_widgets.errors import BudsimError, ModelIdError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from budsim_widgets.actions import Actions

T = TypeVar("T")

_LOCAL_THREADS: Final = 4
_HUB_THREADS: Final = 32
_SUBMISSION_THREADS: Final = 16


MAX_LOCAL_SECONDS: Final = 20.0
"""How long a request waits for what asks no network; a calculation takes a tenth of a second at most."""


class LocalTimeoutError(BudsimError):
    """What needs no network took too long: the machine is busy. The work is not waited for."""

    error_code = "TIMEOUT"
    default_next_step = "Ask again in a moment."


class Service:
    """Runs what needs no network apart from what has to ask the Hub.

    Requests about a config in hand, or about a model whose config is kept, never wait behind one for the Hub.

    Args:
        actions: What is run; the texts that it is given never name a file.
    """

    def __init__(self, actions: Actions) -> None:
        self.actions = actions.without_file_paths()
        self._local_pool = ThreadPoolExecutor(_LOCAL_THREADS, thread_name_prefix="budsim-local")
        self._hub_pool = ThreadPoolExecutor(_HUB_THREADS, thread_name_prefix="budsim-hub")
        self._submission_pool = ThreadPoolExecutor(_SUBMISSION_THREADS, thread_name_prefix="budsim-submission")

    async def run_locally(self, work: Callable[[], T]) -> T:
        """Run what asks no network.

        Raises:
            LocalTimeoutError: It took too long.
        """
        running = asyncio.get_running_loop().run_in_executor(self._local_pool, work)
        try:
            return await asyncio.wait_for(running, MAX_LOCAL_SECONDS)
        except asyncio.TimeoutError as error:
            message = f"This took longer than {MAX_LOCAL_SECONDS:g} seconds, and was given up."
            raise LocalTimeoutError(message) from error

    async def run_with_hub(self, work: Callable[[], T]) -> T:
        """Run what asks the Hub."""
        return await asyncio.get_running_loop().run_in_executor(self._hub_pool, work)

    async def run_submission(self, work: Callable[[], T]) -> T:
        """Run what submits a config: while the Hub is silent people paste, so it stands in no queue for the Hub."""
        return await asyncio.get_running_loop().run_in_executor(self._submission_pool, work)

    async def run_for_model(self, model: str | dict[str, Any], work: Callable[[], T]) -> T:
        """Run what is about a model; it asks the Hub where the model's config isn't kept."""
        done = await self.run_locally(lambda: [work()] if self._is_local(model) else [])
        return done[0] if done else await self.run_with_hub(work)

    async def run_for_each(self, models: Sequence[str], work: Callable[[str], T]) -> list[T]:
        """Run the same about each of several models, all at once: a silent Hub is waited for only once."""
        return await asyncio.gather(*(self.run_for_model(model, partial(work, model)) for model in models))

    def close(self) -> None:
        """Start nothing more."""
        for pool in (self._local_pool, self._hub_pool, self._submission_pool):
            pool.shutdown(wait=False, cancel_futures=True)

    def _is_local(self, model: str | dict[str, Any]) -> bool:
        if isinstance(model, dict):
            return True
        try:
            return self.actions.resolver.find_saved(model) is not None
        except ModelIdError:
            return True
        except StoreError:  # then the Hub is asked
            return False
