"""The client's errors about a team's data set, translated into ours.

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
    TokenError,
)
from budsim_widgets.hub.datasets import response_errors
from budsim_widgets.hub.errors.translate import told_by, translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.hub.transport.request_context import Question

Deed = Literal["read", "write", "offer"]


@dataclass(frozen=True)
class _Refusal:
    """What the Hub said, and about what."""

    question: Question
    deed: Deed
    status: int
    code: str | None
    told: str

    @property
    def details(self) -> dict[str, Any]:
        return {"repo_id": self.question.model_id, "url": self.question.page, "status_code": self.status}


def translate_team(error: BaseException, question: Question, deed: Deed) -> HubError | None:
    """Our error for what the client raised about a data set, or None for one that isn't the client's."""
    refusal = _refusal(error, question, deed)
    refused = _BY_STATUS[refusal.status](refusal) if refusal and refusal.status in _BY_STATUS else None
    if refused is not None:
        return refused
    translated = translate(error, question)
    if translated is None:
        return None
    translated.model_id = None
    if deed != "read" and isinstance(translated, HubUnavailableError):
        # The commit may have been made before the connection broke.
        translated.next_step = f"{translated.next_step} What has arrived isn't sent twice."
    return translated


def _unauthorized(refusal: _Refusal) -> HubError:
    if refusal.code == "GatedRepo":
        return _no_reading(refusal)
    if "invalid credentials" not in refusal.told.lower():
        return response_errors.not_found(refusal.question, refusal.status)
    tokens = refusal.question.tokens_page
    return TokenError(
        f"The Hub refuses the access token in {refusal.question.token_source or 'use'} as invalid.",
        next_step=f"Renew it at {tokens}.",
        url=tokens,
        status_code=401,
    )


def _missing(refusal: _Refusal) -> HubError | None:
    if refusal.code == "RepoNotFound":
        return response_errors.not_found(refusal.question, refusal.status)
    if refusal.code is None:  # not the Hub's own
        return None
    return TeamStoreError(
        f"The data set {refusal.question.model_id} has no such file or branch: {refusal.told or 'not found'}.",
        next_step=f"Look at {refusal.question.page}: a team's configs lie on its branch main.",
        **refusal.details,
    )


def _forbidden(refusal: _Refusal) -> HubError | None:
    if not refusal.told:  # not the Hub's own
        return None
    if "is disabled" in refusal.told:
        return response_errors.disabled(refusal.question)
    return {"read": _no_reading, "write": _no_writing, "offer": _no_offering}[refusal.deed](refusal)


def _no_reading(refusal: _Refusal) -> TeamAccessError:
    says = f" The Hub says: {refusal.told}" if refusal.told else ""
    return TeamAccessError(
        f"You may not read the data set {refusal.question.model_id}.{says}",
        next_step=f"Ask its owner for the read role, or look at {refusal.question.page}.",
        **refusal.details,
    )


def _no_writing(refusal: _Refusal) -> TeamAccessError:
    repo_id = refusal.question.model_id
    return TeamAccessError(
        f"You may read {repo_id}, but not write it: your account lacks the write role there, or the access token in "
        f"{refusal.question.token_source} may only read.",
        next_step=f"Offer it as a pull request: share({repo_id!r}, as_pull_request=True).",
        **refusal.details,
    )


def _no_offering(refusal: _Refusal) -> TeamAccessError:
    return TeamAccessError(
        f"The access token in {refusal.question.token_source} may not offer a pull request to "
        f"{refusal.question.model_id}.",
        next_step="Give it the write role, or the permission to open pull requests, at "
        f"{refusal.question.tokens_page}.",
        **refusal.details,
    )


def _conflict(refusal: _Refusal) -> TeamConflictError:
    repo_id = refusal.question.model_id
    return TeamConflictError(
        f"Others keep changing {repo_id}: each time that yours was ready, a newer commit was there. Nothing of yours "
        "was shared, nothing of theirs was lost.",
        next_step=f"Try again in a minute, or offer it as a pull request: share({repo_id!r}, as_pull_request=True).",
        **refusal.details,
    )


def _refusal(error: BaseException, question: Question, deed: Deed) -> _Refusal | None:
    response = getattr(error, "response", None)
    if response is None:
        return None
    return _Refusal(question, deed, response.status_code, response.headers.get("X-Error-Code"), told_by(error))


_BY_STATUS: dict[int, Callable[[_Refusal], HubError | None]] = {
    401: _unauthorized,
    403: _forbidden,
    404: _missing,
    409: _conflict,
    412: _conflict,
}
