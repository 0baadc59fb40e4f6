"""Merging what several people have of one model: the same bytes in whatever order, and nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import reduce
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budsim_widgets.errors import StoreError
from budsim_widgets.store.exchange.shared_file import placed, read_shared, shared_bytes, united
from budsim_widgets.store.records.lineage import MAX_EARLIER_VERSIONS, config_key, depth_of, with_lineage
from budsim_widgets.store.records.values import StoredConfig

if TYPE_CHECKING:
    from budsim_widgets.store.records.values import Versions

STEADY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""On a busy machine an example may take any time."""

MONDAY = datetime(2026, 1, 5, tzinfo=timezone.utc)
NOW = MONDAY + timedelta(days=100)


def version(day: int, config: int, *, model_id: str = "org/model", source_format: str = "json") -> StoredConfig:
    return StoredConfig(
        model_id=model_id,
        config={"hidden_size": config},
        submitted_at=MONDAY,
        updated_at=MONDAY + timedelta(days=day),
        version=day + 1,
        source_format=source_format,
        is_verified=True,
        published_parameters=7,
        contributor="jane",
    )


def newest_first(versions: list[StoredConfig]) -> Versions:
    return tuple(sorted(versions, key=lambda one: one.updated_at, reverse=True))


VERSIONS = st.builds(
    version,
    st.integers(0, 6),
    st.integers(0, 30),
    model_id=st.sampled_from(["org/model", "Org/Model"]),
    source_format=st.sampled_from(["json", "gguf"]),
)
HISTORIES = st.lists(VERSIONS, min_size=1, max_size=30).map(newest_first)


def merged(*histories: Versions) -> bytes:
    return shared_bytes([united(*histories, now=NOW)])


ALL_ARE_KEPT = HISTORIES.map(
    lambda versions: tuple(replace(one, config={"hidden_size": one.config["hidden_size"] % 21}) for one in versions)
)
"""No more different configs than are kept: which of more go depends on what was known when."""


@STEADY
@given(st.lists(ALL_ARE_KEPT, min_size=2, max_size=5), st.randoms())
def test_the_order_of_merging_makes_no_difference(histories: list[Versions], order: object) -> None:
    together = merged(*histories)
    order.shuffle(histories)  # type: ignore[attr-defined]
    one_by_one = reduce(lambda mine, theirs: united(mine, theirs, now=NOW), histories)
    assert merged(*histories) == together
    assert shared_bytes([united(one_by_one, now=NOW)]) == together


@STEADY
@given(HISTORIES)
def test_merging_again_changes_nothing(versions: Versions) -> None:
    once = united(versions, now=NOW)
    assert merged(once, versions) == shared_bytes([once])
    assert read_shared(shared_bytes([once]), name="x") == once


@STEADY
@given(st.lists(HISTORIES, min_size=1, max_size=3))
def test_every_config_is_there_the_deepest_first_as_far_as_history_goes(histories: list[Versions]) -> None:
    together = united(*histories, now=NOW)
    everything = {config_key(one.config): one for versions in histories for one in versions}
    assert len(together) == min(len(everything), MAX_EARLIER_VERSIONS + 1)
    assert [one.version for one in together] == list(range(len(together), 0, -1))
    counters = [depth_of(one) for one in together]
    assert counters == sorted(counters, reverse=True)
    assert counters[0] == max(depth_of(one) for versions in histories for one in with_lineage(versions))


@STEADY
@given(st.lists(HISTORIES, min_size=1, max_size=3), st.integers(-50, 50))
def test_clocks_decide_nothing_once_edits_are_in_a_repository(histories: list[Versions], hours: int) -> None:
    there = placed(united(*histories, now=NOW))
    elsewhere = tuple(replace(one, updated_at=one.updated_at + timedelta(hours=hours * one.version)) for one in there)
    assert [one.config for one in united(elsewhere, now=NOW)] == [one.config for one in there]


@STEADY
@given(HISTORIES, HISTORIES)
def test_places_stay_and_new_ones_come_after_them(first: Versions, second: Versions) -> None:
    there = placed(united(first, now=NOW))
    later = placed(united(there, second, now=NOW))
    places = {config_key(one.config): one.place for one in later}
    assert len(set(places.values())) == len(places)
    assert None not in places.values()
    for one in there:
        assert places.get(config_key(one.config), one.place) == one.place


def test_what_concerns_one_store_only_is_left_out() -> None:
    (one,) = united((version(0, 1),), now=NOW)
    assert (one.is_verified, one.published_parameters, one.contributor) == (False, None, None)


def test_odd_names_of_formats_are_not_passed_on() -> None:
    (one,) = united((version(0, 1, source_format="<b>json"),), now=NOW)
    assert one.source_format == "json"


def test_the_future_counts_as_now() -> None:
    (one,) = united((version(500, 1),), now=NOW)
    assert one.updated_at == NOW


@pytest.mark.parametrize("number", [0, 2])
def test_a_shared_file_holds_one_model(number: int) -> None:
    content = shared_bytes([(version(0, 1, model_id=f"org/model-{place}"),) for place in range(number)])
    with pytest.raises(StoreError, match="doesn't hold the configs of one model"):
        read_shared(content, name="configs/x.json")
