from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.engines.llama_cpp.cells import Context


@given(
    sequences=st.integers(1, 64),
    length=st.integers(1, 300_000),
    window=st.integers(1, 10_000),
    unified=st.booleans(),
    ubatch=st.integers(1, 4096),
)
def test_cells_come_in_whole_multiples_and_hold_every_token(
    *, sequences: int, length: int, window: int, unified: bool, ubatch: int
) -> None:
    context = Context.of(sequences, length, ubatch_size=ubatch, unified=unified, swa_full=False, cache_type="F16")
    assert context.cells % 256 == 0
    assert context.cells * context.streams >= sequences * length
    assert context.cells_in_window(window) <= context.cells
