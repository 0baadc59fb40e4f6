from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory.configs import released

from budsim_widgets.architectures import build
from budsim_widgets.engines import LlamaCpp, Workload
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting.options import changed
from budsim_widgets.fitting.placement import place
from budsim_widgets.fitting.what_fits import fit
from budsim_widgets.hardware import find
from budsim_widgets.memory import measure

MIB = 2**20
QWEN3_4B = build(
    {
        "model_type": "qwen3",
        "hidden_size": 2560,
        "intermediate_size": 9728,
        "num_hidden_layers": 36,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "vocab_size": 151936,
        "tie_word_embeddings": True,
        "dtype": "bfloat16",
    }
)


def run(architecture: Any = QWEN3_4B, *, precision: str = "Q4_K_M", seq_length: int = 4096, **settings: Any) -> Any:
    workload = Workload(engine=LlamaCpp(**settings), precision=precision, seq_length=seq_length)
    return measure(architecture, workload)


def test_a_tied_embedding_lies_on_the_card_and_in_ram() -> None:
    """As a load log of Qwen3-4B prints it: 2375.91 MiB on the card, 304.28 beside it."""
    report = run()
    assert round(report.weight_bytes / MIB, 2) == 2375.91
    assert round(report.host_bytes / MIB, 2) == 304.28
    assert report.file_bytes == report.weight_bytes
    assert report.basis == "exact"


def test_layers_that_are_not_offloaded_keep_their_cache_in_ram() -> None:
    """26 of 37 layers: 25 of the model and the output; 400 MiB of cache on the card, 176 beside it."""
    report = run(gpu_layers=26)
    assert report.kv_cache_bytes == 400 * MIB
    everything = run(offload_kv=False)
    assert everything.kv_cache_bytes == 0
    assert everything.host_bytes - run().host_bytes == 576 * MIB


def test_no_layer_on_a_card_leaves_nothing_there_but_the_process() -> None:
    report = run(gpu_layers=0)
    assert report.weight_bytes == report.kv_cache_bytes == 0
    assert report.host_bytes == report.file_bytes + 576 * MIB


@given(st.integers(0, 37))
def test_a_layer_moved_to_the_card_leaves_the_ram(gpu_layers: int) -> None:
    report = run(gpu_layers=gpu_layers)
    copies = 304.28 if gpu_layers else 0
    assert (report.weight_bytes + report.kv_cache_bytes + report.host_bytes) / MIB == pytest.approx(
        report.file_bytes / MIB + 576 + copies, abs=0.01
    )


def test_experts_of_the_first_layers_stay_in_ram() -> None:
    mixtral = released("mixtral")
    some, everything = run(mixtral, cpu_moe_layers=8), run(mixtral)
    assert some.kv_cache_bytes == everything.kv_cache_bytes
    moved = everything.weight_bytes - some.weight_bytes
    assert some.host_bytes - everything.host_bytes == moved
    assert moved > everything.weight_bytes // 5
    assert run(mixtral, cpu_moe_layers=32).weight_bytes < everything.weight_bytes // 20


def test_several_devices_take_whole_layers_in_their_order() -> None:
    workload = Workload(engine="llama.cpp", precision="Q4_K_M", seq_length=4096, tensor_parallel=2)
    report = measure(QWEN3_4B, workload)
    assert [device.kv_cache_bytes // (16 * MIB) for device in report.per_device] == [19, 17]
    assert report.weight_bytes == run().weight_bytes
    assert report.basis == "exact"


def test_a_model_that_llama_cpp_does_not_run_is_refused() -> None:
    with pytest.raises(WorkloadError, match="isn't known to run") as refused:
        run(build({"model_type": "reformer", "vocab_size": 320, "hidden_size": 256, "num_attention_heads": 2}))
    assert refused.value.field == "engine"


@pytest.mark.parametrize("name", ["q4_k_m", "Q4_K_M", " Q4_k_m ", "Q4_K"])
def test_file_types_are_known_in_any_case(name: str) -> None:
    assert Workload(engine="llama.cpp", precision=name).precision == "Q4_K_M"


def test_an_unknown_file_type_is_refused_with_the_nearest() -> None:
    with pytest.raises(WorkloadError) as refused:
        Workload(engine="llama.cpp", precision="Q4_K_X")
    assert "Q4_K_S" in str(refused.value.next_step) or "Q4_K_M" in str(refused.value.next_step)


def test_a_file_type_is_refused_by_an_engine_that_runs_none() -> None:
    with pytest.raises(WorkloadError) as refused:
        Workload(engine="vllm", precision="Q4_K_M")
    assert "fp8" in str(refused.value.next_step)


@pytest.mark.parametrize("spelling", ["llama.cpp", "llama_cpp", "LlamaCpp", "llama-server"])
def test_the_engine_is_known_by_the_names_that_people_give_it(spelling: str) -> None:
    assert Workload(engine=spelling).engine == LlamaCpp()


def test_fit_solves_for_the_layers_on_the_card_and_the_experts_in_ram() -> None:
    card = find("RTX 3060 12GB")
    workload = Workload(engine="llama.cpp", precision="Q4_K_M", seq_length=8192)
    report = fit(released("mixtral"), workload, card)
    assert report.verdict == "does_not_fit"
    changes = {name: value for option in report.options for name, value in option.changes.items()}
    for name, value, worse in (
        ("gpu_layers", report.gpu_layers, 1),
        ("cpu_moe_layers", changes["cpu_moe_layers"], -1),
    ):
        assert value
        fitting = place(released("mixtral"), changed(workload, {name: value}), card)
        assert fitting.free_bytes >= 0
        if name == "gpu_layers":
            assert place(released("mixtral"), changed(workload, {name: value + worse}), card).free_bytes < 0
    assert all(option.verdict != "does_not_fit" for option in report.options if "gpu_layers" in option.changes)


def test_fit_on_a_card_that_holds_everything_offers_no_layers_in_ram() -> None:
    report = fit(QWEN3_4B, Workload(engine="llama.cpp", precision="Q4_K_M"), find("RTX 4090"))
    assert report.gpu_layers == 37
    assert not any("gpu_layers" in option.changes for option in report.options)
    assert report.launch_command is not None


def test_ollama_is_llama_cpp_with_defaults_of_its_own() -> None:
    defaults = LlamaCpp.ollama_defaults("RTX 4090")
    assert defaults["seq_length"] == 32_768
    assert defaults["engine"] == Workload(engine="Ollama").engine == LlamaCpp(kv_unified=False)
    report = measure(QWEN3_4B, Workload(**defaults))
    assert round(report.weight_bytes / MIB, 2) == 2375.91
    assert report.kv_cache_bytes == 4608 * MIB
    assert LlamaCpp.ollama_defaults()["seq_length"] == 4096
