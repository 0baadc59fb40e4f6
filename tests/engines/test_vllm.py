from __future__ import annotations

from memory.configs import released

from budsim_widgets.engines import Workload, engine_of


def test_the_same_is_reserved_for_every_workload() -> None:
    llama, vllm = released("llama"), engine_of("vllm")
    lengths = (1, 2048, 10**6)
    reserved = {vllm.activations(llama, Workload(engine=vllm, seq_length=n), "bf16").num_bytes for n in lengths}
    assert len(reserved) == 1
