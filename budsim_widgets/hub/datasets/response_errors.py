"""What can be wrong with a dataset or with the person's login, in words for that person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import TeamConflictError, TeamNotFoundError, TeamStoreError, TokenError

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.request_context import RequestContext


def not_logged_in(context: RequestContext) -> TokenError:
    """Nobody writes without a name."""
    return TokenError(
        f"Nobody is logged in here, and {context.repo_id} takes changes from accounts only.",
        next_step=f"Log in with `hf auth login`, or set HF_TOKEN to a token with the write role from "
        f"{context.tokens_page}.",
        url=context.tokens_page,
    )


def unusable_token(context: RequestContext) -> TokenError:
    """A token that can't even be sent."""
    return TokenError(
        f"The access token in {context.token_source} can't be used: it is empty, or holds characters that no token "
        "has.",
        next_step=f"Renew it at {context.tokens_page}.",
        url=context.tokens_page,
    )


def other_kind(context: RequestContext, kind: str) -> TeamNotFoundError:
    """The id of a model or a Space."""
    return TeamNotFoundError(
        f"{context.repo_id} is a {kind} on the Hub, not a dataset: a team's configs are kept in a dataset.",
        next_step=_how_to_create(context, f"{context.repo_id.partition('/')[0]}/configs"),
        repo_id=context.repo_id,
        url=context.page,
        status_code=404,
    )


def disabled(context: RequestContext) -> TeamStoreError:
    """Taken down."""
    return TeamStoreError(
        f"The Hub has disabled the dataset {context.repo_id}.",
        next_step=f"Look at {context.page} for the reason.",
        repo_id=context.repo_id,
        url=context.page,
    )


def not_found(context: RequestContext, status: int = 404) -> TeamNotFoundError:
    """Mistyped, private, or not made yet: the Hub tells nobody which."""
    whom = "to someone who isn't logged in" if context.login == "none" else "to the account behind "
    whom += "" if context.login == "none" else str(context.token_source)
    login = " If it is private, log in with `hf auth login`." if context.login == "none" else ""
    return TeamNotFoundError(
        f"The Hub shows no dataset {context.repo_id} {whom}: either the id is mistyped, or it is private to others, "
        "or nobody has made it yet.",
        next_step=f"Check the spelling.{login} {_how_to_create(context, context.repo_id)}",
        repo_id=context.repo_id,
        url=context.page,
        status_code=status,
    )


def gone(context: RequestContext, status: int) -> TeamNotFoundError:
    """It was there a moment ago."""
    return TeamNotFoundError(
        f"The dataset {context.repo_id} was there a moment ago and isn't shown any more: somebody deleted it, renamed "
        "it or took this account's access away.",
        next_step=f"Look at {context.page}, or ask its owner.",
        repo_id=context.repo_id,
        url=context.page,
        status_code=status,
    )


def renamed(context: RequestContext) -> TeamConflictError:
    """What is written follows no redirect; whoever asks for it again finds its new name."""
    return TeamConflictError(
        f"{context.repo_id} was renamed while it was being written. Nothing was changed there.",
        next_step="Try again: its new name is found by itself.",
        repo_id=context.repo_id,
        url=context.page,
    )


def _how_to_create(context: RequestContext, repo_id: str) -> str:
    return (
        f"To make one for your team: `hf repos create {repo_id} --type dataset --private`, or open "
        f"{context.site}/new-dataset."
    )
