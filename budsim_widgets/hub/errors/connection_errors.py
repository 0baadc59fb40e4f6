"""What can go wrong between here and the Hub, in words for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.browser import IN_BROWSER
from budsim_widgets.errors import HubOfflineError, HubUnavailableError
from budsim_widgets.hub.transport.proxies import proxy_to

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.proxies import Proxy
    from budsim_widgets.hub.transport.request_context import RequestContext

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


def timed_out(context: RequestContext) -> HubUnavailableError:
    """No response within the limit."""
    seconds = f"{context.timeout_seconds:g} second{'' if context.timeout_seconds == 1 else 's'}"
    message = f"{_host(context)} didn't answer within {seconds}{_through_proxy(context)}."
    return _unavailable(context, message, f"Try again{context.or_paste()}")


def connection_lost(context: RequestContext) -> HubUnavailableError:
    """The connection broke before the response was complete."""
    message = f"The connection to {context.host}{_through_proxy(context)} broke off."
    return _unavailable(context, message, f"Try again{context.or_paste()}")


def no_connection(error: Any, context: RequestContext) -> HubUnavailableError:
    """No connection at all: no network, a certificate that nobody vouches for, or nobody there."""
    if IN_BROWSER:  # which tells nobody why
        message = f"The browser got no answer from {context.host}: there is no network, or this page may not ask it."
        return _unavailable(context, message, f"Check the connection{context.or_paste()}")
    reason = str(error).lower()
    proxy = proxy_to(context.endpoint)
    if proxy is not None and not proxy.is_usable:
        return invalid_proxy(context, proxy)
    if any(words in reason for words in _NO_NETWORK):
        return _no_network(context, proxy)
    if "certificate" in reason or "ssl" in reason:
        return _insecure(reason, context)
    if proxy is not None:  # which is what was connected to
        message = f"The {proxy.name} on the way to {context.host} takes no connection."
        return _unavailable(context, message, f"Check {proxy.source}, or unset it{context.or_paste()}")
    return _unavailable(
        context, f"Nothing at {context.host} takes the connection.", f"Try again later{context.or_paste()}"
    )


def _insecure(reason: str, context: RequestContext) -> HubUnavailableError:
    if "certificate" in reason:
        return _unavailable(
            context,
            f"The certificate of {context.host} isn't trusted here: a proxy may have put its own in its place.",
            f"Point SSL_CERT_FILE to the proxy's certificate{context.or_paste()}",
        )
    message = f"No secure connection to {context.host} can be made: it may not speak https at all."
    return _unavailable(context, message, f"Check HF_ENDPOINT and the network's proxy{context.or_paste()}")


def _no_network(context: RequestContext, proxy: Proxy | None) -> HubOfflineError:
    whom, check = (_host(context), "") if proxy is None else (f"The {proxy.name}", f" and {proxy.source}")
    return HubOfflineError(
        f"{whom} can't be reached: there is no network, or its name isn't known here.",
        next_step=f"Check the connection{check}{context.or_paste()}",
        model_id=context.repo_id,
    )


def proxy_refused(context: RequestContext) -> HubUnavailableError:
    """The proxy that the environment names doesn't let the request through."""
    proxy = proxy_to(context.endpoint)
    name, source = (proxy.name, proxy.source) if proxy else ("proxy", "HTTPS_PROXY")
    return _unavailable(
        context,
        f"The {name} on the way to {context.host} refused the request.",
        f"Check {source} and the proxy's password{context.or_paste()}",
    )


def invalid_proxy(context: RequestContext, proxy: Proxy) -> HubUnavailableError:
    """What the environment names as a proxy isn't an address, or none of a kind that the client knows."""
    address = _shortened(proxy.url_without_password)
    return _unavailable(
        context,
        f"The proxy's address “{address}” ({proxy.source}) isn't one that can be opened.",
        f"Set {proxy.source} to one that begins with http://, or unset it{context.or_paste()}",
    )


def missing_socks_support(context: RequestContext, proxy: Proxy) -> HubUnavailableError:
    """A proxy that speaks SOCKS, which the client can't without another package."""
    return _unavailable(
        context,
        f"The {proxy.name} speaks SOCKS, and the package for it isn't installed.",
        f"Install it with `pip install socksio`, or unset {proxy.source}{context.or_paste()}",
    )


def not_a_hub(context: RequestContext) -> HubUnavailableError:
    """A response, but without the signs of a Hub: a page of a network, or a wrong HF_ENDPOINT."""
    return _unavailable(
        context,
        f"Something other than a Hub answered in the place of {context.host}: a proxy, or the sign-in page of a "
        "network.",
        f"Open {context.site} in a browser and sign in to the network if it asks{context.or_paste()}",
        url=context.site,
    )


def invalid_endpoint(context: RequestContext, endpoint: str) -> HubUnavailableError:
    """What is given as the Hub's address isn't one."""
    return _unavailable(
        context,
        f"The Hub's address “{_shortened(endpoint.rpartition('@')[2])}” isn't one that can be opened.",
        f"Set HF_ENDPOINT to one that begins with https://, or unset it{context.or_paste()}",
    )


def unexpected_status(context: RequestContext, status: int, server_message: str) -> HubUnavailableError:
    """A status that the Hub itself has no reason to send."""
    if status >= 500:  # noqa: PLR2004 - the server's own faults begin at 500
        message = f"{_host(context)} is down at the moment (HTTP {status})."
        return _unavailable(context, message, f"Try again in a few minutes{context.or_paste()}", status_code=status)
    says = f" It says: {server_message}" if server_message else ""
    return _unavailable(
        context,
        f"{_host(context)}, or a proxy before it, refused the request (HTTP {status}).{says}",
        f"Check the network's proxy and HF_ENDPOINT{context.or_paste()}",
        status_code=status,
    )


def offline(context: RequestContext) -> HubOfflineError:
    """Offline mode, and the client's cache doesn't hold the file."""
    next_step = "Unset HF_HUB_OFFLINE and restart the kernel."
    if context.subject == "model":
        next_step = (
            f"Paste the config.json of {context.repo_id} (the Hub's cache on this machine doesn't hold it), or "
            "unset HF_HUB_OFFLINE and restart the kernel."
        )
    return HubOfflineError(
        "Offline mode is on (HF_HUB_OFFLINE).",
        next_step=next_step,
        model_id=context.repo_id,
    )


def _unavailable(context: RequestContext, message: str, next_step: str, **details: Any) -> HubUnavailableError:
    return HubUnavailableError(message, next_step=next_step, model_id=context.repo_id, **details)


def _through_proxy(context: RequestContext) -> str:
    proxy = proxy_to(context.endpoint)
    return f" through the {proxy.name}" if proxy else ""


def _shortened(address: str) -> str:
    return address if len(address) <= _MAX_SHOWN_CHARACTERS else f"{address[: _MAX_SHOWN_CHARACTERS - 1]}…"


def _host(context: RequestContext) -> str:
    return context.host[0].upper() + context.host[1:]
