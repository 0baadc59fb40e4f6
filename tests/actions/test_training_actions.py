"""The action `finetune`: what it takes and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

import budsim_widgets as bw
from budsim_widgets.errors import WorkloadError

CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 128256,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
}


def test_it_answers_for_a_config() -> None:
    report = bw.finetune(CONFIG, "full", seq_length=1024)
    assert report.method == "full"
    assert report.num_trainable_parameters == report.num_parameters == 8_030_261_248
    assert report.config_source == "dict"


def test_an_accelerators_name_counts_the_devices() -> None:
    report = bw.finetune(CONFIG, accelerator="2x3090", sharding="fsdp")
    assert report.num_devices == len(report.per_device) == 2
    assert bw.finetune(CONFIG, accelerator="2x3090", num_devices=4).num_devices == 4


@pytest.mark.parametrize(
    ("model", "settings", "field"),
    [
        (CONFIG, {"lora_rank": 0}, "lora_rank"),
        (CONFIG, {"lora_targets": ("query",)}, "lora_targets"),
        (CONFIG, {"method": "qlora", "precision": "fp32"}, "precision"),
        (CONFIG, {"accelerator": "RTX 9990"}, "accelerator"),
        (CONFIG, {"rank": 8}, "rank"),
        ({**CONFIG, "quantization_config": {"quant_method": "awq", "bits": 4}}, {"method": "qlora"}, "method"),
        ({**CONFIG, "model_type": "bert", "architectures": ["BertForMaskedLM"]}, {}, "model"),
    ],
)
def test_a_refusal_names_its_field(model: dict[str, Any], settings: dict[str, Any], field: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        bw.finetune(model, **settings)
    assert caught.value.field == field
