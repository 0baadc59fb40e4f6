"""Weights, gradients and optimizer states: the sums that their sources give."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.architectures import build
from budsim_widgets.errors import WorkloadError
from budsim_widgets.training.moments import step_of
from budsim_widgets.training.names import OPTIMIZERS, SHARDINGS
from budsim_widgets.training.settings import TrainingSettings
from budsim_widgets.training.states import states_of
from training.configs import LLAMA_8B, llama_8b

LLAMA = llama_8b()
PARAMETERS = 8_030_261_248
STEPS = 291 * 4
"""One fp32 number a tensor."""
BERT = {
    "model_type": "bert",
    "architectures": ["BertForMaskedLM"],
    "vocab_size": 30522,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
}


@pytest.mark.parametrize(
    ("settings", "weights", "gradients", "optimizer"),
    [
        # ml-engineering: pure bf16 8 bytes a parameter, fp32 16; DeepSpeed's bf16 engine 2 + 6 + 12.
        ({}, 2, 2, 4),
        ({"precision": "fp32"}, 4, 4, 8),
        ({"precision": "bf16-mixed"}, 4, 4, 8),
        ({"tool": "deepspeed"}, 2, 6, 12),
        ({"optimizer": "sgd"}, 2, 2, 0),
        ({"optimizer": "sgd-momentum"}, 2, 2, 2),
        ({"optimizer": "lion"}, 2, 2, 2),
        ({"optimizer": "paged-adamw"}, 2, 2, 8),
    ],
)
def test_a_parameter_takes_as_many_bytes_as_the_sources_say(
    settings: dict[str, Any], weights: int, gradients: int, optimizer: int
) -> None:
    states = states_of(LLAMA, TrainingSettings(method="full", **settings))
    assert states.num_trainable_parameters == PARAMETERS
    assert states.weight_bytes == weights * PARAMETERS
    assert states.gradient_bytes == gradients * PARAMETERS
    assert 0 <= states.optimizer_bytes - optimizer * PARAMETERS <= STEPS


def test_eight_bit_adam_takes_two_bytes_and_a_scale_a_block() -> None:
    states = states_of(LLAMA, TrainingSettings(method="full", optimizer="adamw-8bit"))
    # 2 bytes and 2 x 4/256 each; norms are of 4,096 elements, from which states have 8 bits.
    assert states.optimizer_bytes == pytest.approx(PARAMETERS * (2 + 8 / 256), rel=1e-6)


def test_adafactor_keeps_a_row_and_a_column_of_each_matrix() -> None:
    states = states_of(LLAMA, TrainingSettings(method="full", optimizer="adafactor"))
    assert states.optimizer_bytes < 0.01 * PARAMETERS


def test_adapters_of_a_16_bit_base_are_fp32_with_peft_and_bf16_with_torchtune() -> None:
    numel = 41_943_040
    peft, torchtune = (states_of(LLAMA, TrainingSettings(tool=tool)) for tool in ("peft", "torchtune"))
    assert peft.num_trainable_parameters == torchtune.num_trainable_parameters == numel
    assert (peft.weight_bytes, peft.gradient_bytes) == (2 * PARAMETERS + 4 * numel, 4 * numel)
    assert (torchtune.weight_bytes, torchtune.gradient_bytes) == (2 * PARAMETERS + 2 * numel, 2 * numel)


def test_the_preparation_for_4_bits_makes_embedding_and_head_fp32() -> None:
    upcast, kept = (states_of(LLAMA, TrainingSettings(method="qlora", tool=tool)) for tool in ("peft", "axolotl"))
    tables, norms = 2 * 128256 * 4096, 65 * 4096
    assert upcast.weight_bytes - kept.weight_bytes == 2 * (tables + norms)


def test_double_quantization_saves_its_scales() -> None:
    double, single = (
        states_of(LLAMA, TrainingSettings(method="qlora", double_quantization=double)).weight_bytes
        for double in (True, False)
    )
    quantized = PARAMETERS - 2 * 128256 * 4096 - 65 * 4096
    assert single - double == pytest.approx(quantized * (4 - 1 - 4 / 256) / 64, rel=0.01)


@pytest.mark.parametrize(
    ("sharding", "whole"),
    [("zero1", ("weight_bytes", "gradient_bytes")), ("zero2", ("weight_bytes",)), ("zero3", ()), ("fsdp", ())],
)
def test_each_stage_divides_more(sharding: str, whole: tuple[str, ...]) -> None:
    alone = states_of(LLAMA, TrainingSettings(method="full"))
    shared = states_of(LLAMA, TrainingSettings(method="full", num_devices=8, sharding=sharding))
    for part in ("weight_bytes", "gradient_bytes", "optimizer_bytes"):
        divisor = 1 if part in whole else 8
        assert getattr(shared, part) == -(-getattr(alone, part) // divisor)


def test_an_offloaded_optimizer_lies_in_the_host() -> None:
    states = states_of(LLAMA, TrainingSettings(method="full", offload_optimizer=True))
    assert states.optimizer_bytes == 0
    assert states.host_bytes == 4 * PARAMETERS + STEPS


def test_frozen_parts_get_no_gradient() -> None:
    states = states_of(LLAMA, TrainingSettings(method="full", frozen=("embed_tokens", "lm_head")))
    assert states.num_trainable_parameters == PARAMETERS - 2 * 128256 * 4096


@given(st.sampled_from(OPTIMIZERS), st.sampled_from(SHARDINGS), st.integers(1, 64))
def test_more_devices_never_hold_more_each(optimizer: str, sharding: str, devices: int) -> None:
    def held(count: int) -> int:
        settings = TrainingSettings(method="full", optimizer=optimizer, sharding=sharding, num_devices=count)
        return states_of(LLAMA, settings).total_bytes

    assert held(devices + 1) <= held(devices)


@pytest.mark.parametrize(
    ("config", "settings", "field"),
    [
        ({**LLAMA_8B, "quantization_config": {"quant_method": "gptq", "bits": 4}}, {"method": "qlora"}, "method"),
        ({**LLAMA_8B, "quantization_config": {"quant_method": "gptq", "bits": 4}}, {"method": "full"}, "method"),
        (BERT, {"lora_targets": ("query",)}, "model"),
        (
            {**LLAMA_8B, "hidden_size": 64, "vocab_size": 128, "intermediate_size": 96},
            {"num_devices": 512},
            "num_devices",
        ),
        (LLAMA_8B, {"method": "full", "frozen": ("vision_tower",)}, "frozen"),
        (LLAMA_8B, {"method": "full", "frozen": ("model", "lm_head")}, "frozen"),
    ],
)
def test_settings_that_do_not_suit_the_model_are_refused(
    config: dict[str, Any], settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(WorkloadError) as caught:
        states_of(build(config), TrainingSettings(sharding="fsdp", **settings))
    assert caught.value.field == field


def test_adapters_are_trained_on_a_quantized_file() -> None:
    quantized = llama_8b(quantization_config={"quant_method": "gptq", "bits": 4, "group_size": 128})
    assert states_of(quantized, TrainingSettings()).weight_bytes < 7 * 2**30


def test_a_paged_optimizers_states_can_lie_in_the_host() -> None:
    plain, paged = (
        states_of(LLAMA, TrainingSettings(method="full", optimizer=name)) for name in ("adamw-8bit", "paged-adamw-8bit")
    )
    assert plain.optimizer_bytes == paged.optimizer_bytes == paged.host_bytes
    assert plain.resident_optimizer_bytes == plain.optimizer_bytes
    assert paged.resident_optimizer_bytes == 0


def test_torchtunes_8_bit_optimizer_steps_in_the_backward_pass_with_one_gradient_at_a_time() -> None:
    settings = TrainingSettings(method="full", tool="torchtune", optimizer="paged-adamw-8bit", seq_length=512)
    states = states_of(LLAMA, settings)
    assert states.gradient_bytes == 2 * 128256 * 4096
    # torchtune's README: 18.9 GiB at the peak of its single-device recipe for Llama 3.1 8B.
    assert step_of(LLAMA, settings).peak.total_bytes == pytest.approx(18.9 * 2**30, rel=0.15)
