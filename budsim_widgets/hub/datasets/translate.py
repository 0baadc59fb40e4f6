"""The client's errors about a dataset, translated into ours.

The same answers mean other things here than about a model: there is nothing to paste instead, and who may read may
still not write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from budsim_widgets.errors import (
    HubError,
    HubUnavailableError,
    TeamAccessError,
    TeamConflictError,
    TeamStoreError,
)
from budsim_widgets.hub.datasets import response_errors
from budsim_widgets.hub.errors.response_errors import invalid_token
from budsim_widgets.hub.errors.translate import server_message, translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.hub.transport.request_context import RequestContext

Operation = Literal["read", "file", "write", "pull_request"]
"""`read` asks about a repository; the others come after it was found."""


@dataclass(frozen=True)
class _Refusal:
    """What the Hub said, and about what."""

    context: RequestContext
    operation: Operation
    status: int
    code: str | None
    message: str

    @property
    def details(self) -> dict[str, Any]:
        return {"repo_id": self.context.repo_id, "url": self.context.page, "status_code": self.status}


def translate_dataset_error(error: BaseException, context: RequestContext, *, operation: Operation) -> HubError | None:
    """Our error for what the client raised about a dataset, or None for one that isn't the client's."""
    refusal = _refusal(error, context, operation)
    refused = _BY_STATUS[refusal.status](refusal) if refusal and refusal.status in _BY_STATUS else None
    if refused is not None:
        return refused
    translated = translate(error, context)
    if translated is None:
        return None
    translated.model_id = None
    if operation in {"write", "pull_request"} and isinstance(translated, HubUnavailableError):
        # The commit may have been made before the connection broke.
        translated.next_step = f"{translated.next_step} What has arrived isn't sent twice."
    return translated


def _unauthorized(refusal: _Refusal) -> HubError:
    if refusal.code == "GatedRepo":
        return _may_not_read(refusal)
    if refusal.operation != "read" and "invalid credentials" not in refusal.message.lower():
        return response_errors.gone(refusal.context, refusal.status)
    if "invalid credentials" not in refusal.message.lower():
        return response_errors.not_found(refusal.context, refusal.status)
    return invalid_token(refusal.context)


def _missing(refusal: _Refusal) -> HubError | None:
    if refusal.code == "RepoNotFound" and refusal.operation != "read":
        return response_errors.gone(refusal.context, refusal.status)
    if refusal.code == "RepoNotFound":
        return response_errors.not_found(refusal.context, refusal.status)
    if refusal.code is None:  # not the Hub's own
        return None
    return TeamStoreError(
        f"The dataset {refusal.context.repo_id} has no such file or branch: {refusal.message or 'not found'}.",
        next_step=f"Look at {refusal.context.page}: a team's configs lie on its branch main.",
        **refusal.details,
    )


def _forbidden(refusal: _Refusal) -> HubError | None:
    if not refusal.message:  # not the Hub's own
        return None
    if "is disabled" in refusal.message:
        return response_errors.disabled(refusal.context)
    return {
        "read": _may_not_read,
        "file": _may_not_read,
        "write": _may_not_write,
        "pull_request": _may_not_open_pull_request,
    }[refusal.operation](refusal)


def _may_not_read(refusal: _Refusal) -> TeamAccessError:
    says = f" The Hub says: {refusal.message}" if refusal.message else ""
    return TeamAccessError(
        f"You may not read the dataset {refusal.context.repo_id}.{says}",
        next_step=f"Ask its owner for the read role, or look at {refusal.context.page}.",
        **refusal.details,
    )


def _may_not_write(refusal: _Refusal) -> TeamAccessError:
    repo_id = refusal.context.repo_id
    return TeamAccessError(
        f"You may read {repo_id}, but not write it: your account lacks the write role there, or the access token in "
        f"{refusal.context.token_source} may only read.",
        next_step=f"Open a pull request: share({repo_id!r}, as_pull_request=True).",
        **refusal.details,
    )


def _may_not_open_pull_request(refusal: _Refusal) -> TeamAccessError:
    return TeamAccessError(
        f"The access token in {refusal.context.token_source} may not open a pull request in {refusal.context.repo_id}.",
        next_step=f"Give it the write role, or the permission to open pull requests, at {refusal.context.tokens_page}.",
        **refusal.details,
    )


def _conflict(refusal: _Refusal) -> TeamConflictError:
    repo_id = refusal.context.repo_id
    return TeamConflictError(
        f"Others keep changing {repo_id}: each time that yours was ready, a newer commit was there. Nothing of yours "
        "was shared, nothing of theirs was lost.",
        next_step=f"Try again in a minute, or open a pull request: share({repo_id!r}, as_pull_request=True).",
        **refusal.details,
    )


def _refusal(error: BaseException, context: RequestContext, operation: Operation) -> _Refusal | None:
    response = getattr(error, "response", None)
    if response is None:
        return None
    code = response.headers.get("X-Error-Code")
    return _Refusal(context, operation, response.status_code, code, server_message(error))


_BY_STATUS: dict[int, Callable[[_Refusal], HubError | None]] = {
    401: _unauthorized,
    403: _forbidden,
    404: _missing,
    409: _conflict,
    412: _conflict,
}
