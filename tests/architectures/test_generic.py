"""Models that nobody has described: estimates from all that their configs say."""

from __future__ import annotations

from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.architectures.generic_tower import generic_tower
from budsim_widgets.architectures.parts import num_parameters

SIZES: dict[str, Any] = {
    "vocab_size": 32000,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
}

# (config, published or computed by its own code, within)
PUBLISHED: dict[str, tuple[dict[str, Any], int, float]] = {
    "DeciLM lists key-value heads": (
        {**SIZES, "model_type": "deci", "num_key_value_heads_per_layer": [4] * 12 + [2] * 6 + [1] * 6 + [4] * 8},
        7_076_057_088,
        0.001,
    ),
    "OLMo's own format holds gate and up together": (
        {
            "model_type": "hf_olmo",
            "d_model": 4096,
            "n_layers": 32,
            "n_heads": 32,
            "mlp_hidden_size": 22016,
            "vocab_size": 50304,
            "activation_type": "swiglu",
        },
        6_888_095_744,
        0.001,
    ),
    "LLaDA's doesn't": (
        {
            "model_type": "llada",
            "d_model": 4096,
            "n_layers": 32,
            "n_heads": 32,
            "mlp_hidden_size": 12288,
            "vocab_size": 126464,
            "activation_type": "silu",
            "weight_tying": False,
        },
        8_015_581_184,
        0.001,
    ),
    "Grok-2 says `git`, and has a feed-forward block beside its experts": (
        {
            "architectures": ["Grok1ForCausalLM"],
            "model_type": "git",
            "vocab_size": 131072,
            "hidden_size": 8192,
            "intermediate_size": 32768,
            "moe_intermediate_size": 16384,
            "num_local_experts": 8,
            "num_experts_per_tok": 2,
            "residual_moe": True,
            "num_attention_heads": 64,
            "num_key_value_heads": 8,
            "num_hidden_layers": 64,
            "head_dim": 128,
        },
        269_500_000_000,
        0.001,
    ),
    "MiniCPM-MoE has experts that its dense sibling's code knows nothing of": (
        {
            "model_type": "minicpm",
            "hidden_size": 2304,
            "intermediate_size": 5760,
            "num_hidden_layers": 40,
            "num_attention_heads": 36,
            "num_key_value_heads": 36,
            "vocab_size": 122753,
            "num_experts": 8,
            "num_experts_per_tok": 2,
        },
        13_600_000_000,
        0.021,  # its page says 13.6B; 13.59 billion of ours are not the embedding
    ),
    "an EAGLE-3 draft has one layer": (
        {
            **SIZES,
            "model_type": "llama",
            "architectures": ["LlamaForCausalLMEagle3"],
            "num_key_value_heads": 8,
            "vocab_size": 128256,
            "draft_vocab_size": 32000,
        },
        424_689_664,
        0.0,
    ),
    "nomic-embed v2 has experts in every second layer": (
        {
            "model_type": "nomic_bert",
            "architectures": ["NomicBertModel"],
            "hidden_size": 768,
            "num_attention_heads": 12,
            "num_hidden_layers": 12,
            "intermediate_size": 3072,
            "vocab_size": 250048,
            "activation_function": "gelu",
            "num_experts": 8,
            "moe_top_k": 2,
            "moe_every_n_layers": 2,
        },
        475_292_928,
        0.001,
    ),
    "DeepSeek-VL2 has a language model without latent attention": (
        {
            "model_type": "deepseek_vl_v2",
            "language_config": {
                "model_type": "deepseek_v2",
                "hidden_size": 1280,
                "intermediate_size": 6848,
                "kv_lora_rank": None,
                "q_lora_rank": None,
                "use_mla": False,
                "moe_intermediate_size": 896,
                "n_routed_experts": 64,
                "n_shared_experts": 2,
                "num_attention_heads": 10,
                "num_key_value_heads": 10,
                "num_experts_per_tok": 6,
                "num_hidden_layers": 12,
                "vocab_size": 129280,
                "first_k_dense_replace": 1,
            },
            "vision_config": {"layers": 27, "mlp_ratio": 3.7362, "patch_size": 14, "width": 1152},
        },
        3_370_850_304,
        0.02,
    ),
    "Qwen-VL has a tower": (
        {
            **SIZES,
            "model_type": "qwen",
            "intermediate_size": 22016,
            "vocab_size": 151936,
            "kv_channels": 128,
            "no_bias": True,
            "visual": {"width": 1664, "layers": 48, "mlp_ratio": 4.9231, "patch_size": 14},
        },
        9_656_935_168,
        0.02,
    ),
}


UNCONFIRMED: dict[str, dict[str, Any]] = {
    "RWKV 7": {
        "model_type": "rwkv7",
        "architectures": ["RWKV7ForCausalLM"],
        "hidden_size": 2048,
        "num_hidden_layers": 24,
        "head_dim": 64,
        "decay_low_rank_dim": 96,
        "gate_low_rank_dim": 256,
        "a_low_rank_dim": 96,
        "v_low_rank_dim": 64,
        "intermediate_size": 8192,
        "vocab_size": 65536,
    },
    "Kimi-K3": {
        "model_type": "kimi_k3",
        "text_config": {
            "model_type": "kimi_linear",
            "hidden_size": 7168,
            "routed_expert_hidden_size": 3584,
            "num_experts": 896,
            "num_experts_per_token": 16,
            "moe_intermediate_size": 3072,
            "intermediate_size": 18432,
            "num_hidden_layers": 93,
            "num_attention_heads": 64,
            "num_key_value_heads": 64,
            "vocab_size": 163840,
            "first_k_dense_replace": 1,
        },
    },
}
"""Configs in the form of theirs, for whose totals there is no source here."""


@pytest.mark.parametrize("name", UNCONFIRMED)
def test_what_no_published_total_confirms_is_an_estimate(name: str) -> None:
    found = build(UNCONFIRMED[name])
    assert found.basis == "estimate"
    assert found.notes
    assert found.num_parameters > 1_000_000_000


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_estimate_is_near_what_is_published(name: str) -> None:
    config, published, within = PUBLISHED[name]
    found = build(config)
    assert found.basis == "estimate"
    assert found.num_parameters == pytest.approx(published, rel=within)


def test_a_language_model_of_a_described_type_is_taken_as_it_is() -> None:
    text = {**SIZES, "model_type": "qwen2", "num_key_value_heads": 8}
    alone, whole = build(text), build({"model_type": "a_new_one", "llm_config": text})
    assert whole.num_parameters == alone.num_parameters
    assert whole.basis == "estimate"


def test_layers_without_attention_or_feed_forward_have_none() -> None:
    block = {"attention": {"n_heads_in_group": 8}, "ffn": {"ffn_mult": 2.625}}
    skipped = {"attention": {"no_op": True}, "ffn": {"no_op": True}}
    config = {**SIZES, "model_type": "a_new_one", "intermediate_size": None, "num_hidden_layers": 2}
    both = build({**config, "block_configs": [block, block]}).num_parameters
    one = build({**config, "block_configs": [block, skipped]}).num_parameters
    assert both - one == 2 * 4096 * 4096 + 2 * 4 * 128 * 4096 + 3 * 7168 * 4096


def test_the_cache_follows_the_heads_of_each_layer() -> None:
    config = {**SIZES, "model_type": "deci", "num_hidden_layers": 2}
    listed = build({**config, "num_key_value_heads_per_layer": [4, 1]})
    assert listed.cache(1, 2048).kv_cache_bytes == 5 * 128 * 2 * 2 * 2048


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"hidden_size": 64},
        {"hidden_size": "a", "num_hidden_layers": 2},
        {"width": 10**9, "layers": 3},
        {"a": {"b": {}}},
    ],
    ids=str,
)
def test_a_config_without_sizes_is_no_tower(fields: dict[str, Any]) -> None:
    assert generic_tower(fields) is None


def test_a_tower_is_found_inside_of_another_object() -> None:
    tower = generic_tower(
        {"backbone_config": {"hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 128}}, 32
    )
    assert tower is not None
    assert num_parameters(tower) == 2 * (4 * 64 * 64 + 2 * 128 * 64 + 4 * 64) + 32 * 64
