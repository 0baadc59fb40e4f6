"""Public copies of a gated model: open to everybody, made from it, with as many parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from budsim_widgets.errors import HubUnavailableError, ModelNotFoundError
from budsim_widgets.hub import HubClient
from hub.scenario import Repo, Status

if TYPE_CHECKING:
    from hub.loopback import LoopbackHub

GATED = "meta-llama/Llama-3.1-8B"
SAME, OTHER = (("BF16", 8_030_261_248),), (("I32", 1_000_000_000),)


@pytest.fixture
def client(loopback_hub: LoopbackHub) -> HubClient:
    return HubClient(endpoint=loopback_hub.endpoint)


def put(hub: LoopbackHub, name: str, **details: object) -> None:
    hub.put(Repo(model_id=name, **{"base_model": GATED, "parameters": SAME, **details}))


def test_those_with_as_many_parameters_are_found(loopback_hub: LoopbackHub, client: HubClient) -> None:
    put(loopback_hub, "example/copy")
    put(loopback_hub, "example/quantized", parameters=OTHER)
    put(loopback_hub, "example/uncounted", parameters=())
    put(loopback_hub, "example/gated-copy", gated="auto")
    put(loopback_hub, "example/private-copy", is_private=True)
    put(loopback_hub, "example/of-another", base_model="Qwen/Qwen2.5-7B")
    assert client.fetch_public_copies(GATED) == ("example/copy",)
    (asked,) = [one for one in loopback_hub.requests if one.path.startswith("/api/models?")]
    assert "base_model%3Ameta-llama%2FLlama-3.1-8B" in asked.path


def test_three_are_enough(loopback_hub: LoopbackHub, client: HubClient) -> None:
    for number in range(9):
        put(loopback_hub, f"example/copy-{number}")
    assert len(client.fetch_public_copies(GATED)) == 3


def test_without_a_published_number_none_is_looked_for(loopback_hub: LoopbackHub, client: HubClient) -> None:
    loopback_hub.put(Repo(model_id="example/uncounted", gated="auto"))
    assert client.fetch_public_copies("example/uncounted") == ()
    assert not [one for one in loopback_hub.requests if one.path.startswith("/api/models?")]


@pytest.mark.parametrize("name", ["<b>x</b>/y", "no-owner", "a/b/c", "../../etc", "x" * 200 + "/y"])
def test_what_is_no_id_is_left_out(loopback_hub: LoopbackHub, client: HubClient, name: str) -> None:
    put(loopback_hub, name)
    assert client.fetch_public_copies(GATED) == ()


def test_a_hub_that_fails_is_an_error_of_its_own(loopback_hub: LoopbackHub, client: HubClient) -> None:
    with pytest.raises(ModelNotFoundError):
        client.fetch_public_copies("no/such-model")
    loopback_hub.fault = Status(code=500)
    with pytest.raises(HubUnavailableError):
        client.fetch_public_copies(GATED)
