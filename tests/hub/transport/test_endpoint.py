from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.hub.transport.endpoint import REAL_HUB, current_endpoint, is_web_url


@pytest.mark.parametrize(
    "address",
    [
        "https://huggingface.co",
        "http://127.0.0.1:8080",
        "http://[::1]:9",
        "https://hub.example.org/a/path",
        "http://localhost",
        "https://me:secret@hub.example.org",
        "https://hub.example.org.",
        "https://h\u00e9.example.org",
    ],
)
def test_an_address_that_can_be_opened(address: str) -> None:
    assert is_web_url(address)


BAD = [
    "huggingface.co",
    "ftp://huggingface.co",
    "https://",
    "http://[",
    "http://[::1",
    "http://::1]",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:0",
    "http://127.0.0.1:-1",
    "http://127.0.0.1:port",
    "http://host name",
    "http://a..b",
    "http://" + "a" * 64 + ".org",
    "http://" + "a." * 200 + "org",
    "http://127.0.0.1?x=1",
    "http://127.0.0.1#x",
    "http://\x1b[31m",
    "http://a\u202eb.org",
    "",
]


@pytest.mark.parametrize("address", BAD)
def test_an_address_that_cannot(address: str) -> None:
    assert not is_web_url(address)


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_none(text: str) -> None:
    for address in (text, f"http://{text}", f"https://host:{text}", f"http://[{text}"):
        assert is_web_url(address) in {True, False}


def test_blanks_around_the_endpoint_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "  ")
    assert current_endpoint(None) == REAL_HUB
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example.org/ ")
    assert current_endpoint(None) == "http://hub.example.org"
    assert current_endpoint(" https://other.example.org/ ") == "https://other.example.org"
