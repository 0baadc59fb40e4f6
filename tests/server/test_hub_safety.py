"""The server asks the configured Hub and nobody else, tells its token to nobody, and never waits for it in vain."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS, MEMBER_TOKEN, PUBLIC_CONFIGS
from hub.scenario import Hang, Status

from budsim_widgets.actions import Actions
from budsim_widgets.resolver import Resolver
from budsim_widgets.server.service import Service
from budsim_widgets.store import ConfigStore

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


def gathered(loop: asyncio.AbstractEventLoop, *awaitables: Any) -> list[Any]:
    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*awaitables)

    return loop.run_until_complete(all_of_them())


@pytest.fixture
def ask_later(http_server_client: Any, jp_auth_header: dict[str, str], jp_base_url: str) -> Callable[..., Any]:
    """A question that is under way, a calculation by default; any number at once."""
    http_server_client.max_clients = 1_000
    return lambda body, path="calculate": http_server_client.fetch(
        f"{jp_base_url}budsim/api/models/{path}",
        method="POST",
        body=json.dumps(body),
        headers=jp_auth_header,
        raise_error=False,
        request_timeout=60,
    )


async def until_asked(hub: LoopbackHub, count: int, model_id: str = "") -> None:
    """Until the Hub was asked so often, about this model or any, and is silent."""
    while len(hub.requests_for(model_id)) < count:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.01)


async def let_go(hub: LoopbackHub, waiting: list[Any]) -> None:
    for future in waiting:
        future.cancel()
    hub.stopping.set()
    await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize("settings", [{"hub_timeout_seconds": 30.0}], ids=[""])
def test_forty_questions_to_a_hub_that_hangs_hold_up_no_stored_model_and_no_paste(
    ask: Ask, ask_later: Callable[..., Any], hub: LoopbackHub, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> None:
    ask("models/config/submit", {"model_uri": GATED, "config": CONFIG})
    hub.reset()
    hub.fault = Hang(seconds=60)

    async def stored_while_others_wait() -> tuple[list[int], list[bool]]:
        waiting = [asyncio.ensure_future(ask_later({"model_uri": f"org/model-{number}"})) for number in range(40)]
        await until_asked(hub, 32)
        questions = [ask_later({"model_uri": GATED}), ask_later({"config": CONFIG}), ask_later({"model_uri": "a b"})]
        answers = await asyncio.gather(*questions)
        paste = asyncio.ensure_future(ask_later({"model_uri": "org/paste", "config": CONFIG}, "config/submit"))
        await until_asked(hub, 1, "org/paste")
        are_done = [future.done() for future in waiting]
        await let_go(hub, [*waiting, paste])
        return [answer.code for answer in answers], are_done

    codes, are_done = jp_asyncio_loop.run_until_complete(stored_while_others_wait())
    assert codes == [200, 200, 400]
    assert not any(are_done)


@pytest.mark.parametrize("settings", [{"hub_timeout_seconds": 30.0}], ids=[""])
def test_a_comparison_waits_for_a_silent_hub_once_and_not_for_each_model(
    ask_later: Callable[..., Any], hub: LoopbackHub, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> None:
    hub.fault = Hang(seconds=60)

    async def all_are_asked_for() -> None:
        body = {"model_uris": [f"org/model-{number}" for number in range(16)]}
        waiting = asyncio.ensure_future(ask_later(body, "compare"))
        await until_asked(hub, 16)
        assert not waiting.done()
        await let_go(hub, [waiting])

    jp_asyncio_loop.run_until_complete(all_are_asked_for())


@pytest.mark.slow
def test_two_hundred_calculations_at_once_are_all_answered(
    ask: Ask, ask_later: Callable[..., Any], jp_asyncio_loop: asyncio.AbstractEventLoop
) -> None:
    ask("models/config/submit", {"model_uri": GATED, "config": CONFIG})
    bodies: list[dict[str, Any]] = [
        {"model_uri": (GATED, PUBLIC)[number % 2], "batch_size": number + 1} for number in range(200)
    ]
    answers = gathered(jp_asyncio_loop, *(ask_later(body) for body in bodies))
    assert [answer.code for answer in answers] == [200] * 200
    assert [json.loads(answer.body)["workload"]["batch_size"] for answer in answers] == list(range(1, 201))


async def test_with_a_store_that_cannot_be_read_the_hub_is_waited_for_apart(tmp_path: Any) -> None:
    (tmp_path / "configs.json").mkdir()
    (tmp_path / "configs.json" / "configs.json").mkdir()
    service = Service(Actions(Resolver(ConfigStore(tmp_path / "configs.json"))))
    names = {model: await service.about(model, lambda: threading.current_thread().name) for model in ("a/b", "a b")}
    service.close()
    assert names["a/b"].startswith("budsim-hub")
    assert names["a b"].startswith("budsim-quick")
