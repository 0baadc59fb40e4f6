"""What differs in a browser's own Python, as far as any Python shows it; tests/ui opens a real one."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from budsim_widgets import browser
from budsim_widgets.errors import HubUnavailableError
from budsim_widgets.hub import HubClient
from budsim_widgets.hub.errors import connection_errors
from budsim_widgets.hub.ids.model_ids import parse_model_id
from budsim_widgets.hub.transport import http_client

if TYPE_CHECKING:
    from hub.loopback import LoopbackHub


def test_this_is_none() -> None:
    assert not browser.IN_BROWSER


def test_only_there_a_warning_of_filelock_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> int:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            browser.expect_soft_locks()
            warnings.warn("only soft file lock is available", stacklevel=1)
            warnings.warn("another one", stacklevel=1)
        return len(caught)

    assert told() == 2
    monkeypatch.setattr(browser, "IN_BROWSER", True)
    assert told() == 1


def test_a_request_from_a_page_carries_no_header_of_the_clients_own(
    monkeypatch: pytest.MonkeyPatch, loopback_hub: LoopbackHub
) -> None:
    monkeypatch.setattr(http_client, "IN_BROWSER", True)
    session = http_client._session()
    assert HubClient().fetch_config(parse_model_id("Qwen/Qwen2.5-7B")).content
    assert loopback_hub.requests
    request = session.build_request("GET", loopback_hub.endpoint)
    for hook in session.event_hooks["request"]:
        hook(request)
    assert {name.lower() for name in request.headers} <= {
        *("accept", "accept-encoding", "connection", "host", "user-agent")  # a browser sends its own
    }
    session.close()
    http_client._plain_session.cache_clear()
    monkeypatch.setattr(http_client, "IN_BROWSER", False)
    assert http_client._session().event_hooks["request"]


def test_where_it_may_not_ask_the_sentence_names_both_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_errors, "IN_BROWSER", True)
    with pytest.raises(HubUnavailableError, match="there is no network, or this page may not ask it") as caught:
        HubClient(endpoint="http://127.0.0.1:9").fetch_config(parse_model_id("Qwen/Qwen2.5-7B"))
    assert "paste the model's config.json" in str(caught.value.next_step)
