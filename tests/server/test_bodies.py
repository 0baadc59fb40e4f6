"""How much may come: no more than the limit, however it is sent; what may not is told before it has arrived."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.server.bodies import Body

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.conftest import Answered

    Ask = Callable[..., Answered]
    Send = Callable[..., str]

CONFIG = next(iter(GATED_CONFIGS.values()))
LIMIT_BYTES = 4096
MiB = 1024 * 1024


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"max_body_bytes": LIMIT_BYTES}


def body_of(size_bytes: int) -> bytes:
    """A question of exactly so many bytes."""
    return json.dumps({"config": CONFIG}).encode().ljust(size_bytes)


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


def assert_too_large(told: str) -> None:
    """413 and nothing else, and then the connection is closed."""
    head, _, body = told.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 413 ")
    assert "\r\nConnection: close" in head
    assert json.loads(body)["error_code"] == "BODY_TOO_LARGE"


def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(ask: Ask) -> None:
    assert ask("models/calculate", body_of(LIMIT_BYTES)).status == 200
    answered = ask("models/calculate", body_of(LIMIT_BYTES + 1))
    assert (answered.status, answered.json["error_code"]) == (413, "BODY_TOO_LARGE")
    assert "4 KiB" in answered.json["message"]
    assert ask("models/calculate", body_of(LIMIT_BYTES)).status == 200


def test_a_body_that_will_be_too_large_is_refused_before_it_comes(send: Send) -> None:
    paths = ("models/calculate", "models/config/submit", "models/org/model/config", "openapi.json")
    for path, length in product(paths, ("4097", "600000000", "1" + "0" * 30, "9" * 5000)):
        assert_too_large(send(path, f"Content-Length: {length}"))


def test_a_body_of_unknown_length_is_refused_when_it_has_grown_too_large(send: Send) -> None:
    endless = chunked(*[b" " * 1000] * 5)  # without a last chunk: whoever waits for it hangs
    assert_too_large(send("models/calculate", "Transfer-Encoding: chunked", body=endless))
    assert_too_large(send("models/calculate", "Transfer-Encoding: chunked", body=b"ffffff\r\n" + b" " * 5000))


def test_a_body_of_unknown_length_is_taken_up_to_the_limit(send: Send) -> None:
    whole = body_of(LIMIT_BYTES)
    sent = chunked(whole[:1000], whole[1000:]) + b"0\r\n\r\n"
    told = send("models/calculate", "Transfer-Encoding: chunked", "Connection: close", body=sent)
    assert told.startswith("HTTP/1.1 200 ")


def test_whoever_is_not_logged_in_is_refused_before_the_body_comes(send: Send) -> None:
    for header in ("Content-Length: 600000000", "Content-Length: 10", "Transfer-Encoding: chunked"):
        told = send("models/calculate", "Authorization: token wrong", header)
        assert told.startswith("HTTP/1.1 403 ")
        assert "\r\nConnection: close" in told


def test_a_length_that_is_none_is_refused_and_is_no_fault_of_the_server(send: Send) -> None:
    for length in ("-1", "1e3", "five", "4, 5", "+5", "1_0", "\xb2"):
        told = send("models/calculate", f"Content-Length: {length}", "Connection: close", body=b"{}")
        assert told.startswith("HTTP/1.1 400 ")


def test_a_length_said_twice_is_one(send: Send) -> None:
    told = send("models/calculate", "Content-Length: 2, 2", "Connection: close", body=b"{}")
    assert told.startswith("HTTP/1.1 400 ")
    assert "INVALID_REQUEST" in told
    assert_too_large(send("models/calculate", "Content-Length: 9999, 9999", body=b" " * 9999))


def test_what_is_compressed_is_refused_before_it_comes(send: Send) -> None:
    for coding in ("gzip", "deflate", "br", "gzip, identity", "x" * 1000):
        told = send("models/calculate", f"Content-Encoding: {coding}", "Content-Length: 1000")
        assert told.startswith("HTTP/1.1 415 ")
        assert "BODY_ENCODED" in told
    told = send("models/calculate", "Content-Encoding: identity", "Content-Length: 2", "Connection: close", body=b"{}")
    assert "INVALID_REQUEST" in told


@pytest.mark.parametrize("settings", [{"body_timeout_seconds": 0.1}], ids=[""])
def test_whoever_never_ends_a_body_is_hung_up_on(send: Send) -> None:
    for header in ("Content-Length: 50", "Transfer-Encoding: chunked"):
        assert send("models/calculate", header, body=b"1\r\n{\r\n") == ""


@given(st.lists(st.binary(max_size=40)), st.integers(0, 200))
def test_what_is_kept_is_what_came_or_nothing(chunks: list[bytes], max_bytes: int) -> None:
    body = Body("", max_bytes)
    for chunk in chunks:
        body.append(chunk)
    whole = b"".join(chunks)
    assert body.is_too_large == (len(whole) > max_bytes)
    assert bytes(body._chunks) == (b"" if body.is_too_large else whole)


@given(st.integers(min_value=0))
def test_a_length_is_compared_however_long_it_is_written(length: int) -> None:
    assert Body(str(length), MiB).is_too_large == (length > MiB)
    assert Body(f"000{length}", MiB).is_too_large == (length > MiB)
