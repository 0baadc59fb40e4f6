from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.store.records.lineage import MAX_EARLIER_VERSIONS, config_key, depth_of, edits_of, heads
from budsim_widgets.store.records.records import record_of, versions_of
from budsim_widgets.store.records.values import StoredConfig, Versions
from budsim_widgets.store.records.versions import merged, not_after, submitted

MONDAY = datetime(2026, 7, 27, tzinfo=timezone.utc)


def pasted(day: int, size: int, version: int = 1) -> StoredConfig:
    return StoredConfig(
        model_id="org/model",
        config={"hidden_size": size},
        submitted_at=MONDAY,
        updated_at=MONDAY + timedelta(days=day),
        version=version,
        source_format="json",
        is_verified=False,
        published_parameters=None,
    )


def told(versions: Versions) -> list[tuple[int, int]]:
    return [(version.version, version.config["hidden_size"]) for version in versions]


@st.composite
def histories(draw: st.DrawFn) -> Versions:
    days = sorted(draw(st.lists(st.integers(0, 50), min_size=1, max_size=8)))
    kept: Versions | None = None
    for day in days:
        kept = submitted(kept, pasted(day, draw(st.integers(0, 5))))
    assert kept is not None
    return kept


def test_an_older_import_becomes_history_in_order_of_time() -> None:
    wednesday = (pasted(2, 22, version=2), pasted(0, 20, version=1))
    result = merged(wednesday, (pasted(1, 21),))
    assert result is not None
    assert told(result) == [(3, 22), (2, 21), (1, 20)]


def test_a_newer_import_counts_and_what_was_kept_becomes_history() -> None:
    result = merged((pasted(0, 20),), (pasted(1, 21),))
    assert result is not None
    assert told(result) == [(2, 21), (1, 20)]


def test_going_back_to_a_known_config_elsewhere_is_news() -> None:
    kept = (pasted(2, 21, version=2), pasted(0, 20))
    result = merged(kept, submitted(kept, pasted(3, 20)))
    assert result is not None
    assert told(result) == [(3, 20), (2, 21)]


def test_a_config_that_was_left_behind_here_is_no_news_whatever_its_time() -> None:
    assert merged((pasted(2, 21, version=2), pasted(0, 20)), (pasted(3, 20),)) is None


def test_what_both_agree_on_stays_in_front_of_what_only_one_remembers() -> None:
    result = merged((pasted(0, 20),), (pasted(5, 20, version=2), pasted(3, 21)))
    assert result is not None
    assert told(result) == [(2, 20), (1, 21)]


@given(histories())
def test_an_import_of_the_same_brings_nothing_new(kept: Versions) -> None:
    assert merged(kept, kept) is None


@given(histories(), histories())
def test_a_merge_loses_no_config_and_the_deepest_counts(kept: Versions, imported: Versions) -> None:
    result = merged(kept, imported) or kept
    assert {config_key(one.config) for one in result} == {config_key(one.config) for one in (*kept, *imported)}
    if kept[0].counter != imported[0].counter:
        deeper = max(kept[0], imported[0], key=depth_of)
        assert result[0].config == deeper.config
    assert result[0].submitted_at == min(kept[0].submitted_at, imported[0].submitted_at)


@given(histories(), histories())
def test_who_edits_after_a_merge_decides(kept: Versions, imported: Versions) -> None:
    both = merged(kept, imported) or kept
    decided = edits_of(submitted(both, pasted(60, 99)))
    assert [decided[key].config for key in heads(decided)] == [{"hidden_size": 99}]
    again = edits_of(submitted(both, both[0]))
    assert [again[key].config for key in heads(again)] == [both[0].config]


@given(histories(), histories())
def test_a_second_merge_of_the_same_changes_nothing(kept: Versions, imported: Versions) -> None:
    once = merged(kept, imported) or kept
    assert merged(once, imported) is None


@given(histories(), histories())
def test_later_versions_have_higher_numbers(kept: Versions, imported: Versions) -> None:
    numbers = [one.version for one in merged(kept, imported) or kept]
    assert numbers == sorted(set(numbers), reverse=True)
    assert numbers[-1] >= 1


@given(histories())
def test_records_keep_versions_as_they_are(kept: Versions) -> None:
    assert versions_of(record_of(kept)) == kept


@given(st.integers(0, 60), st.integers(0, 60))
def test_times_of_the_future_are_cut_to_now(day: int, today: int) -> None:
    now = MONDAY + timedelta(days=today)
    (version,) = not_after((pasted(day, 1),), now)
    assert version.updated_at == min(MONDAY + timedelta(days=day), now)


def test_merging_long_histories_keeps_the_latest_and_what_nobody_replaced() -> None:
    kept = tuple(pasted(day, day, version=day + 1) for day in range(20, -1, -1))
    imported = tuple(pasted(day, day, version=day + 1) for day in range(50, 29, -1))
    result = merged(kept, imported)
    assert result is not None
    assert [one.config["hidden_size"] for one in result] == [*range(50, 30, -1), 20]
    assert len(result) == MAX_EARLIER_VERSIONS + 1
