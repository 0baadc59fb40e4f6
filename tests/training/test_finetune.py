"""The report: its parts, its moments, whether it fits, and what would help."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.hardware import Accelerator, find_accelerator
from budsim_widgets.training import TrainingSettings, finetune
from budsim_widgets.training.measuring import measure_training
from budsim_widgets.units import GIB
from training.configs import llama_8b

LLAMA = llama_8b(max_position_embeddings=131072)
RTX_4090 = find_accelerator("RTX 4090")[0]
H100 = find_accelerator("H100 80GB")[0]


def test_the_total_is_the_moment_that_holds_most() -> None:
    report = finetune(LLAMA, TrainingSettings(method="full"))
    assert report.total_bytes == max(moment.total_bytes for moment in report.moments)
    assert [moment.name for moment in report.moments] == ["load", "forward", "loss", "backward", "step"]
    assert report.per_device[0].total_bytes == report.total_bytes
    low, high = report.total_bytes_range
    assert low < report.total_bytes < high


def test_states_of_a_full_fine_tuning_in_bf16_take_eight_bytes_a_parameter() -> None:
    report = finetune(LLAMA, TrainingSettings(method="full"))
    states = report.weight_bytes + report.gradient_bytes + report.optimizer_bytes
    assert states == pytest.approx(8 * 8_030_261_248, rel=1e-6)
    assert report.num_trainable_parameters == 8_030_261_248
    assert report.basis_of["optimizer"] == "exact"
    assert report.basis_of["activations"] == "estimate"


@pytest.mark.parametrize(("method", "verdict"), [("full", "does_not_fit"), ("lora", "fits"), ("qlora", "fits")])
def test_a_24_gb_card_takes_adapters_of_an_8b_but_not_all_of_it(method: str, verdict: str) -> None:
    assert finetune(LLAMA, TrainingSettings(method=method), RTX_4090).verdict == verdict


def test_the_longest_sequence_and_the_largest_batch_are_the_last_that_fit() -> None:
    report = finetune(LLAMA, TrainingSettings(method="qlora"), RTX_4090)
    longest, largest = report.max_seq_length, report.max_batch_size
    assert longest is not None
    assert largest is not None
    for settings, does in (
        ({"seq_length": longest}, True),
        ({"seq_length": longest + 1}, False),
        ({"batch_size": largest}, True),
        ({"batch_size": largest + 1}, False),
    ):
        total = measure_training(LLAMA, TrainingSettings(method="qlora", **settings)).total_bytes
        assert (total <= RTX_4090.usable_bytes) is does


def test_options_are_measured_and_the_best_come_first() -> None:
    report = finetune(LLAMA, TrainingSettings(method="full", gradient_checkpointing=False), RTX_4090)
    assert {"method", "gradient_checkpointing", "optimizer", "loss", "num_devices"} <= {
        name for option in report.options for name in option.changes
    }
    verdicts = [option.verdict for option in report.options]
    assert verdicts == sorted(verdicts, key=["fits", "tight", "does_not_fit"].index)
    for option in report.options:
        changed = TrainingSettings.of(**{**report.workload.to_dict(), **option.changes})
        after = measure_training(LLAMA, changed).total_bytes
        assert report.total_bytes - after == option.saved_bytes > 0
    assert report.recommendations[0].startswith("It fits with")


def test_of_what_fits_the_cheapest_change_stands_first_and_more_devices_last() -> None:
    large = Accelerator(name="large", memory_gib=200)
    report = finetune(LLAMA, TrainingSettings(method="full", batch_size=2, gradient_checkpointing=False), large)
    assert [option.verdict for option in report.options] == ["fits"] * len(report.options)
    assert [next(iter(option.changes.items())) for option in report.options] == [
        ("loss", "fused"),
        ("batch_size", 1),
        ("gradient_checkpointing", True),
        ("optimizer", "adamw-8bit"),
        ("method", "lora"),
        ("method", "qlora"),
        ("seq_length", 1024),
        ("offload_optimizer", True),
        ("num_devices", 2),
    ]


def test_a_checkpoint_in_the_computers_memory_costs_more_than_fewer_bits() -> None:
    report = finetune(LLAMA, TrainingSettings(batch_size=8), Accelerator(name="much", memory_gib=200))
    changes = [option.changes for option in report.options]
    assert changes.index({"gradient_checkpointing": "offload"}) > changes.index({"method": "qlora"})


def test_where_no_single_change_is_enough_several_are_taken_together() -> None:
    small = Accelerator(name="small", memory_gib=8.5)
    report = finetune(LLAMA, TrainingSettings(seq_length=8192), small)
    together = [option for option in report.options if len(option.changes) > 1 and "num_devices" not in option.changes]
    assert any(option.verdict != "does_not_fit" for option in together)


def test_a_step_on_more_devices_takes_less_of_each() -> None:
    alone, shared = (
        finetune(LLAMA, TrainingSettings(method="full", num_devices=count, sharding="fsdp")) for count in (1, 8)
    )
    assert len(shared.per_device) == 8
    assert shared.total_bytes < alone.total_bytes / 3


def test_preference_training_reads_two_answers_and_holds_a_reference() -> None:
    sft, dpo = (finetune(LLAMA, TrainingSettings(method="full", tool="trl", trainer=name)) for name in ("sft", "dpo"))
    assert dpo.weight_bytes == 2 * sft.weight_bytes
    assert dpo.loss_bytes == 2 * sft.loss_bytes
    with_adapters = finetune(LLAMA, TrainingSettings(tool="trl", trainer="dpo"))
    assert with_adapters.weight_bytes == finetune(LLAMA, TrainingSettings(tool="trl")).weight_bytes


def test_grpo_holds_the_cache_of_its_answers() -> None:
    report = finetune(LLAMA, TrainingSettings(tool="trl", trainer="grpo", batch_size=8))
    generate = next(moment for moment in report.moments if moment.name == "generate")
    assert generate.activation_bytes == LLAMA.cache(8, 2048).kv_cache_bytes


def test_a_report_shows_itself_and_is_plain_json() -> None:
    report = finetune(LLAMA, TrainingSettings(), RTX_4090, model_id="org/<b>model")
    shown, page = repr(report), report._repr_html_()
    assert "LoRA takes" in shown
    assert "Longest sequence" in shown
    assert "budsim-verdict" in page
    assert "<b>model" not in page
    made = json.loads(json.dumps(report.to_dict()))
    assert made["fit"]["verdict"] == "fits"
    assert made["workload"]["method"] == "lora"


def test_moments_are_a_frame() -> None:
    frame = finetune(LLAMA, TrainingSettings()).to_frame()
    assert list(frame.index) == ["load", "forward", "loss", "backward", "step"]
    assert frame.loc["loss", "loss_bytes"] == 14 * 128256 * 2048


def test_a_length_beyond_the_models_own_is_said() -> None:
    notes = finetune(llama_8b(max_position_embeddings=4096), TrainingSettings(seq_length=8192)).notes
    assert any("4,096" in note for note in notes)


@given(
    st.fixed_dictionaries(
        {
            "method": st.sampled_from(["full", "lora", "qlora"]),
            "optimizer": st.sampled_from(["adamw", "adamw-8bit", "adafactor", "lion", "muon", "galore", "sgd"]),
            "tool": st.sampled_from(
                ["peft", "trl", "unsloth", "axolotl", "llamafactory", "torchtune", "litgpt", "deepspeed"]
            ),
            "sharding": st.sampled_from([None, "zero1", "zero2", "zero3", "fsdp"]),
            "num_devices": st.integers(1, 8),
            "batch_size": st.integers(1, 64),
            "seq_length": st.integers(1, 100_000),
        }
    )
)
def test_whatever_is_asked_the_parts_are_whole_and_the_range_holds_the_total(settings: dict[str, Any]) -> None:
    report = finetune(LLAMA, TrainingSettings(**settings), H100)
    assert report.total_bytes > GIB
    assert all(value >= 0 for moment in report.moments for value in moment.to_dict().values() if isinstance(value, int))
    low, high = report.total_bytes_range
    assert low <= report.total_bytes <= high
