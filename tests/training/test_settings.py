"""What settings are refused, and with which field."""

from __future__ import annotations

from typing import Any

import pytest

from budsim_widgets.errors import WorkloadError
from budsim_widgets.training.settings import TrainingSettings


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"lora_rank": 0}, "lora_rank"),
        ({"lora_rank": True}, "lora_rank"),
        ({"batch_size": -1}, "batch_size"),
        ({"seq_length": 1.5}, "seq_length"),
        ({"method": "prefix"}, "method"),
        ({"optimizer": "adamwx"}, "optimizer"),
        ({"tool": "keras"}, "tool"),
        ({"sharding": "zero4"}, "sharding"),
        ({"lora_targets": ()}, "lora_targets"),
        ({"lora_targets": 5}, "lora_targets"),
        ({"modules_to_save": (1,)}, "modules_to_save"),
        ({"gradient_checkpointing": "yes"}, "gradient_checkpointing"),
        ({"method": "qlora", "precision": "fp32"}, "precision"),
        ({"method": "full", "modules_to_save": ("lm_head",)}, "modules_to_save"),
        ({"frozen": ("vision_tower",)}, "frozen"),
        ({"num_devices": 0}, "num_devices"),
        ({"rank": 8}, "rank"),
    ],
)
def test_a_refusal_names_its_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        TrainingSettings.of(**given)
    assert caught.value.field == field
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({"precision": "bfloat16"}, "precision", "bf16"),
        ({"precision": "bf16-true"}, "precision", "bf16"),
        ({"optimizer": "paged_adamw_8bit"}, "optimizer", "paged-adamw-8bit"),
        ({"optimizer": "AdamW"}, "optimizer", "adamw"),
        ({"tool": "LLaMA-Factory"}, "tool", "llamafactory"),
        ({"sharding": "ZeRO-3"}, "sharding", "zero3"),
        ({"attention": "flash_attention_2"}, "attention", "flash"),
        ({"lora_targets": "all_linear"}, "lora_targets", "all-linear"),
        ({"lora_targets": ["q_proj"]}, "lora_targets", ("q_proj",)),
        ({"lora_targets": "q_proj"}, "lora_targets", ("q_proj",)),
    ],
)
def test_values_may_be_spelt_as_the_tools_do(given: dict[str, Any], name: str, value: object) -> None:
    assert getattr(TrainingSettings.of(**given), name) == value


def test_settings_are_plain_json() -> None:
    assert TrainingSettings(lora_targets=("q_proj",)).to_dict()["lora_targets"] == ["q_proj"]
