"""A network that fails, hangs or lies: an answer in time, in words, and a way on."""

from __future__ import annotations

import _thread
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.errors import HubError, HubOfflineError, HubUnavailableError
from budsim_widgets.hub import HubClient, ModelRef
from budsim_widgets.hub.transport.deadline import run_within
from hub.scenario import Delay, Drip, Drop, Hang, Portal, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.loopback import LoopbackHub
    from hub.scenario import Fault

QWEN = ModelRef("Qwen/Qwen2.5-7B")


def trouble(endpoint: str | None = None, *, timeout_seconds: float = 60) -> HubUnavailableError:
    """The error about a model, and the same about its public information."""
    client = HubClient(endpoint=endpoint, timeout_seconds=timeout_seconds)
    with pytest.raises(HubUnavailableError) as caught:
        client.fetch_config(QWEN)
    with pytest.raises(HubUnavailableError) as caught_too:
        client.fetch_info(QWEN.model_id)
    assert str(caught.value) == str(caught_too.value)
    assert caught.value.model_id == QWEN.model_id
    assert "paste" in caught.value.next_step
    return caught.value


@pytest.mark.parametrize(
    "fault", [Hang(), Delay(seconds=600), Drip(part="body"), Drip(part="head", pause_seconds=0.02)], ids=repr
)
def test_a_hub_that_never_finishes_is_given_up_in_time(loopback_hub: LoopbackHub, fault: Fault) -> None:
    loopback_hub.fault = fault
    assert "didn't answer within 0.1 seconds" in trouble(timeout_seconds=0.1).message


def test_the_limit_holds_for_all_requests_of_a_question_together(loopback_hub: LoopbackHub) -> None:
    loopback_hub.fault = Delay(seconds=0.2)  # each of the two requests alone would be in time
    with pytest.raises(HubUnavailableError, match=r"within 0\.3 seconds"):
        HubClient(timeout_seconds=0.3).fetch_config(QWEN)


def test_a_slow_hub_is_waited_for(loopback_hub: LoopbackHub) -> None:
    loopback_hub.fault = Delay(seconds=0.1)
    assert HubClient().fetch_config(QWEN).content


def test_the_gate_is_told_in_time_even_if_the_second_request_hangs(loopback_hub: LoopbackHub) -> None:
    original = loopback_hub.fault_of
    loopback_hub.fault_of = lambda path: Hang() if path.startswith("/api/models/") else original(path)
    with pytest.raises(HubError):
        HubClient(timeout_seconds=0.3).fetch_config(ModelRef("meta-llama/Llama-3.1-8B"))


@contextmanager
def full_backlog() -> Iterator[str]:
    """An address that takes no connection and refuses none, like a firewall that drops packets."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as waiting:
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.settimeout(0)
            client.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_network_that_swallows_packets_is_given_up_in_time() -> None:
    with full_backlog() as endpoint:
        assert "didn't answer within 0.1 seconds" in trouble(endpoint, timeout_seconds=0.1).message


def test_a_host_name_that_is_never_resolved_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def resolve(*_: Any, **__: Any) -> Any:
        released.wait(30)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert "didn't answer within 0.1 seconds" in trouble("http://hub.invalid", timeout_seconds=0.1).message
    released.set()


@pytest.mark.parametrize("words", ["Name or service not known", "Temporary failure in name resolution"])
def test_no_network_is_called_that(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    def resolve(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, words)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error = trouble("http://hub.invalid")
    assert isinstance(error, HubOfflineError)
    assert "there is no network" in error.message


def test_a_refused_connection_names_the_address() -> None:
    with socket.socket() as taken:  # so that nobody else takes it, and nobody listens
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert f"Nothing at 127.0.0.1:{port} takes the connection" in trouble(f"http://127.0.0.1:{port}").message


def test_a_hub_that_does_not_speak_https_is_told(loopback_hub: LoopbackHub) -> None:
    endpoint = loopback_hub.endpoint.replace("http://", "https://")
    assert "No secure connection" in trouble(endpoint).message


@pytest.mark.parametrize("how", ["silent", "reset", "cut"])
def test_a_dropped_connection_is_told(loopback_hub: LoopbackHub, how: str) -> None:
    loopback_hub.fault = Drop(how=how)
    assert "broke off" in trouble().message


@pytest.mark.parametrize("is_redirect", [False, True])
def test_a_portal_is_not_taken_for_the_hub(loopback_hub: LoopbackHub, is_redirect: bool) -> None:  # noqa: FBT001
    loopback_hub.fault = Portal(is_redirect=is_redirect)
    error = trouble()
    assert "sign-in page" in error.message
    assert error.url == loopback_hub.endpoint


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Status(code=500), "is down at the moment (HTTP 500)"),
        (Status(code=502), "is down at the moment (HTTP 502)"),
        (Status(code=504), "is down at the moment (HTTP 504)"),
        (Status(code=403), "or a proxy before it, refused the request (HTTP 403)"),
        (Status(code=404), "or a proxy before it, refused the request (HTTP 404)"),
        (Status(code=407), "or a proxy before it, refused the request (HTTP 407)"),
        (Status(code=400, body='{"error": "no"}', headers=()), "It says: no"),
        (Status(code=304, body=""), "Something other than a Hub"),
        (Status(code=302, headers=(("Location", "/portal"),)), "Something other than a Hub"),
        (Status(code=200, headers=(("Content-Encoding", "gzip"),)), "Something other than a Hub"),
        (Status(code=503, body="x" * 1_000_000), "is down"),
    ],
    ids=repr,
)
def test_statuses_that_are_not_the_hubs_own(loopback_hub: LoopbackHub, fault: Status, words: str) -> None:
    loopback_hub.fault = fault
    assert words in trouble().message


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:99999", "http://[::1", "http://h:x", "huggingface.co", " http://a b"]
)
def test_an_endpoint_of_the_environment_that_is_no_address_is_told(endpoint: str) -> None:
    """In a process of its own: the client's import fails where its address doesn't read as one."""
    code = (
        "from budsim_widgets.hub import HubClient, ModelRef\n"
        "from budsim_widgets.errors import HubUnavailableError\n"
        "for given in (None, 'http://127.0.0.1:9'):\n"
        "    try: HubClient(endpoint=given).fetch_config(ModelRef('Qwen/Qwen2.5-7B'))\n"
        "    except HubUnavailableError as error: print(error)\n"
    )
    environment = {**os.environ, "HF_ENDPOINT": endpoint}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    environments, given = run.stdout.splitlines()
    assert "isn't one that can be opened. Set HF_ENDPOINT" in environments
    assert "isn't one that can be opened. Set HF_ENDPOINT" in given or "Nothing at 127.0.0.1:9" in given
    assert run.stderr == ""


@pytest.mark.parametrize(
    "endpoint", ["huggingface.co", "ftp://huggingface.co", "https://", "https://[", "http://h:99999"]
)
def test_an_endpoint_that_is_no_address_is_told_before_any_request(endpoint: str) -> None:
    error = trouble(endpoint)
    assert "isn't one that can be opened" in error.message
    assert "HF_ENDPOINT" in error.next_step


def test_a_password_in_the_endpoint_is_not_shown(loopback_hub: LoopbackHub) -> None:
    endpoint = loopback_hub.endpoint.replace("http://", "http://me:secret-word@")
    loopback_hub.fault = Portal()
    error = trouble(endpoint)
    assert "secret-word" not in repr(vars(error)) + str(error)
    assert "secret-word" not in str(trouble("ftp://me:secret-word@host"))


def test_whoever_waits_can_be_interrupted() -> None:
    release, waiter = threading.Event(), threading.get_ident()

    def interrupt_and_go_on(_: Any) -> None:
        while sys._current_frames()[waiter].f_code.co_name != "_first":  # where it waits
            time.sleep(0.001)
        _thread.interrupt_main()
        release.wait(60)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    with pytest.raises(KeyboardInterrupt):
        run_within(60, interrupt_and_go_on)
    signal.signal(signal.SIGINT, before)
    release.set()


def test_what_the_work_raises_reaches_whoever_waits() -> None:
    with pytest.raises(ZeroDivisionError):
        run_within(5, lambda _: 1 / 0)


def test_a_deadline_counts_down() -> None:
    def work(deadline: Any) -> tuple[float, float]:
        first = deadline.remaining_seconds
        time.sleep(0.01)
        return first, deadline.remaining_seconds

    first, second = run_within(5, work)
    assert 5 > first > second > 0
