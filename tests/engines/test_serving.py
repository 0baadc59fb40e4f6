"""What the memory left for a cache serves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from memory.configs import released

from budsim_widgets.engines import Transformers, Workload
from budsim_widgets.engines.serving import requests_in_room, served_at_once

ROOM = st.integers(-(2**40), 2**40)


@given(room=ROOM, seq_length=st.integers(1, 100_000))
def test_no_more_requests_than_their_caches_take(room: int, seq_length: int) -> None:
    workload = Workload(seq_length=seq_length)
    requests = requests_in_room(Transformers(), released("llama"), workload, "bf16", [room])
    assert requests is not None
    assert requests * 131_072 * seq_length <= max(0, room) * (1 + 1e-9)
    served = served_at_once(Transformers(), released("llama"), workload, "bf16", [room])
    assert served.cache_tokens in (max(0, room) // 131_072, max(0, room) // 131_072 - 1)


def test_the_device_with_the_least_room_decides() -> None:
    workload = Workload(tensor_parallel=2)
    assert requests_in_room(Transformers(), released("llama"), workload, "bf16", [2**30, 2**27]) == 1.0
