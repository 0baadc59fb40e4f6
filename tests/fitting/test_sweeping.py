"""A sweep computes what a report does, for every engine and accelerator."""

from __future__ import annotations

from itertools import product

import pytest
from hub.repos import GEMMA_3_4B_IT, QWEN_2_5_7B
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.architectures import Architecture, build
from budsim_widgets.engines import VLLM, Engine, SGLang, Workload
from budsim_widgets.engines.registry import ENGINES
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting.grid import Cell, Grid
from budsim_widgets.fitting.placement import place
from budsim_widgets.fitting.sweeping import sweep_grid
from budsim_widgets.hardware import Accelerator, accelerators, find
from budsim_widgets.memory import measure
from budsim_widgets.memory.checking import build_checked

DEVICES = [find(name) for name in ("RTX 3060 12GB", "4090", "H100", "B200", "M3 Max 64GB")]
DEEPSEEK_LIKE = {
    "model_type": "mamba",
    "vocab_size": 50280,
    "hidden_size": 2560,
    "num_hidden_layers": 64,
    "state_size": 16,
    "intermediate_size": 5120,
}
SPARSE = {
    "model_type": "glm_moe_dsa",
    "num_hidden_layers": 78,
    "kv_lora_rank": 512,
    "qk_rope_head_dim": 64,
    "index_head_dim": 128,
    "hidden_size": 6144,
    "num_attention_heads": 64,
    "vocab_size": 154880,
}
MODELS = {
    "dense": QWEN_2_5_7B,
    "windows": GEMMA_3_4B_IT,
    "states": DEEPSEEK_LIKE,
    "estimated": {**QWEN_2_5_7B, "architectures": ["NewForCausalLM"]},
}


@pytest.fixture(params=MODELS)
def architecture(request: pytest.FixtureRequest) -> Architecture:
    return build_checked(MODELS[request.param])


def cell_of(architecture: Architecture, workload: Workload) -> Cell:
    """The same combination, by a report."""
    assert workload.accelerator is not None
    placed = place(architecture, workload, workload.accelerator)
    memory = placed.memory
    return Cell(
        num_devices=len(memory.per_device),
        verdict=placed.verdict,
        total_bytes=memory.total_bytes,
        weight_bytes=memory.weight_bytes,
        kv_cache_bytes=memory.kv_cache_bytes,
        state_bytes=memory.state_bytes,
        activation_bytes=memory.activation_bytes,
        overhead_bytes=memory.overhead_bytes,
        host_bytes=memory.host_bytes,
        free_bytes=placed.free_bytes,
        basis=memory.basis,
    )


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_cell_is_what_a_report_says(architecture: Architecture, engine: str, count: int) -> None:
    grid = Grid(
        accelerators=tuple((device, count) for device in DEVICES),
        kv_cache_precisions=("auto", "fp8"),
        seq_lengths=(512, 8192, 200_000),
        batch_sizes=(1, 7),
    )
    cells = sweep_grid(architecture, ENGINES[engine], "bf16", grid)
    assert len(cells) == len(grid) == 60
    combinations = product(grid.accelerators, grid.kv_cache_precisions, grid.seq_lengths, grid.batch_sizes)
    for cell, ((device, _), kv_cache_precision, seq_length, batch_size) in zip(cells, combinations, strict=True):
        try:
            workload = Workload(
                engine=ENGINES[engine],
                precision="bf16",
                kv_cache_precision=kv_cache_precision,
                seq_length=seq_length,
                batch_size=batch_size,
                accelerator=device,
                tensor_parallel=count,
            )
            expected = cell_of(architecture, workload)
        except WorkloadError as error:
            expected = Cell(error=str(error))
        assert cell == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_accelerators_that_an_engine_sees_alike_have_the_same_memory(engine: str) -> None:
    architecture = build(QWEN_2_5_7B)
    reports: dict[object, set[object]] = {}
    for device in accelerators():
        workload = Workload(engine=ENGINES[engine], accelerator=device, tensor_parallel=4, seq_length=50_000)
        memory = measure(architecture, workload)
        seen = ENGINES[engine].seen_of(device)
        reports.setdefault(seen, set()).add((memory.per_device, memory.total_bytes_range, memory.host_bytes))
    assert {len(different) for different in reports.values()} == {1}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", ["dense", "sparse latents"])
def test_accelerators_on_which_an_engine_holds_alike_have_the_same_weights_and_cache(engine: str, model: str) -> None:
    architecture = build(QWEN_2_5_7B if model == "dense" else SPARSE)
    shares: dict[object, set[object]] = {}
    for device in accelerators():
        precision = "auto" if engine in {"transformers", "llama.cpp"} else "fp8"
        memory = measure(
            architecture, Workload(engine=ENGINES[engine], accelerator=device, kv_cache_precision=precision)
        )
        held = (memory.weight_bytes, memory.kv_cache_bytes, memory.state_bytes)
        shares.setdefault(ENGINES[engine].held_by(device), set()).add(held)
    assert {len(different) for different in shares.values()} == {1}
    assert len({held for different in shares.values() for held in different}) == 1 + (
        engine in {"vllm", "sglang"} and model == "sparse latents"
    )


@given(
    engine=st.sampled_from([*ENGINES.values(), VLLM(version="0.7.3"), VLLM(max_num_seqs=8), SGLang()]),
    device=st.sampled_from(accelerators()),
    seq_length=st.integers(1, 300_000),
    batch_sizes=st.lists(st.integers(1, 4_096), min_size=2, max_size=4),
)
def test_a_sweep_of_any_batches_is_the_reports_of_each(
    engine: Engine, device: Accelerator, seq_length: int, batch_sizes: list[int]
) -> None:
    """Also where an engine finds what it keeps free once for all batches."""
    architecture = build_checked(QWEN_2_5_7B)
    grid = Grid(accelerators=((device, 1),), seq_lengths=(seq_length, 7), batch_sizes=tuple(batch_sizes))
    for cell, (length, batch_size) in zip(
        sweep_grid(architecture, engine, "bf16", grid), product(grid.seq_lengths, grid.batch_sizes), strict=True
    ):
        workload = Workload(
            engine=engine, precision="bf16", seq_length=length, batch_size=batch_size, accelerator=device
        )
        assert cell == cell_of(architecture, workload)


def test_without_an_accelerator_nothing_is_said_about_fitting(architecture: Architecture) -> None:
    (cell,) = sweep_grid(architecture, ENGINES["transformers"], "auto", Grid())
    assert (cell.verdict, cell.free_bytes, cell.error) == (None, None, None)
    assert cell.total_bytes == measure(architecture, Workload()).total_bytes


def test_the_numbers_of_a_workload_are_checked_when_they_change() -> None:
    assert Workload(precision="fp8").with_size(4096, 3) == Workload(precision="fp8", seq_length=4096, batch_size=3)
    with pytest.raises(WorkloadError, match="batch_size"):
        Workload().with_size(4096, 0)
