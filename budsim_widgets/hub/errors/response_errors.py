"""What the Hub refuses, in words for a person: what is wrong, and the one step that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import (
    HubError,
    ModelDisabledError,
    ModelNotFoundError,
    RateLimitError,
    RegionError,
    RevisionNotFoundError,
    TokenError,
)

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.request_context import RequestContext


def not_found(context: RequestContext, status: int) -> ModelNotFoundError:
    """Mistyped or private: the Hub tells nobody which."""
    whom = {
        "none": "to someone who isn't logged in",
        "sent": f"to the account behind {context.token_source}",
        "refused": f"without a login (the access token in {context.token_source} is invalid)",
    }[context.login]
    hint = "" if "/" in context.repo_id else " Most ids have two parts, owner/name."
    login = {
        "none": "log in with `hf auth login`",
        "sent": "log in with an account that may see it",
        "refused": f"renew the token at {context.tokens_page}",
    }[context.login]
    return ModelNotFoundError(
        f"The Hub shows no model {context.repo_id} {whom}: either the id is mistyped, or the model is private.{hint}",
        next_step=f"Check the spelling; if it is private, {login}, or paste its config.json.",
        model_id=context.repo_id,
        url=context.search_page,
        status_code=status,
    )


def revision_not_found(context: RequestContext, status: int) -> RevisionNotFoundError:
    """The model is there, the branch, tag or commit isn't."""
    return RevisionNotFoundError(
        f"{context.repo_id} has no revision {context.revision}.",
        next_step=f"Leave the revision out, or choose one from {context.page}/tree/main.",
        model_id=context.repo_id,
        url=f"{context.page}/tree/main",
        status_code=status,
    )


def invalid_token(context: RequestContext) -> TokenError:
    """Refused even for what is public (status 401, unlike a missing permission)."""
    return TokenError(
        f"The Hub refuses the access token in {context.token_source or 'use'} as invalid.",
        next_step=f"Renew it at {context.tokens_page}{context.or_paste()}",
        model_id=context.repo_id,
        url=context.tokens_page,
        status_code=401,
    )


def lacks_permission(context: RequestContext) -> TokenError:
    """A fine-grained token in whose settings one box isn't ticked."""
    return TokenError(
        f"{context.repo_id} is gated, and the fine-grained access token in {context.token_source} may not read "
        "gated models.",
        next_step="Tick “Read access to contents of all public gated repos you can access” in the token's settings at "
        f"{context.tokens_page}, or paste the model's config.json.",
        model_id=context.repo_id,
        url=context.tokens_page,
        status_code=403,
    )


def forbidden(context: RequestContext, server_message: str) -> HubError:
    """Another refusal, in the Hub's own words."""
    kind = HubError if context.login == "none" else TokenError
    return kind(
        f"The Hub doesn't give {context.repo_id} to you, and says: {server_message}",
        next_step=f"Look at {context.page}, or paste its config.json.",
        model_id=context.repo_id,
        url=context.page,
        status_code=403,
    )


def region(context: RequestContext) -> RegionError:
    """Not served where the request comes from, whoever asks."""
    return RegionError(
        f"The Hub doesn't serve {context.repo_id} in your region; a login doesn't change that.",
        next_step="Paste its config.json.",
        model_id=context.repo_id,
        url=context.page,
        status_code=403,
    )


def disabled(context: RequestContext, status: int | None) -> ModelDisabledError:
    """Taken down."""
    return ModelDisabledError(
        f"The Hub has disabled {context.repo_id}: nobody gets its files.",
        next_step=f"Look at {context.page} for the reason; if you have its config.json, paste it.",
        model_id=context.repo_id,
        url=context.page,
        status_code=status,
    )


def rate_limited(context: RequestContext, seconds: int | None) -> RateLimitError:
    """Too many requests from this address or account."""
    wait = "a few minutes" if seconds is None else f"{seconds} second{'' if seconds == 1 else 's'}"
    login = " A login raises the limit." if context.login == "none" else ""
    return RateLimitError(
        f"The Hub has had too many requests from here and answers again in {wait}.{login}",
        next_step=f"Try again in {wait}{context.or_paste(f'the config.json of {context.repo_id}')}",
        retry_after_seconds=seconds,
        model_id=context.repo_id,
        url=context.page,
        status_code=429,
    )
