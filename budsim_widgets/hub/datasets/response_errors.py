"""What can be wrong with a team's data set or with the person's login, in words for that person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import TeamNotFoundError, TeamStoreError, TokenError

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.request_context import Question


def not_logged_in(question: Question) -> TokenError:
    """Nobody writes without a name."""
    return TokenError(
        f"Nobody is logged in here, and {question.model_id} takes changes from accounts only.",
        next_step=f"Log in with `hf auth login`, or set HF_TOKEN to a token with the write role from "
        f"{question.tokens_page}.",
        url=question.tokens_page,
    )


def unusable_token(question: Question) -> TokenError:
    """A token that can't even be sent."""
    return TokenError(
        f"The access token in {question.token_source} can't be used: it is empty, or holds characters that no token "
        "has.",
        next_step=f"Renew it at {question.tokens_page}.",
        url=question.tokens_page,
    )


def other_kind(question: Question, kind: str) -> TeamNotFoundError:
    """The id of a model or a Space."""
    return TeamNotFoundError(
        f"{question.model_id} is a {kind} on the Hub, not a data set: a team's configs are kept in a data set.",
        next_step=_how_to_create(question, f"{question.model_id.partition('/')[0]}/configs"),
        repo_id=question.model_id,
        url=question.page,
        status_code=404,
    )


def disabled(question: Question) -> TeamStoreError:
    """Taken down."""
    return TeamStoreError(
        f"The Hub has disabled the data set {question.model_id}.",
        next_step=f"Look at {question.page} for the reason.",
        repo_id=question.model_id,
        url=question.page,
    )


def not_found(question: Question, status: int = 404) -> TeamNotFoundError:
    """Mistyped, private, or not made yet: the Hub tells nobody which."""
    whom = "to someone who isn't logged in" if question.login == "none" else "to the account behind "
    whom += "" if question.login == "none" else str(question.token_source)
    login = " If it is private, log in with `hf auth login`." if question.login == "none" else ""
    return TeamNotFoundError(
        f"The Hub shows no data set {question.model_id} {whom}: either the id is mistyped, or it is private to others, "
        "or nobody has made it yet.",
        next_step=f"Check the spelling.{login} {_how_to_create(question, question.model_id)}",
        repo_id=question.model_id,
        url=question.page,
        status_code=status,
    )


def _how_to_create(question: Question, repo_id: str) -> str:
    return (
        f"To make one for your team: `hf repos create {repo_id} --type dataset --private`, or open "
        f"{question.site}/new-dataset."
    )
