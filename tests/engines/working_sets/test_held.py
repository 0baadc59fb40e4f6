from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.engines.working_sets.held import Held, highest

FACTORS = st.integers(0, 50)
HELD = st.builds(
    Held,
    stream=FACTORS,
    block=FACTORS,
    square=FACTORS,
    mask=FACTORS,
    shared_mask=FACTORS,
    position=FACTORS,
    sequence=FACTORS,
    above=st.integers(0, 9),
    least_batch=st.integers(1, 2),
    padded=st.sampled_from([0, 4]),
    once=FACTORS,
)


def comes(held: Held, batch_size: int, seq_length: int) -> bool:
    return seq_length > held.above and batch_size >= held.least_batch


@given(moments=st.lists(HELD, min_size=1, max_size=6), batch_size=st.integers(1, 4), seq_length=st.integers(1, 40))
def test_what_is_left_out_is_never_the_highest(moments: list[Held], batch_size: int, seq_length: int) -> None:
    def peak(some: list[Held] | tuple[Held, ...]) -> int:
        sizes = (one.num_bytes(batch_size, seq_length) for one in some if comes(one, batch_size, seq_length))
        return max(sizes, default=0)

    assert peak(highest(moments)) == peak(moments)


@given(first=HELD, second=HELD, batch_size=st.integers(1, 4), seq_length=st.integers(1, 40))
def test_two_at_once_take_what_each_takes(first: Held, second: Held, batch_size: int, seq_length: int) -> None:
    both = first.plus(second).num_bytes(batch_size, seq_length)
    assert both == first.num_bytes(batch_size, seq_length) + second.num_bytes(batch_size, seq_length)


def test_ranks_share_a_block_and_its_scores_but_neither_stream_nor_masks() -> None:
    assert Held(block=8, square=4).num_bytes(1, 10, ranks=2) == 10 * 4 + 100 * 2
    assert Held(stream=8, mask=4).num_bytes(1, 10, ranks=2) == 10 * 8 + 100 * 4


def test_a_block_that_computes_in_chunks_is_filled_up() -> None:
    assert Held(block=1, stream=1, padded=64).num_bytes(2, 65) == 2 * 128 + 2 * 65
