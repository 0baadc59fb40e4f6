"""A proxy that keeps the Hub from being reached is what is named, not the Hub."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import pytest
from huggingface_hub import close_session

from budsim_widgets.errors import HubOfflineError, HubUnavailableError
from budsim_widgets.hub import HubClient, ModelRef
from budsim_widgets.hub.transport.proxies import proxy_to

if TYPE_CHECKING:
    from collections.abc import Iterator

REF = ModelRef("Qwen/Qwen2.5-7B")
NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """None of this machine's, and a session of the client that reads the test's."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    close_session()
    yield
    close_session()


@pytest.fixture
def dead_proxy() -> Iterator[str]:
    """An address that nobody listens at, and nobody else gets."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def trouble(endpoint: str = "https://hub.invalid") -> HubUnavailableError:
    with pytest.raises(HubUnavailableError) as caught:
        HubClient(endpoint=endpoint, timeout_seconds=60).fetch_config(REF)
    assert "paste" in caught.value.next_step
    return caught.value


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("before", ["http://", "", "http://me:secret-word@"])
def test_a_dead_proxy_is_named_with_where_it_is_set(
    monkeypatch: pytest.MonkeyPatch, dead_proxy: str, name: str, before: str
) -> None:
    monkeypatch.setenv(name, f"{before}{dead_proxy}")
    error = trouble()
    assert f"The proxy {dead_proxy} ({name}) on the way to hub.invalid takes no connection." in error.message
    assert f"Check {name}" in error.next_step
    assert "secret-word" not in str(error)


def test_a_dead_proxy_for_plain_http_is_named(monkeypatch: pytest.MonkeyPatch, dead_proxy: str) -> None:
    monkeypatch.setenv("http_proxy", f"http://{dead_proxy}")
    assert f"The proxy {dead_proxy} (http_proxy)" in trouble("http://hub.invalid").message


def test_a_proxy_whose_name_is_unknown_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    error = trouble()
    assert isinstance(error, HubOfflineError)
    assert "The proxy proxy.invalid:3128 (HTTPS_PROXY) can't be reached" in error.message
    assert "HTTPS_PROXY" in error.next_step


@pytest.mark.parametrize("url", ["http://[::1", "nonsense://me:secret-word@host", "http://a b"])
def test_what_is_no_address_of_a_proxy_is_told(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url)
    error = trouble()
    assert "HTTPS_PROXY" in error.message
    assert "HTTPS_PROXY" in error.next_step
    assert "secret-word" not in str(error)


def test_a_proxy_that_speaks_socks_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "socksio", None)
    assert "speaks SOCKS" in (error := trouble()).message
    assert "pip install socksio" in error.next_step


def test_a_hub_that_is_asked_directly_is_named_itself(monkeypatch: pytest.MonkeyPatch, dead_proxy: str) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert f"Nothing at {dead_proxy} takes the connection" in trouble(f"http://{dead_proxy}").message
    assert proxy_to(f"http://{dead_proxy}") is None


def test_a_proxy_that_is_silent_is_named_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(HubUnavailableError, match=r"within 0\.2 seconds through the proxy 127\.0\.0\.1:"):
            HubClient(endpoint="https://hub.invalid", timeout_seconds=0.2).fetch_config(REF)


@pytest.mark.parametrize("address", ["  ", "http://", "http://127.0.0.1:99999", "http://a b:3128"])
def test_an_address_that_no_proxy_can_have_is_named_as_that(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    error = trouble()
    assert "(HTTPS_PROXY) isn't one that can be opened" in error.message
    assert "Set HTTPS_PROXY" in error.next_step
