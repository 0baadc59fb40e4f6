"""What can go wrong between here and the Hub, in words for the person who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.errors import HubOfflineError, HubUnavailableError
from budsim_widgets.hub.transport.proxies import proxy_to

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.proxies import Proxy
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

_MAX_SHOWN_CHARACTERS = 80


def too_slow(question: Question) -> HubUnavailableError:
    """No answer within the limit."""
    seconds = f"{question.timeout_seconds:g} second{'' if question.timeout_seconds == 1 else 's'}"
    message = f"{_host(question)} didn't answer within {seconds}{_through_proxy(question)}."
    return _unavailable(question, message, f"Try again{question.or_paste()}")


def dropped(question: Question) -> HubUnavailableError:
    """The connection broke before the answer was complete."""
    message = f"The connection to {question.host}{_through_proxy(question)} broke off."
    return _unavailable(question, message, f"Try again{question.or_paste()}")


def no_connection(error: Any, question: Question) -> HubUnavailableError:
    """No connection at all: no network, a certificate that nobody vouches for, or nobody there."""
    told = str(error).lower()
    proxy = proxy_to(question.endpoint)
    if any(words in told for words in _NO_NETWORK):
        return _no_network(question, proxy)
    if "certificate" in told:
        return _unavailable(
            question,
            f"The certificate of {question.host} isn't trusted here: a proxy may have put its own in its place.",
            f"Point SSL_CERT_FILE to the proxy's certificate{question.or_paste()}",
        )
    if "ssl" in told:
        message = f"No secure connection to {question.host} can be made: it may not speak https at all."
        return _unavailable(question, message, f"Check HF_ENDPOINT and the network's proxy{question.or_paste()}")
    if proxy is not None:  # which is what was connected to
        message = f"The {proxy.name} on the way to {question.host} takes no connection."
        return _unavailable(question, message, f"Check {proxy.source}, or unset it{question.or_paste()}")
    return _unavailable(
        question, f"Nothing at {question.host} takes the connection.", f"Try again later{question.or_paste()}"
    )


def _no_network(question: Question, proxy: Proxy | None) -> HubOfflineError:
    whom, check = (_host(question), "") if proxy is None else (f"The {proxy.name}", f" and {proxy.source}")
    return HubOfflineError(
        f"{whom} can't be reached: there is no network, or its name isn't known here.",
        next_step=f"Check the connection{check}{question.or_paste()}",
        model_id=question.model_id,
    )


def proxy_refused(question: Question) -> HubUnavailableError:
    """The proxy that the environment names doesn't let the request through."""
    proxy = proxy_to(question.endpoint)
    name, source = (proxy.name, proxy.source) if proxy else ("proxy", "HTTPS_PROXY")
    return _unavailable(
        question,
        f"The {name} on the way to {question.host} refused the request.",
        f"Check {source} and the proxy's password{question.or_paste()}",
    )


def bad_proxy(question: Question, proxy: Proxy) -> HubUnavailableError:
    """What the environment names as a proxy isn't an address, or none of a kind that the client knows."""
    address = _shortened(proxy.url_without_password)
    return _unavailable(
        question,
        f"The proxy's address “{address}” ({proxy.source}) isn't one that can be opened.",
        f"Set {proxy.source} to one that begins with http://, or unset it{question.or_paste()}",
    )


def no_socks(question: Question, proxy: Proxy) -> HubUnavailableError:
    """A proxy that speaks SOCKS, which the client can't without another package."""
    return _unavailable(
        question,
        f"The {proxy.name} speaks SOCKS, and the package for it isn't installed.",
        f"Install it with `pip install socksio`, or unset {proxy.source}{question.or_paste()}",
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


def bad_endpoint(question: Question, endpoint: str) -> HubUnavailableError:
    """What is given as the Hub's address isn't one."""
    return _unavailable(
        question,
        f"The Hub's address “{_shortened(endpoint.rpartition('@')[2])}” isn't one that can be opened.",
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


def _through_proxy(question: Question) -> str:
    proxy = proxy_to(question.endpoint)
    return f" through the {proxy.name}" if proxy else ""


def _shortened(address: str) -> str:
    return address if len(address) <= _MAX_SHOWN_CHARACTERS else f"{address[: _MAX_SHOWN_CHARACTERS - 1]}…"


def _host(question: Question) -> str:
    return question.host[0].upper() + question.host[1:]
