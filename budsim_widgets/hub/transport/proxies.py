"""The proxy that the environment, or the system, puts between here and the Hub: for messages; the client uses it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from budsim_widgets.hub.transport.endpoint import is_web_url

_SYSTEM: Final = "this system's settings"


@dataclass(frozen=True)
class Proxy:
    """A proxy, as a message names it.

    Attributes:
        url: Its address, which may hold a password.
        source: Where it is set: the name of a variable, or in words.
    """

    url: str
    source: str

    @property
    def address(self) -> str:
        """Host and port, without a password.

        Example:
            >>> Proxy("http://me:secret@10.0.0.1:3128/", "HTTPS_PROXY").address
            '10.0.0.1:3128'
        """
        return self.url.rpartition("://")[2].rpartition("@")[2].partition("/")[0]

    @property
    def url_without_password(self) -> str:
        """The whole address, without a user's name and password."""
        scheme, mark, rest = self.url.partition("://")
        return f"{scheme}{mark}{rest.rpartition('@')[2]}"

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return f"proxy {self.address} ({self.source})"

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS, for which the client needs a package more."""
        return self.url.startswith(("socks5://", "socks5h://"))

    @property
    def is_usable(self) -> bool:
        """Whether its address can be opened."""
        return bool(self.address.strip()) and is_web_url(
            self.url.replace("socks5h://", "http://", 1).replace("socks5://", "http://", 1)
        )


def proxy_to(endpoint: str) -> Proxy | None:
    """The proxy through which the client asks a Hub, or None where it asks directly."""
    from urllib.request import proxy_bypass  # noqa: PLC0415 - only a failed request needs it

    parts = urlsplit(endpoint)
    if proxy_bypass(parts.hostname or ""):
        return None
    found = environment_proxies()
    return found.get(parts.scheme) or found.get("all")


def environment_proxies() -> dict[str, Proxy]:
    """The proxies that the client reads when it makes its session, by `http`, `https` and `all`."""
    from urllib.request import getproxies  # noqa: PLC0415 - the same

    urls = getproxies()
    return {kind: _proxy(kind, urls[kind]) for kind in ("http", "https", "all") if urls.get(kind)}


def _proxy(kind: str, url: str) -> Proxy:
    names = (f"{kind}_proxy", f"{kind}_proxy".upper())
    source = next((name for name in names if os.environ.get(name)), _SYSTEM)
    return Proxy(url if "://" in url else f"http://{url}", source)
