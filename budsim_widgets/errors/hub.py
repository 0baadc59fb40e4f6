"""The Hub gave no config, each reason with an error of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

from budsim_widgets.errors.base import BudsimError


class HubError(BudsimError):
    """The Hub gave no config.

    Attributes:
        can_paste: Whether a pasted config solves it.
        url: The page to open, or None.
        status_code: The HTTP status of the answer, or None.
    """

    error_code = "HUB_ERROR"
    default_next_step = "Paste the model's config.json."
    can_paste: bool = True

    def __init__(
        self,
        message: str,
        *,
        next_step: str = "",
        model_id: str | None = None,
        url: str | None = None,
        status_code: int | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step, model_id=model_id)
        self.url = url
        self.status_code = status_code

    @property
    def _in_code(self) -> str:
        if not self.can_paste or self.model_id is None:
            return ""
        name = repr(self.model_id)
        return (
            f"The box for it: bw.MemoryPanel({name}), a click on Calculate memory. "
            f"In code: bw.submit_config({name}, text)."
        )


class GatedModelError(HubError):
    """The model exists and its files are open to some accounts only.

    Attributes:
        access: `login` (no usable token), `request` (not asked for), `pending`, `rejected`, or `reset`.
        revision: The branch, tag or commit that was asked for; None for the main branch.
    """

    error_code = "MODEL_GATED"

    def __init__(self, message: str, *, access: str = "login", revision: str | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.access = access
        self.revision = revision


class ModelNotFoundError(HubError):
    """No such model for this account: mistyped, or private."""

    error_code = "NOT_FOUND"


class RevisionNotFoundError(HubError):
    """The model exists, but not the branch, tag or commit asked for."""

    error_code = "REVISION_NOT_FOUND"
    default_next_step = "Leave the revision out to get the main branch."
    can_paste = False


class TokenError(HubError):
    """The access token is invalid, or lacks a permission that the model asks for."""

    error_code = "TOKEN"


class ListedGguf(NamedTuple):
    """A GGUF file of a repository, the parts of a split one together.

    Attributes:
        name: Its path, of a split file that of the first part.
        label: What its name says about its type, such as `Q4_K_M`; "" where it says nothing.
        num_bytes: Its size, of all parts; None where the Hub lists none.
        is_projector: Whether it holds vision or audio (`mmproj`), beside the language model.
    """

    name: str
    label: str
    num_bytes: int | None
    is_projector: bool


class NoConfigError(HubError):
    """The repository holds no config.json.

    Attributes:
        found: The telling files that it has.
        gguf_files: Its GGUF files.
        base_model: The model that it says it was made from, or None.
    """

    error_code = "NO_CONFIG"

    def __init__(
        self,
        message: str,
        *,
        found: tuple[str, ...] = (),
        gguf_files: tuple[ListedGguf, ...] = (),
        base_model: str | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message, **details)
        self.found = found
        self.gguf_files = gguf_files
        self.base_model = base_model


class ModelDisabledError(HubError):
    """The Hub has disabled the repository."""

    error_code = "DISABLED"


class RegionError(HubError):
    """The model isn't served in this region."""

    error_code = "REGION"


class RateLimitError(HubError):
    """Too many requests; `.retry_after_seconds` says when to come back, where the Hub said so."""

    error_code = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after_seconds: int | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after_seconds = retry_after_seconds


class HubUnavailableError(HubError):
    """The Hub is down, unreachable, too slow, or something else answered in its place."""

    error_code = "HUB_UNAVAILABLE"


class HubOfflineError(HubUnavailableError):
    """Offline mode is on, or there is no network."""

    error_code = "OFFLINE"
