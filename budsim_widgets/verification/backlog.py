"""Kept configs against the Hub: one that is being submitted, and those that could not be compared before."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from budsim_widgets.architectures import build
from budsim_widgets.errors import BudsimError, ConfigError, HubUnavailableError, RateLimitError, StoreError
from budsim_widgets.threads import started
from budsim_widgets.verification.verify import Verification, incomparable, unreachable, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.resolver import Resolver
    from budsim_widgets.store import StoredConfig

BACKGROUND_SECONDS = 20.0
"""How long configs are compared where nobody waits for it; the rest comes the next time."""


def compare_with_hub(resolver: Resolver, model_id: str, architecture: Architecture) -> Verification:
    """Compares what a config builds with what the Hub publishes; where it publishes nothing, that is the outcome."""
    try:
        info = resolver.hub.fetch_info(model_id)
    except (HubUnavailableError, RateLimitError) as error:
        return unreachable(model_id, error)
    except BudsimError as error:  # an imported config may stand under a name that no model can have
        return incomparable(model_id, architecture, f"Not compared with the Hub: {error.message}")
    return verify(model_id, architecture, info, lambda: _known_counts(resolver))


class VerificationBacklog:
    """The kept configs that were never compared with the Hub.

    Which ones these are is remembered, so that the store isn't read through after each submission. Those about which
    the Hub publishes nothing that can be compared are asked for once a process.

    Args:
        resolver: The store and the Hub.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._model_ids: dict[str, None] | None = None
        self._is_running = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, model_ids: Iterable[str]) -> None:
        """These were just kept without a comparison."""
        if self._model_ids is not None:
            self._model_ids.update(dict.fromkeys(model_ids))

    def verify(
        self,
        model_ids: Iterable[str] | None = None,
        *,
        timeout_seconds: float,
        through: Callable[[Sequence[str]], Iterable[str]] = iter,
    ) -> Iterator[Verification]:
        """Compares these, or all that never were, one after the other as `through` goes through them.

        Stops when the time is over or nobody answers.

        Raises:
            StoreError: The store can't be read or written.
        """
        deadline = time.monotonic() + timeout_seconds
        for model_id in through(list(self._to_compare() if model_ids is None else model_ids)):
            if time.monotonic() > deadline:
                return
            stored = self._resolver.store.get(model_id)
            if stored is None:
                self._forget(model_id)
                continue
            verification = self._compare(stored)
            yield verification
            if verification.outcome == "unreachable":
                return

    def verify_in_background(self) -> None:
        """Compares all that never were, in a thread of its own; nothing where one is at it already."""
        if self._model_ids is not None and not self._model_ids:
            return
        if not self._is_running.acquire(blocking=False):
            return
        self._thread = started(self._verify_all, "budsim-verification")
        if self._thread is None:  # they are compared when `verify` is asked for
            self._is_running.release()

    def wait(self, timeout_seconds: float = 30.0) -> None:
        """Returns when what runs in the background is done."""
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _verify_all(self) -> None:
        try:
            for _ in self.verify(timeout_seconds=BACKGROUND_SECONDS):
                pass
        except StoreError:
            pass  # whoever asks the store for something hears of it
        finally:
            self._is_running.release()

    def _to_compare(self) -> dict[str, None]:
        if self._model_ids is None:
            never = (one.model_id for one in self._resolver.store.browse() if one.published_parameters is None)
            self._model_ids = dict.fromkeys(never)
        return self._model_ids

    def _compare(self, stored: StoredConfig) -> Verification:
        try:
            verification = compare_with_hub(self._resolver, stored.model_id, build(stored.config))
        except ConfigError as error:
            self._forget(stored.model_id)
            return Verification(stored.model_id, "incomparable", f"The config can't be built: {error.message}")
        if verification.outcome != "unreachable":
            self._forget(stored.model_id)
        if verification.published_parameters is not None:
            self._resolver.store.set_verified(
                stored.model_id,
                verification.outcome == "verified",
                verification.published_parameters,
                version=stored.version,
            )
        return verification

    def _forget(self, model_id: str) -> None:
        if self._model_ids is not None:
            self._model_ids.pop(model_id, None)


def _known_counts(resolver: Resolver) -> dict[str, int]:
    """Numbers of parameters of the kept configs that agreed with the Hub."""
    try:
        stored = list(resolver.store.browse())
    except StoreError:
        return {}
    return {one.model_id: one.published_parameters for one in stored if one.is_verified and one.published_parameters}
