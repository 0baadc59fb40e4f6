"""Gated models: how far an account has come with one, and the step that is next for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import GatedModelError

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.request_context import Question


def gated(question: Question, status: int, told: str) -> GatedModelError:
    """Open to some accounts only; the Hub's sentence tells how far this one has come."""
    access = _access(status, told)
    message, next_step = _gate_words(question, access)
    return GatedModelError(
        f"{question.model_id} is gated: {message}",
        access=access,
        next_step=next_step,
        model_id=question.model_id,
        url=question.page,
        status_code=status,
    )


def _access(status: int, told: str) -> str:
    # A model called acme/preset-7b is no reset access.
    lowered = " ".join(word for word in told.lower().split() if "/" not in word)
    for word, access in (("awaiting", "pending"), ("pending", "pending"), ("rejected", "rejected"), ("reset", "reset")):
        if word in lowered:
            return access
    return "login" if status == 401 else "request"  # noqa: PLR2004 - 401: nobody whom the Hub knows has asked


def _gate_words(question: Question, access: str) -> tuple[str, str]:
    account = f"the account behind {question.token_source or 'your token'}"
    if access == "login" and question.login != "none":
        message = (
            f"its files are open to some accounts only, and the access token in {question.token_source} isn't known to "
            "the Hub: it may be expired or mistyped."
        )
        return message, f"Paste its config.json, or renew the token at {question.tokens_page}."
    return {
        "login": (
            "its files are open to accounts that its authors let in, and nobody is logged in here.",
            f"Paste its config.json, or get access at {question.page} and log in with `hf auth login`.",
        ),
        "request": (
            f"{account} hasn't been let in.",
            f"Paste its config.json, or accept its terms at {question.page} with that account.",
        ),
        "pending": (
            f"its authors haven't answered the request of {account} yet.",
            f"Paste its config.json meanwhile; the request's state stands at {question.page}.",
        ),
        "rejected": (
            f"its authors rejected the request of {account}.",
            "Paste its config.json: the number of parameters and the shapes need no access to the weights.",
        ),
        "reset": (
            f"its authors reset the access of {account}.",
            f"Paste its config.json, or ask for access again at {question.page}.",
        ),
    }[access]
