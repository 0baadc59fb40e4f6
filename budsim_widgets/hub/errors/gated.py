"""Gated models: how far an account has come with one, and the step that is next for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import GatedModelError

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.request_context import RequestContext


def gated(context: RequestContext, status: int, server_message: str) -> GatedModelError:
    """Open to some accounts only; the Hub's sentence tells how far this one has come."""
    access = _access(status, server_message)
    message, next_step = _message_and_next_step(context, access)
    return GatedModelError(
        f"{context.repo_id} is gated: {message}",
        access=access,
        revision=context.revision,
        next_step=next_step,
        model_id=context.repo_id,
        url=context.page,
        status_code=status,
    )


def _access(status: int, server_message: str) -> str:
    # A model called acme/preset-7b is no reset access.
    lowered = " ".join(word for word in server_message.lower().split() if "/" not in word)
    for word, access in (("awaiting", "pending"), ("pending", "pending"), ("rejected", "rejected"), ("reset", "reset")):
        if word in lowered:
            return access
    return "login" if status == 401 else "request"  # noqa: PLR2004 - 401: nobody whom the Hub knows has asked


def _message_and_next_step(context: RequestContext, access: str) -> tuple[str, str]:
    account = f"the account behind {context.token_source or 'your token'}"
    if access == "login" and context.login != "none":
        message = (
            f"its files are open to some accounts only, and the access token in {context.token_source} isn't known to "
            "the Hub: it may be expired or mistyped."
        )
        return message, f"Paste its config.json, or renew the token at {context.tokens_page}."
    return {
        "login": (
            "its files are open to accounts that were granted access, and nobody is logged in here.",
            f"Paste its config.json, or get access at {context.page} and log in with `hf auth login`.",
        ),
        "request": (
            f"{account} hasn't been granted access.",
            f"Paste its config.json, or accept its terms at {context.page} with that account.",
        ),
        "pending": (
            f"its authors haven't answered the request of {account} yet.",
            f"Paste its config.json meanwhile; the request's state stands at {context.page}.",
        ),
        "rejected": (
            f"its authors rejected the request of {account}.",
            "Paste its config.json: the number of parameters and the shapes need no access to the weights.",
        ),
        "reset": (
            f"its authors reset the access of {account}.",
            f"Paste its config.json, or ask for access again at {context.page}.",
        ),
    }[access]
