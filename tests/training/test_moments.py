"""The moments of a step beside what real steps of small models hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.architectures import build
from budsim_widgets.training.moments import step_of
from budsim_widgets.training.settings import TrainingSettings
from training.configs import llama_8b
from training.measured import Row, measured_peak, name_of, rows, step_of_row

LLAMA = llama_8b()
SCANS = {"granitemoehybrid", "mamba2"}
"""Layers with a scan in fp32, whose gradients on their way are not described one by one."""


@pytest.mark.parametrize("row", rows(), ids=name_of)
def test_a_step_holds_what_was_measured(row: Row) -> None:
    step = step_of_row(row)
    between = step.states.weight_bytes + step.states.optimizer_bytes
    assert step.states.num_trainable_parameters == row["trainable"]
    assert between == pytest.approx(row["between_steps"], rel=0.001)
    assert step.after_forward.total_bytes == pytest.approx(row["after_forward"], rel=0.05)
    allowed = 0.06 if row["model_type"] in SCANS else 0.03
    assert step.peak.total_bytes == pytest.approx(measured_peak(row), rel=allowed)


def test_most_runs_are_within_a_thousandth() -> None:
    steps = [(row, step_of_row(row)) for row in rows()]
    after = sorted(abs(step.after_forward.total_bytes / row["after_forward"] - 1) for row, step in steps)
    assert after[len(after) * 9 // 10] < 0.015
    errors = sorted(abs(step.peak.total_bytes / measured_peak(row) - 1) for row, step in steps)
    assert errors[len(errors) // 2] < 0.001
    assert errors[len(errors) * 9 // 10] < 0.015


def test_every_kind_of_layer_is_measured_both_ways() -> None:
    measured = {(row["model_type"], row["method"], row["checkpointing"]) for row in rows()}
    families = {model_type for model_type, _, again in measured if again}
    assert len(families) >= 12
    assert len({model_type for model_type, _, _ in measured}) >= 29
    assert all(
        (name, method, again) in measured for name in families for method in ("full", "lora") for again in (True, False)
    )


def test_lora_on_all_linear_layers_keeps_more_than_full_fine_tuning() -> None:
    """Each fp32 adapter makes a copy of its input: 28h + 8q + 4k + 10i against 16h + 4q + 4k + 8i bytes."""
    kept = {
        method: step_of(LLAMA, TrainingSettings(method=method, gradient_checkpointing=False)).after_forward
        for method in ("full", "lora")
    }
    assert kept["lora"].activation_bytes > kept["full"].activation_bytes


def test_checkpointing_keeps_two_bytes_a_number_of_each_layers_input() -> None:
    step = step_of(LLAMA, TrainingSettings(seq_length=4096))
    assert step.after_forward.activation_bytes == pytest.approx(4096 * 2 * 4096 * 32, rel=0.07)  # and the last norm


def test_an_offloaded_checkpoint_keeps_nothing_on_the_device() -> None:
    kept, moved = (
        step_of(LLAMA, TrainingSettings(gradient_checkpointing=how)).after_forward.activation_bytes
        for how in (True, "offload")
    )
    assert kept - moved == 2048 * 2 * 4096 * 32


@pytest.mark.parametrize(("loss", "less_than"), [("chunked", "whole"), ("fused", "chunked")])
def test_a_loss_in_parts_holds_less(loss: str, less_than: str) -> None:
    part, whole = (
        step_of(LLAMA, TrainingSettings(seq_length=8192, loss=how)).peak.total_bytes for how in (loss, less_than)
    )
    assert part < whole


def test_the_whole_loss_takes_fourteen_bytes_a_token_and_row() -> None:
    step = step_of(LLAMA, TrainingSettings(seq_length=8192))
    loss = next(moment for moment in step.moments if moment.name == "loss")
    assert loss.loss_bytes == 14 * 128256 * 8192


def test_gradients_of_earlier_batches_stand_in_the_forward_pass() -> None:
    at_once, accumulated = (
        step_of(LLAMA, TrainingSettings(method="full", gradient_accumulation=count)).after_forward for count in (1, 8)
    )
    assert at_once.gradient_bytes == 0
    assert accumulated.gradient_bytes == 2 * 8_030_261_248


@given(
    st.fixed_dictionaries(
        {
            "method": st.sampled_from(["full", "lora", "qlora"]),
            "gradient_checkpointing": st.booleans(),
            "tool": st.sampled_from(["peft", "unsloth", "torchtune", "litgpt", "deepspeed"]),
            "attention": st.sampled_from(["sdpa", "eager", "flash"]),
            "batch_size": st.integers(1, 8),
        }
    ),
    st.integers(64, 8192),
)
def test_longer_sequences_never_hold_less(settings: dict[str, Any], length: int) -> None:
    shorter, longer = (
        step_of(LLAMA, TrainingSettings(**settings, seq_length=tokens)).peak.total_bytes
        for tokens in (length, length + 64)
    )
    assert shorter <= longer


@pytest.mark.parametrize(("checkpointing", "gib"), [(False, 60.0), (True, 24.9)])
def test_torchtunes_packed_3b_is_near_what_was_published(gib: float, *, checkpointing: bool) -> None:
    """Llama 3.2 3B, 2 x 4,096 tokens, full fine-tuning in bf16 with a chunked loss, as torchtune published it."""
    config = {
        "model_type": "llama",
        "vocab_size": 128256,
        "hidden_size": 3072,
        "intermediate_size": 8192,
        "num_hidden_layers": 28,
        "num_attention_heads": 24,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "tie_word_embeddings": True,
    }
    settings = TrainingSettings(
        method="full", tool="torchtune", batch_size=2, seq_length=4096, gradient_checkpointing=checkpointing
    )
    assert step_of(build(config), settings).peak.total_bytes == pytest.approx(gib * 2**30, rel=0.15)
