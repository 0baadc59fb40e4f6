"""What can go wrong between here and the Hub, in words for the person who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.errors import HubOfflineError, HubUnavailableError

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.request_context import Question

# What looking up or reaching a host fails with, on Linux, macOS and Windows, where there is no network at all.
_NO_NETWORK = (
    "name resolution",
    "name or service not known",
    "nodename nor servname",
    "no address associated",
    "getaddrinfo failed",
    "network is unreachable",
    "no route to host",
)


def too_slow(question: Question) -> HubUnavailableError:
    """No answer within the limit."""
    seconds = f"{question.timeout_seconds:g} second{'' if question.timeout_seconds == 1 else 's'}"
    return _unavailable(
        question, f"{_host(question)} didn't answer within {seconds}.", f"Try again{question.or_paste()}"
    )


def dropped(question: Question) -> HubUnavailableError:
    """The connection broke before the answer was complete."""
    return _unavailable(question, f"The connection to {question.host} broke off.", f"Try again{question.or_paste()}")


def no_connection(error: Any, question: Question) -> HubUnavailableError:
    """No connection at all: no network, a certificate that nobody vouches for, or nobody there."""
    told = str(error).lower()
    if any(words in told for words in _NO_NETWORK):
        return HubOfflineError(
            f"{_host(question)} can't be reached: there is no network, or its name isn't known here.",
            next_step=f"Check the connection{question.or_paste()}",
            model_id=question.model_id,
        )
    if "certificate" in told:
        return _unavailable(
            question,
            f"The certificate of {question.host} isn't trusted here: a proxy may have put its own in its place.",
            f"Point SSL_CERT_FILE to the proxy's certificate{question.or_paste()}",
        )
    if "ssl" in told:
        message = f"No secure connection to {question.host} can be made: it may not speak https at all."
        return _unavailable(question, message, f"Check HF_ENDPOINT and the network's proxy{question.or_paste()}")
    return _unavailable(
        question, f"Nothing at {question.host} takes the connection.", f"Try again later{question.or_paste()}"
    )


def proxy(question: Question) -> HubUnavailableError:
    """The proxy that the environment names doesn't let the request through."""
    return _unavailable(
        question,
        f"The proxy on the way to {question.host} refused the request.",
        f"Check HTTPS_PROXY and the proxy's password{question.or_paste()}",
    )


def not_a_hub(question: Question) -> HubUnavailableError:
    """An answer, but without the signs of a Hub: a page of a network, or a wrong HF_ENDPOINT."""
    return _unavailable(
        question,
        f"Something other than a Hub answered in the place of {question.host}: a proxy, or the sign-in page of a "
        "network.",
        f"Open {question.site} in a browser and sign in to the network if it asks{question.or_paste()}",
        url=question.site,
    )


def bad_endpoint(question: Question) -> HubUnavailableError:
    """HF_ENDPOINT isn't an address."""
    return _unavailable(
        question,
        f"The Hub's address “{question.endpoint.rpartition('@')[2]}” isn't one that can be opened.",
        f"Set HF_ENDPOINT to one that begins with https://, or unset it{question.or_paste()}",
    )


def bad_status(question: Question, status: int, told: str) -> HubUnavailableError:
    """A status that the Hub itself has no reason to send."""
    if status >= 500:  # noqa: PLR2004 - the server's own faults begin at 500
        message = f"{_host(question)} is down at the moment (HTTP {status})."
        return _unavailable(question, message, f"Try again in a few minutes{question.or_paste()}", status_code=status)
    says = f" It says: {told}" if told else ""
    return _unavailable(
        question,
        f"{_host(question)}, or a proxy before it, refused the request (HTTP {status}).{says}",
        f"Check the network's proxy and HF_ENDPOINT{question.or_paste()}",
        status_code=status,
    )


def offline(question: Question) -> HubOfflineError:
    """Offline mode, and the client's cache doesn't hold the file."""
    next_step = "Unset HF_HUB_OFFLINE and restart the kernel."
    if question.subject == "model":
        next_step = (
            f"Paste the config.json of {question.model_id} (the Hub's cache on this machine doesn't hold it), or "
            "unset HF_HUB_OFFLINE and restart the kernel."
        )
    return HubOfflineError(
        "Offline mode is on (HF_HUB_OFFLINE).",
        next_step=next_step,
        model_id=question.model_id,
    )


def _unavailable(question: Question, message: str, next_step: str, **details: Any) -> HubUnavailableError:
    return HubUnavailableError(message, next_step=next_step, model_id=question.model_id, **details)


def _host(question: Question) -> str:
    return question.host[0].upper() + question.host[1:]
