"""The union of histories: the same whatever the order and however often, and nothing in it is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import reduce
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budsim_widgets.store.records.lineage import (
    MAX_DEPTH,
    MAX_EARLIER_VERSIONS,
    bounded,
    content_id,
    edits_of,
    heads,
    lineages,
    ordered,
    trusted,
    union,
)
from budsim_widgets.store.records.records import record_of, versions_of
from budsim_widgets.store.records.values import StoredConfig
from budsim_widgets.store.records.versions import submitted

if TYPE_CHECKING:
    from budsim_widgets.store.records.lineage import Edits
    from budsim_widgets.store.records.values import Versions

STEADY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""On a busy machine an example may take any time."""

MONDAY = datetime(2026, 1, 5, tzinfo=timezone.utc)


def version(number: int, *, hours: int = 0, author: str | None = None, place: int | None = None) -> StoredConfig:
    return StoredConfig(
        model_id="org/model",
        config={"hidden_size": number},
        submitted_at=MONDAY,
        updated_at=MONDAY + timedelta(hours=hours),
        version=1,
        source_format="json",
        is_verified=False,
        published_parameters=None,
        author=author,
        place=place,
    )


VERSIONS = st.builds(
    version,
    st.integers(0, 6),
    hours=st.integers(-9, 9),
    author=st.sampled_from([None, "jane", "bob"]),
    place=st.sampled_from([None, 1, 2, 3]),
)


@st.composite
def histories(draw: st.DrawFn, *, begun_by: Versions = ()) -> Versions:
    kept = begun_by
    for pasted in draw(st.lists(VERSIONS, min_size=0 if begun_by else 1, max_size=6)):
        kept = submitted(kept, pasted)
    return kept


@st.composite
def several(draw: st.DrawFn) -> list[Edits]:
    """What several people have, some of whom began with the same."""
    common = draw(histories())
    return [
        edits_of(draw(histories(begun_by=draw(st.sampled_from([(), common]))))) for _ in range(draw(st.integers(1, 4)))
    ]


def told(edits: Edits) -> dict[str, tuple[object, ...]]:
    return lineages(edits)


@STEADY
@given(several(), st.randoms())
def test_neither_order_nor_repetition_matters(people: list[Edits], order: object) -> None:
    together = reduce(union, people)
    order.shuffle(people)  # type: ignore[attr-defined]
    again = reduce(union, [*people, people[0]])
    assert told(again) == told(together)
    assert list(ordered(again)) == list(ordered(together))
    assert heads(again) == heads(together)
    assert told(union(together, together)) == told(together)


@STEADY
@given(several())
def test_nothing_is_lost(people: list[Edits]) -> None:
    together = reduce(union, people)
    assert together.keys() == {key for edits in people for key in edits}
    for edits in people:
        for key, edit in edits.items():
            assert edit.author is None or together[key].author is not None


@STEADY
@given(several())
def test_what_counts_is_something_that_nobody_replaced(people: list[Edits]) -> None:
    together = reduce(union, people)
    assert heads(together)[0] == next(iter(ordered(together)))


@STEADY
@given(histories())
def test_one_persons_own_history_has_one_head(history: Versions) -> None:
    assert heads(edits_of(history)) == (content_id(history[0].config),)


def test_two_edits_of_the_same_stand_beside_each_other_until_somebody_decides() -> None:
    begun = submitted((), version(0))
    jane, bob = submitted(begun, version(1, hours=-9)), submitted(begun, version(2, hours=9))
    together = union(edits_of(jane), edits_of(bob))
    assert len(heads(together)) == 2
    decided = submitted(tuple(ordered(together).values()), version(1))
    assert decided[0].config["hidden_size"] == 1
    assert len(heads(union(edits_of(decided), edits_of(bob)))) == 1


def test_the_one_that_came_first_into_the_repository_stays_in_front_whatever_the_clocks_say() -> None:
    first, later = version(1, hours=-9, place=1), version(2, hours=9, place=2)
    together = union(edits_of((first,)), edits_of((later,)))
    assert [edit.config["hidden_size"] for edit in ordered(together).values()] == [1, 2]


def test_going_back_leaves_the_name_of_who_made_it() -> None:
    history = submitted(submitted((version(1, author="jane"),), version(2, author="bob")), version(1))
    assert edits_of(history)[content_id({"hidden_size": 1})].author == "jane"


def test_a_stale_copy_is_no_edit_beside_what_was_made_from_it() -> None:
    begun = submitted((), version(0))
    later = submitted(submitted(submitted(begun, version(1)), version(0)), version(2))
    assert heads(union(edits_of(later), edits_of(begun))) == (content_id({"hidden_size": 2}),)


def test_as_many_are_kept_as_fit_and_those_that_nobody_replaced_first() -> None:
    long: Versions = ()
    for number in range(100, 130):
        long = submitted(long, version(number))
    other = edits_of(submitted((), version(1)))
    kept = bounded(union(edits_of(long), other))
    assert len(kept) == MAX_EARLIER_VERSIONS + 1
    assert content_id({"hidden_size": 1}) in kept
    assert next(iter(kept)) == content_id({"hidden_size": 129})


@pytest.mark.parametrize("author", ["<script>", "a b", "", "x" * 200, "\u202e"])
def test_names_that_no_account_has_are_no_authors(author: str) -> None:
    (one,) = trusted((version(1, author=author),))
    assert one.author is None


def test_odd_names_of_configs_and_far_places_are_not_believed() -> None:
    odd = replace(version(1, place=MAX_DEPTH + 1), made_from=("../../x", "0" * 16))
    (one,) = trusted((odd,))
    assert (one.place, one.made_from) == (None, ("0" * 16,))


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 2**62])
def test_a_depth_that_no_history_has_keeps_no_later_edit_from_counting(depth: int) -> None:
    """Two people in turn, each of whom takes over what the other made."""
    history: Versions = (replace(version(0), counter=depth, made_from=()),)
    for number in range(1, 6):
        history = submitted(tuple(ordered(edits_of(history)).values()), version(number))
        shared = edits_of(history)
        assert heads(shared) == (content_id({"hidden_size": number}),)
        assert all(one.counter is not None and one.counter <= MAX_DEPTH for one in shared.values())


@STEADY
@given(several())
def test_records_keep_every_lineage(people: list[Edits]) -> None:
    versions = tuple(bounded(reduce(union, people)).values())
    numbered = tuple(replace(one, version=len(versions) - place) for place, one in enumerate(versions))
    read = versions_of(record_of(numbered))
    assert [(one.counter, one.made_from) for one in read] == [(one.counter, one.made_from) for one in numbered]
    assert told(edits_of(read)) == told(edits_of(numbered))
