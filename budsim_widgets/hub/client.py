"""The Hub, as the rest of the package asks it: a model's config, and what is public about a model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import HubUnavailableError, RateLimitError
from budsim_widgets.hub.account import Accounts
from budsim_widgets.hub.fetch_config import MAX_CONFIG_BYTES, HubConfig, fetch_config, fetch_info
from budsim_widgets.hub.fetch_folder import fetch_folder_config
from budsim_widgets.hub.ids.model_ids import parse_model_id
from budsim_widgets.hub.public_copies import fetch_public_copies
from budsim_widgets.hub.transport.dispatch import run_requests
from budsim_widgets.hub.transport.endpoint import current_endpoint
from budsim_widgets.hub.transport.local_cache import cached_config
from budsim_widgets.hub.transport.request_context import RequestContext

if TYPE_CHECKING:
    from budsim_widgets.hub.account import HubAccount
    from budsim_widgets.hub.ids.model_ids import ModelRef
    from budsim_widgets.hub.info import HubInfo

_ACCOUNT_SECONDS: Final = 5.0
"""A name is worth no longer wait."""


class HubClient:
    """Asks the Hub. Safe to use from several threads at once.

    The person's token is read from HF_TOKEN or the saved login for each request, and not kept.

    Attributes:
        endpoint: The Hub's address, or None: $HF_ENDPOINT as it is when a request is made, or the real Hub.
        timeout_seconds: The most that one call may take, all its requests, redirects and retries together.

    Example:
        >>> client = HubClient(timeout_seconds=5)
        >>> config = client.fetch_config(parse_model_id("gpt2"))  # doctest: +SKIP
        >>> config.model_id  # doctest: +SKIP
        'openai-community/gpt2'
    """

    def __init__(self, *, endpoint: str | None = None, timeout_seconds: float = 10.0) -> None:
        if not (timeout_seconds > 0 and math.isfinite(timeout_seconds)):
            raise ValueError(f"timeout_seconds is {timeout_seconds}: it must be a positive number.")
        self.endpoint = endpoint
        self.timeout_seconds = timeout_seconds
        self._accounts = Accounts()

    def fetch_config(self, ref: ModelRef) -> HubConfig:
        """Fetch a model's config.json; where the Hub can't be asked, the copy in its cache on this machine.

        Args:
            ref: The model, the revision and the folder, from `parse_model_id`.

        Raises:
            HubError: There is none to be had; each reason has a class of its own (`budsim_widgets.errors`).
            ConfigError: `TOO_LARGE`, a config.json of more than 1 MiB.
        """
        context = self._context(ref)
        try:
            return run_requests(context, fetch_folder_config if ref.subfolder else fetch_config)
        except (HubUnavailableError, RateLimitError) as error:
            cached = cached_config(ref, MAX_CONFIG_BYTES)
            if cached is None:
                raise
            commit = f", commit {cached.commit[:7]}" if cached.commit else ""
            notice = f"{error.message} This is the copy in the Hub's cache on this machine{commit}."
            return HubConfig(ref.model_id, cached.commit, cached.content, (notice,))

    def fetch_info(self, model_id: str) -> HubInfo:
        """Fetch what is public about a model, gated or not.

        Args:
            model_id: Its id, or whatever `parse_model_id` understands.

        Raises:
            ModelIdError: That names no model.
            HubError: The Hub gave nothing.
        """
        return run_requests(self._context(parse_model_id(model_id)), fetch_info)

    def fetch_public_copies(self, model_id: str) -> tuple[str, ...]:
        """The ids of public models that were made from a gated one and have as many parameters, the most used first.

        Args:
            model_id: The gated model.

        Raises:
            ModelIdError: That names no model.
            HubError: The Hub gave nothing.
        """
        return run_requests(self._context(parse_model_id(model_id)), fetch_public_copies)

    def fetch_account(self, *, anew: bool = False) -> HubAccount | None:
        """The account behind the access token in use; None where nobody is logged in, and then nobody is asked.

        The answer is remembered for the token's digest. `anew` asks again where it was that something is wrong with it.

        Raises:
            HubError: The Hub couldn't be asked, or not within 5 seconds.
        """
        seconds = min(self.timeout_seconds, _ACCOUNT_SECONDS)
        return self._accounts.current(RequestContext("", None, current_endpoint(self.endpoint), seconds), anew=anew)

    def _context(self, ref: ModelRef) -> RequestContext:
        endpoint = current_endpoint(self.endpoint)
        return RequestContext(ref.model_id, ref.revision, endpoint, self.timeout_seconds, subfolder=ref.subfolder)
