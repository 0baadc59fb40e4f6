"""GGUF files of architectures whose keys say in other words what a config says: the same tensors and the same cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engines.llama_cpp.test_library import config_of
from gguf_files import header

import budsim_widgets as bw
from budsim_widgets.architectures import build
from budsim_widgets.errors import ConfigError
from budsim_widgets.formats.gguf.layout import file_layout
from budsim_widgets.formats.gguf.rows import gguf_architecture
from budsim_widgets.formats.gguf.types import TENSOR_TYPES

if TYPE_CHECKING:
    from pathlib import Path

COMMON = {
    "embedding_length": "hidden_size",
    "attention.head_count": "num_attention_heads",
    "expert_used_count": "num_experts_per_tok",
    "feed_forward_length": "intermediate_size",
    "vocab_size": "vocab_size",
}
LATENT = {
    "attention.q_lora_rank": "q_lora_rank",
    "attention.kv_lora_rank": "kv_lora_rank",
    "attention.value_length_mla": "v_head_dim",
    "rope.dimension_count": "qk_rope_head_dim",
    "attention.indexer.head_count": "index_n_heads",
    "attention.indexer.key_length": "index_head_dim",
    "expert_count": "n_routed_experts",
    "expert_shared_count": "n_shared_experts",
    "expert_feed_forward_length": "moe_intermediate_size",
    "nextn_predict_layers": "num_nextn_predict_layers",
}
DELTA = {
    "attention.head_count_kv": "num_key_value_heads",
    "attention.key_length": "head_dim",
    "ssm.conv_kernel": "linear_conv_kernel_dim",
    "ssm.state_size": "linear_key_head_dim",
    "ssm.group_count": "linear_num_key_heads",
    "ssm.time_step_rank": "linear_num_value_heads",
}
EXPERTS = {
    "expert_count": "num_experts",
    "expert_feed_forward_length": "moe_intermediate_size",
    "expert_shared_feed_forward_length": "shared_expert_intermediate_size",
}
KEYS: dict[str, dict[str, str]] = {
    "deepseek_v32_mtp": LATENT,
    "glm_5": LATENT,
    "qwen3_5_text": DELTA,
    "qwen3_5_moe_text": {**DELTA, **EXPERTS},
    "qwen3_next": {**DELTA, **EXPERTS},
    "olmo3": {"attention.head_count_kv": "num_key_value_heads", "attention.sliding_window": "sliding_window"},
    "apertus": {"attention.head_count_kv": "num_key_value_heads"},
    "phimoe": {"attention.head_count_kv": "num_key_value_heads", "expert_count": "num_local_experts"},
    "ernie4_5_moe": {
        "attention.head_count_kv": "num_key_value_heads",
        "expert_count": "moe_num_experts",
        "expert_used_count": "moe_k",
        "expert_feed_forward_length": "moe_intermediate_size",
        "expert_shared_count": "moe_num_shared_experts",
        "leading_dense_block_count": "moe_layer_start_index",
    },
    "minimax_m2": {
        "attention.head_count_kv": "num_key_value_heads",
        "attention.key_length": "head_dim",
        "expert_count": "num_local_experts",
        "expert_feed_forward_length": "intermediate_size",
    },
}


def values_of(config: dict[str, Any], name: str, layers: int, keys: dict[str, str]) -> dict[str, Any]:
    """The keys that the converter writes."""
    given = {key: config[field] for key, field in {**COMMON, **keys}.items() if isinstance(config.get(field), int)}
    given.setdefault("expert_used_count", 2)  # the default configs leave it out
    given["block_count"] = layers
    if keys is LATENT:
        given["attention.key_length_mla"] = config["qk_nope_head_dim"] + config["qk_rope_head_dim"]
        given["leading_dense_block_count"] = sum(kind == "dense" for kind in config["mlp_layer_types"])
        types = config.get("indexer_types")
        given |= {"attention.indexer.types": [int(kind == "full") for kind in types]} if types else {}
    if "linear_num_value_heads" in config:
        given["ssm.inner_size"] = config["linear_num_value_heads"] * config["linear_value_head_dim"]
        given["full_attention_interval"] = 4
    return {"general.architecture": name, **{f"{name}.{key}": value for key, value in given.items()}}


def saved(path: Path, model: str, **changes: Any) -> tuple[str, dict[str, Any]]:
    config = config_of(model)
    architecture = build(config)
    layout = file_layout(architecture, "Q4_K_M")
    row = gguf_architecture(architecture)
    assert row is not None
    tensors = [
        (some.tensors.name.replace("*", str(layer)), some.tensors.shape, TENSOR_TYPES[some.type].number)
        for some in layout.typed
        for layer in some.tensors.layers or (0,)
    ]
    values = {**values_of(config, row["name"], layout.layers, KEYS[model]), **changes}
    path.write_bytes(header({key: value for key, value in values.items() if value is not None}, tensors))
    return str(path), config


@pytest.mark.parametrize("model", KEYS)
def test_a_file_is_measured_as_its_config_is(tmp_path: Path, model: str) -> None:
    path, config = saved(tmp_path / "model.gguf", model)
    ours = bw.calculate(config, engine="llama.cpp", precision="Q4_K_M", seq_length=8192)
    file = bw.calculate(path, seq_length=8192)
    for part in ("weight_bytes", "host_bytes", "kv_cache_bytes", "state_bytes", "num_parameters", "basis"):
        assert getattr(file, part) == getattr(ours, part), part


def test_the_layers_with_windows_are_those_that_the_file_lists(tmp_path: Path) -> None:
    """OLMo 3 has the architecture of OLMo 2 in its file."""
    pattern = [1] * 31 + [0]
    path, config = saved(tmp_path / "model.gguf", "olmo3", **{"olmo2.attention.sliding_window_pattern": pattern})
    kinds = ["sliding_attention" if has_window else "full_attention" for has_window in pattern]
    ours = bw.calculate({**config, "layer_types": kinds}, engine="llama.cpp", seq_length=65536)
    assert bw.calculate(path, seq_length=65536).kv_cache_bytes == ours.kv_cache_bytes


def test_layers_without_key_and_value_heads_are_convolutions(tmp_path: Path) -> None:
    """LFM2, whose file lists the heads of each layer."""
    kinds = ["conv", "conv", "full_attention", "conv"] * 4
    config = {
        **config_of("lfm2"),
        "num_hidden_layers": len(kinds),
        "full_attn_idxs": None,
        "layer_types": kinds,
        "block_auto_adjust_ff_dim": False,
    }
    heads = [config["num_key_value_heads"] if kind == "full_attention" else 0 for kind in kinds]
    layout = file_layout(build(config), "Q4_K_M")
    tensors = [
        (some.tensors.name.replace("*", str(layer)), some.tensors.shape, TENSOR_TYPES[some.type].number)
        for some in layout.typed
        for layer in some.tensors.layers or (0,)
    ]
    values = values_of(config, "lfm2", len(kinds), {"shortconv.l_cache": "conv_L_cache"})
    path = tmp_path / "model.gguf"
    path.write_bytes(header({**values, "lfm2.attention.head_count_kv": heads}, tensors))
    ours = bw.calculate(config, engine="llama.cpp", precision="Q4_K_M", seq_length=8192)
    file = bw.calculate(str(path), seq_length=8192)
    for part in ("weight_bytes", "kv_cache_bytes", "state_bytes", "num_parameters"):
        assert getattr(file, part) == getattr(ours, part), part


@pytest.mark.parametrize(
    ("model", "changes", "code"),
    [
        ("qwen3_5_text", {"qwen35.ssm.time_step_rank": None}, "MISSING_FIELD"),
        ("qwen3_5_text", {"qwen35.ssm.inner_size": 4097}, "UNSUPPORTED"),
        ("glm_5", {"glm-dsa.attention.kv_lora_rank": None}, "MISSING_FIELD"),
    ],
)
def test_keys_that_are_absent_or_do_not_agree_are_named(
    tmp_path: Path, model: str, changes: dict[str, Any], code: str
) -> None:
    path, _ = saved(tmp_path / "model.gguf", model, **changes)
    with pytest.raises(ConfigError) as refused:
        bw.calculate(path)
    assert refused.value.code == code
    assert next(iter(changes)).split(".", 1)[0] in refused.value.message
