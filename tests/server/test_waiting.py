"""Many questions at once: a Hub that hangs holds up nobody who does not need it, and everybody is answered."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS, PUBLIC_CONFIGS
from hub.scenario import Hang

from budsim_widgets.actions import Actions
from budsim_widgets.resolver import Resolver
from budsim_widgets.server.service import Service
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.loopback import LoopbackHub

    from server.conftest import Answered

    Ask = Callable[..., Answered]

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
PUBLIC = next(iter(PUBLIC_CONFIGS))


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
    names = {
        model: await service.run_for_model(model, lambda: threading.current_thread().name) for model in ("a/b", "a b")
    }
    service.close()
    assert names["a/b"].startswith("budsim-hub")
    assert names["a b"].startswith("budsim-local")
