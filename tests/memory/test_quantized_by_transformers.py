"""By how much a quantization changes what transformers holds: random quantizations of random models.

`quantized_by_transformers.jsonl.gz` is what `tools/oracle/quantized` measured with transformers 5.24, aqlm 1.1.7 and
fp_quant 0.3.2: the modules that `from_pretrained` puts in for files of each method, on the meta device.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines import VLLM, Transformers
from budsim_widgets.memory.weights import Weights, weights_of

_FILE = Path(__file__).parent / "quantized_by_transformers.jsonl.gz"
_SOURCE, *ROWS = [json.loads(line) for line in gzip.decompress(_FILE.read_bytes()).splitlines()]
METHODS = sorted({row["id"] for row in ROWS})

GPT_OSS = {
    "model_type": "gpt_oss",
    "architectures": ["GptOssForCausalLM"],
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "intermediate_size": 64,
    "num_local_experts": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "vocab_size": 128,
    "dtype": "bfloat16",
}


def _weights(config: dict[str, Any], **changes: Any) -> Weights:
    return weights_of(build({**config, **changes}), "auto", Transformers())


@pytest.mark.parametrize("method", METHODS)
def test_a_quantization_changes_memory_by_what_transformers_makes_of_it(method: str) -> None:
    verdicts: Counter[str] = Counter()
    for row in ROWS:
        if row["id"] == method:
            weights = _weights(row["config"])
            plain = _weights(row["config"], quantization_config=None)
            verdicts[weights.basis] += 1
            if weights.basis == "exact":
                assert weights.num_bytes - plain.num_bytes == row["added_bytes"], row["config"]
    assert verdicts["exact"] > 0 or method in {"fp_quant", "higgs"}  # these models' rows don't fill their transforms


def test_transformers_holds_the_biases_of_gpt_oss_experts_in_fp32() -> None:
    config = {**GPT_OSS, "quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]}}
    held, file = _weights(config), weights_of(build(config), "auto", VLLM())
    biases = 2 * 4 * (2 * 64 + 64)
    assert held.basis == "exact"
    assert held.num_bytes - held.file_bytes == 2 * biases
    assert file.num_bytes == file.file_bytes == held.file_bytes


def test_scales_of_gpt_oss_attention_follow_its_rows_though_its_experts_are_transposed() -> None:
    config = {**GPT_OSS, "quantization_config": {"quant_method": "eetq", "modules_to_not_convert": ["lm_head"]}}
    rows_of_a_layer, columns = (64, 32, 32), 64
    elements = columns * sum(rows_of_a_layer) + 64 * 64
    scales = 2 * (sum(rows_of_a_layer) + 64)
    plain = _weights(config, quantization_config=None)
    assert plain.num_bytes - _weights(config).num_bytes == 2 * (elements - scales)


def test_mxfp4_of_another_model_type_is_an_estimate_in_transformers_alone() -> None:
    config = next(row["config"] for row in ROWS if row["config"]["model_type"] == "mixtral")
    architecture = build({**config, "quantization_config": {"quant_method": "mxfp4"}})
    assert weights_of(architecture, "auto", Transformers()).basis == "estimate"
    assert weights_of(architecture, "auto", VLLM()).basis == "exact"


def test_linear_layers_of_another_class_than_the_library_takes_are_an_estimate() -> None:
    config = next(row["config"] for row in ROWS if row["config"]["model_type"] == "falcon")
    weights = _weights(config, quantization_config={"quant_method": "fp8", "weight_block_size": [128, 128]})
    assert weights.basis == "estimate"
    assert any("of a class that the quantization's library leaves" in note for note in weights.notes)


def test_a_tied_head_is_looked_for_by_its_own_name() -> None:
    config = {
        "model_type": "roberta",
        "architectures": ["RobertaForMaskedLM"],
        "hidden_size": 64,
        "vocab_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "dtype": "bfloat16",
    }
    eetq = {"quant_method": "eetq", "modules_to_not_convert": ["lm_head.decoder"]}
    assert _weights(config, quantization_config=eetq).basis == "exact"
    assert _weights(config, quantization_config={**eetq, "modules_to_not_convert": ["query"]}).basis == "estimate"


def test_expressions_of_which_the_order_in_a_name_decides_are_an_estimate() -> None:
    config = next(row["config"] for row in ROWS if row["config"]["model_type"] == "llama")
    ordered = {"^model": {"num_bits": 2}, ".*mlp": {"num_bits": 8}}
    gemma = {"quant_method": "gemma", "module_quant_configs": ordered}
    unordered = {**gemma, "module_quant_configs": {"mlp": {"num_bits": 2}, r"\.0\.": {"num_bits": 8}}}
    assert _weights(config, quantization_config=gemma).basis == "exact"
    assert _weights(config, quantization_config=unordered).basis == "estimate"


def test_fp8_that_is_unpacked_while_it_is_loaded_takes_16_bits() -> None:
    config = next(row["config"] for row in ROWS if row["config"]["model_type"] == "llama")
    fp8 = {"quant_method": "fp8", "weight_block_size": [128, 128], "dequantize": True}
    weights, plain = _weights(config, quantization_config=fp8), _weights(config, quantization_config=None)
    assert weights.num_bytes == plain.num_bytes > weights.file_bytes
