"""The server asks the configured Hub and nobody else, and tells its token to nobody."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from hub.repos import GATED_CONFIGS, MEMBER_TOKEN, PUBLIC_CONFIGS
from hub.scenario import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hub.loopback import LoopbackHub

    from server.conftest import Answered

    Ask = Callable[..., Answered]

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
PUBLIC = next(iter(PUBLIC_CONFIGS))


class Elsewhere(ThreadingHTTPServer):
    """A host that nobody is to ask; it notes whoever does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Noting)
        self.heard: list[str] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Noting(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.heard.append(f"{self.requestline}\n{self.headers}")  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("X-Repo-Commit", "a" * 40)
        self.end_headers()
        self.wfile.write(json.dumps(CONFIG).encode())

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


ADDRESSES = [
    "http://{host}/org/model",
    "https://{host}/org/model/resolve/main/config.json",
    "http://user:password@{host}/org/model",
    "http://huggingface.co@{host}/org/model",
    "http://{host}#huggingface.co/org/model",
    "//{host}/org/model",
    "hf://{host}/org",
    "{host}/org/model",
    "{host}",
    "org/model@../../../../{host}",
    "org/model@http://{host}",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]:80/a/b",
    "http://0x7f000001/a/b",
    "file:///etc/passwd",
    "/etc/passwd",
    "~/.ssh/id_rsa",
    "config.json",
    "gopher://{host}/_GET",
    "org/model\r\nHost: {host}",
    "org/model?x=http://{host}",
    "..%2f..%2f{host}",
]


@pytest.mark.parametrize("settings", [{"submissions_per_minute": 1_000}], ids=[""])
def test_no_id_and_no_address_makes_the_server_ask_another_host_or_read_a_file(
    ask: Ask, hub: LoopbackHub, elsewhere: Elsewhere
) -> None:
    for model in (pattern.format(host=elsewhere.address) for pattern in ADDRESSES):
        config = {**CONFIG, "_name_or_path": f"http://{elsewhere.address}/a", "auto_map": {"AutoConfig": model}}
        for path, body in (
            ("validate", {"model_uri": model}),
            ("calculate", {"model_uri": model}),
            ("compare", {"model_uris": [model]}),
            ("config/submit", {"model_uri": model, "config": config}),
            ("config/submit", {"model_uri": GATED, "config": model}),
            ("calculate", {"config": config}),
        ):
            answered = ask(f"models/{path}", body)
            assert answered.status in {200, 400, 404}
            assert "root:" not in answered.text
    assert elsewhere.heard == []
    assert all(request.path.startswith(("/org", "/api/models/", "/etc", "/latest")) for request in hub.requests)


def test_where_the_hub_redirects_to_another_host_the_token_stays_behind(
    ask: Ask, hub: LoopbackHub, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Hub sends on to where it keeps large files; that is the Hub's own choice, and needs no token there."""
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    for code in (301, 302, 303, 307, 308):
        hub.fault = Status(code=code, body="", headers=(("Location", f"http://{elsewhere.address}/file"),))
        ask("models/calculate", {"model_uri": f"org/redirected-{code}"})
        ask(f"models/org/other-{code}/config")
        ask("models/config/submit", {"model_uri": GATED, "config": CONFIG})
    assert elsewhere.heard
    assert {request.sender for request in hub.requests} == {"member"}
    assert not [heard for heard in elsewhere.heard if MEMBER_TOKEN in heard or "authorization" in heard.lower()]


def test_no_answer_holds_the_token(ask: Ask, hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    for token in (MEMBER_TOKEN, "hf_" + "x" * 34, "hf_odd\x07" + "o" * 20):
        monkeypatch.setenv("HF_TOKEN", token)
        for fault in (None, Status(code=500, body=token), Status(code=401, body=f'{{"error": "{token}"}}')):
            hub.fault = fault
            for model in (PUBLIC, GATED, "org/none", token, f"org/{token}", f"https://huggingface.co/{token}"):
                answers = [ask(f"models/{name}", {"model_uri": model}) for name in ("validate", "calculate")]
                answers += [ask("models/compare", {"model_uris": [model]})]
                answers += [ask("models/config/submit", {"model_uri": model, "config": "{"})]
                assert not [answer.text for answer in answers if token in answer.text]
