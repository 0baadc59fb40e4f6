from __future__ import annotations

import pytest
from memory.configs import released

from budsim_widgets.engines import Workload
from budsim_widgets.engines.llama_cpp.backends import backend_of, backend_overhead
from budsim_widgets.fitting import fit
from budsim_widgets.hardware import find
from budsim_widgets.memory import measure

MIB = 2**20


@pytest.mark.parametrize(
    ("backend", "unaccounted_mib"),
    [
        ("cuda", [309, 451, 456, 457]),
        ("rocm", [253, 254, 313]),
        ("metal", [0, 0, 0, 933]),
        ("vulkan", [450, 728, 1103, 1221, 1241]),
    ],
)
def test_what_public_logs_print_as_unaccounted_lies_in_the_range(backend: str, unaccounted_mib: list[int]) -> None:
    estimate = backend_overhead(backend)
    assert estimate.least_bytes <= estimate.num_bytes <= estimate.most_bytes
    for mib in unaccounted_mib:
        assert estimate.least_bytes <= mib * MIB <= estimate.most_bytes


@pytest.mark.parametrize(
    ("accelerator", "backend"),
    [("RTX 4090", "cuda"), ("RX 7900 XTX", "rocm"), ("M3 Max 64GB", "metal"), ("Arc B580", "vulkan")],
)
def test_the_maker_of_a_card_tells_what_computes_there(accelerator: str, backend: str) -> None:
    card = find(accelerator)
    assert backend_of(card) == backend
    workload = Workload(engine="llama.cpp", precision="Q4_K_M", accelerator=card)
    report = measure(released("llama"), workload)
    assert report.overhead_bytes == backend_overhead(backend).num_bytes
    assert any("few public logs" in note for note in report.notes) == (backend != "cuda")
    assert fit(released("llama"), workload, card).memory.overhead_bytes == report.overhead_bytes
