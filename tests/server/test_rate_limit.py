"""How many submissions: so many a minute for each user and each address, and no more memory than that takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS
from hypothesis import given
from hypothesis import strategies as st
from jupyter_server.auth import IdentityProvider, User

from budsim_widgets.server.rate_limit import WINDOW_SECONDS, RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.conftest import Answered

    Ask = Callable[..., Answered]

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
SUBMISSION = {"model_uri": GATED, "config": CONFIG}
KEYS = st.sampled_from("abc")
PAUSES = st.integers(0, 40 * 64).map(lambda ticks: ticks / 64)  # sums of these are exact
STEPS = st.lists(st.tuples(PAUSES, st.sets(KEYS, min_size=1)), max_size=60)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Jane(IdentityProvider):
    """Everybody is Jane."""

    def get_user(self, _handler: Any) -> User:
        return User("jane")


@given(st.integers(0, 5), STEPS)
def test_no_minute_has_more_than_its_share_and_whoever_waits_as_told_gets_in(
    per_minute: int, steps: list[tuple[float, set[str]]]
) -> None:
    clock = Clock()
    limit, taken = RateLimit(per_minute, clock), list[tuple[float, str]]()
    for pause, keys in steps:
        clock.now += pause
        wait = limit.seconds_to_wait(keys)
        recent = [key for time, key in taken if time > clock.now - WINDOW_SECONDS]
        has_room = all(recent.count(key) < per_minute for key in keys)
        assert (wait == 0) == has_room
        if wait == 0:
            taken += [(clock.now, key) for key in keys]
        elif per_minute:
            assert 1 <= wait <= WINDOW_SECONDS
            left = [key for time, key in taken if time > clock.now + wait - WINDOW_SECONDS]
            assert all(left.count(key) < per_minute for key in keys)


@given(st.integers(1, 3), st.lists(st.tuples(PAUSES, st.integers(0, 30)), max_size=200))
def test_memory_is_bounded_by_the_keys_and_forgets_the_quiet_ones(
    per_minute: int, steps: list[tuple[float, int]]
) -> None:
    clock = Clock()
    limit = RateLimit(per_minute, clock, most_keys=8)
    for pause, key in steps:
        clock.now += pause
        limit.seconds_to_wait([str(key)])
        assert len(limit._times) <= 8
        assert all(1 <= len(times) <= per_minute for times in limit._times.values())
        assert all(times[-1] > clock.now - WINDOW_SECONDS for times in limit._times.values())


def test_a_million_addresses_take_no_more_memory_than_ten_thousand() -> None:
    clock = Clock()
    limit = RateLimit(30, clock)
    for number in range(50_000):
        clock.now += 0.0001
        assert limit.seconds_to_wait([f"address {number}"]) == 0
    assert len(limit._times) == 10_000
    clock.now += WINDOW_SECONDS
    limit.seconds_to_wait([])
    assert not limit._times


def submissions(ask: Ask, count: int) -> list[Answered]:
    return [ask("models/config/submit", SUBMISSION) for _ in range(count)]


def test_the_thirty_first_submission_of_a_minute_is_told_when_to_come_back(ask: Ask) -> None:
    *taken, last = submissions(ask, 31)
    assert {answered.status for answered in taken} == {200}
    assert (last.status, last.json["error_code"]) == (429, "TOO_MANY_SUBMISSIONS")
    assert 1 <= int(last.headers["Retry-After"]) <= WINDOW_SECONDS
    assert last.json["details"]["retry_after_seconds"] == int(last.headers["Retry-After"])
    assert ask(f"models/config/check/{GATED}").status == 200
    assert ask("models/calculate", {"model_uri": GATED}).status == 200


@pytest.mark.parametrize("settings", [{"submissions_per_minute": 2}], ids=[""])
@pytest.mark.parametrize("body", ["", "[]", '{"model_uri": 1}', '{"model_uri": "a b", "config": {}}'])
def test_nonsense_counts_as_well(ask: Ask, body: str) -> None:
    asked = [ask("models/config/submit", body, method="POST").status for _ in range(3)]
    assert asked == [400, 400, 429]


@pytest.mark.parametrize("settings", [{"submissions_per_minute": 0}], ids=[""])
def test_none_at_all_where_the_setting_says_so(ask: Ask) -> None:
    assert submissions(ask, 1)[0].status == 429
    assert ask(f"models/config/check/{GATED}").json["has_config"] is False


@pytest.mark.parametrize("settings", [{"submissions_per_minute": 2}], ids=[""])
def test_whoever_may_not_submit_takes_nobodys_room(ask: Ask) -> None:
    for _ in range(3):
        assert ask("models/config/submit", SUBMISSION, headers={}).status == 403
    assert [answered.status for answered in submissions(ask, 3)] == [200, 200, 429]


@pytest.mark.parametrize("settings", [{"submissions_per_minute": 2}], ids=[""])
@pytest.mark.parametrize("server_settings", [{"identity_provider_class": Jane, "trust_xheaders": True}], ids=[""])
def test_a_user_is_counted_from_every_address(ask: Ask, http_server: Any) -> None:
    http_server.xheaders = True
    browser = {"Cookie": f"_xsrf={'ab' * 16}", "X-XSRFToken": "ab" * 16}
    sent = [browser | {"X-Forwarded-For": f"10.0.0.{number}"} for number in range(3)]
    asked = [ask("models/config/submit", SUBMISSION, headers=headers).status for headers in sent]
    assert asked == [200, 200, 429]


@pytest.mark.parametrize("settings", [{"submissions_per_minute": 2}], ids=[""])
def test_an_address_that_a_client_makes_up_is_not_believed(ask: Ask, jp_auth_header: dict[str, str]) -> None:
    sent = [jp_auth_header | {"X-Forwarded-For": f"10.0.0.{number}"} for number in range(3)]
    asked = [ask("models/config/submit", SUBMISSION, headers=headers).status for headers in sent]
    assert asked == [200, 200, 429]


def test_the_wait_is_never_more_than_a_minute_nor_less_than_a_second() -> None:
    clock = Clock()
    limit = RateLimit(1, clock)
    limit.seconds_to_wait("a")
    for clock.now in (0.0, 0.1, 30.5, 59.0, math.nextafter(WINDOW_SECONDS, 0)):
        assert 1 <= limit.seconds_to_wait("a") <= WINDOW_SECONDS
