"""Families whose code lies beside their weights: their totals are those that their model pages publish."""

from __future__ import annotations

from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.errors import ConfigError

SEVEN_B = {"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32}
GLM = {
    "model_type": "chatglm",
    "architectures": ["ChatGLMModel"],
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "ffn_hidden_size": 13696,
    "kv_channels": 128,
    "multi_query_attention": True,
    "multi_query_group_num": 2,
    "add_qkv_bias": True,
    "add_bias_linear": False,
    "post_layer_norm": True,
}
PUBLISHED: dict[str, tuple[dict[str, Any], int]] = {
    "microsoft/Phi-3-small-8k-instruct": (
        {
            **SEVEN_B,
            "model_type": "phi3small",
            "architectures": ["Phi3SmallForCausalLM"],
            "ff_intermediate_size": 14336,
            "num_key_value_heads": 8,
            "vocab_size": 100352,
        },
        7_392_272_384,
    ),
    "jinaai/jina-embeddings-v2-base-en": (
        {
            "model_type": "bert",
            "architectures": ["JinaBertForMaskedLM"],
            "hidden_size": 768,
            "intermediate_size": 3072,
            "num_hidden_layers": 12,
            "num_attention_heads": 12,
            "vocab_size": 30528,
            "type_vocab_size": 2,
            "max_position_embeddings": 8192,
            "position_embedding_type": "alibi",
            "feed_forward_type": "geglu",
        },
        137_368_320,
    ),
    "Qwen/Qwen-7B": (
        {
            **SEVEN_B,
            "model_type": "qwen",
            "architectures": ["QWenLMHeadModel"],
            "intermediate_size": 22016,
            "kv_channels": 128,
            "no_bias": True,
            "vocab_size": 151936,
            "tie_word_embeddings": False,
        },
        7_721_324_544,
    ),
    "baichuan-inc/Baichuan-7B": (
        {
            **SEVEN_B,
            "model_type": "baichuan",
            "architectures": ["BaiChuanForCausalLM"],
            "intermediate_size": 11008,
            "vocab_size": 64000,
        },
        7_000_559_616,
    ),
    "internlm/internlm2-7b": (
        {
            **SEVEN_B,
            "model_type": "internlm2",
            "architectures": ["InternLM2ForCausalLM"],
            "bias": False,
            "intermediate_size": 14336,
            "num_key_value_heads": 8,
            "vocab_size": 92544,
        },
        7_737_708_544,
    ),
    "openbmb/MiniCPM-2B-sft-bf16": (
        {
            "model_type": "minicpm",
            "architectures": ["MiniCPMForCausalLM"],
            "hidden_size": 2304,
            "intermediate_size": 5760,
            "num_attention_heads": 36,
            "num_key_value_heads": 36,
            "num_hidden_layers": 40,
            "vocab_size": 122753,
        },
        2_724_880_896,
    ),
    "THUDM/chatglm-6b": (
        {
            "model_type": "chatglm",
            "architectures": ["ChatGLMModel"],
            "hidden_size": 4096,
            "inner_hidden_size": 16384,
            "num_attention_heads": 32,
            "num_layers": 28,
            "vocab_size": 130528,
        },
        6_173_286_400,
    ),
    "THUDM/chatglm3-6b": ({**GLM, "num_layers": 28, "padded_vocab_size": 65024}, 6_243_584_000),
    "THUDM/glm-4-9b-chat": ({**GLM, "num_layers": 40, "padded_vocab_size": 151552}, 9_399_951_360),
    "deepseek-ai/deepseek-moe-16b-base": (
        {
            "model_type": "deepseek",
            "architectures": ["DeepseekForCausalLM"],
            "hidden_size": 2048,
            "intermediate_size": 10944,
            "moe_intermediate_size": 1408,
            "n_routed_experts": 64,
            "n_shared_experts": 2,
            "num_experts_per_tok": 6,
            "first_k_dense_replace": 1,
            "moe_layer_freq": 1,
            "num_attention_heads": 16,
            "num_key_value_heads": 16,
            "num_hidden_layers": 28,
            "vocab_size": 102400,
        },
        16_375_728_128,
    ),
    "microsoft/Phi-3-vision-128k-instruct": (
        {
            "model_type": "phi3_v",
            "architectures": ["Phi3VForCausalLM"],
            "hidden_size": 3072,
            "intermediate_size": 8192,
            "num_attention_heads": 32,
            "num_key_value_heads": 32,
            "num_hidden_layers": 32,
            "vocab_size": 32064,
        },
        4_146_621_440,
    ),
    "LGAI-EXAONE/EXAONE-3.5-7.8B-Instruct": (
        {
            **SEVEN_B,
            "model_type": "exaone",
            "architectures": ["ExaoneForCausalLM"],
            "intermediate_size": 14336,
            "num_key_value_heads": 8,
            "head_dim": 128,
            "vocab_size": 102400,
            "tie_word_embeddings": False,
        },
        7_818_448_896,
    ),
    "MiniMaxAI/MiniMax-Text-01": (
        {
            "model_type": "minimax_text_01",
            "architectures": ["MiniMaxText01ForCausalLM"],
            "attn_type_list": [0, 0, 0, 0, 0, 0, 0, 1] * 10,
            "head_dim": 128,
            "hidden_size": 6144,
            "intermediate_size": 9216,
            "num_attention_heads": 64,
            "num_experts_per_tok": 2,
            "num_hidden_layers": 80,
            "num_key_value_heads": 8,
            "num_local_experts": 32,
            "vocab_size": 200064,
        },
        456_089_655_296,
    ),
    "tiiuae/falcon-7b before transformers knew it": (
        {
            "model_type": "RefinedWebModel",
            "architectures": ["RWForCausalLM"],
            "alibi": False,
            "bias": False,
            "hidden_size": 4544,
            "multi_query": True,
            "n_head": 71,
            "n_layer": 32,
            "parallel_attn": True,
            "vocab_size": 65024,
        },
        6_921_720_704,
    ),
}
MIMO = {
    "model_type": "mimo",
    "architectures": ["MiMoForCausalLM"],
    "attention_bias": True,
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_hidden_layers": 36,
    "num_nextn_predict_layers": 1,
    "vocab_size": 151680,
}


@pytest.mark.parametrize("model_id", PUBLISHED)
def test_a_remote_family_has_the_published_number_of_parameters(model_id: str) -> None:
    config, published = PUBLISHED[model_id]
    architecture = build(config)
    assert (architecture.num_parameters, architecture.basis) == (published, "exact")


def test_molmo_has_as_many_parameters_as_its_published_nf4_file_holds() -> None:
    """The file's bytes stand in tests/formats; a variant with norms of queries and keys is confirmed by nothing."""
    config = {
        "model_type": "molmo",
        "architectures": ["MolmoForCausalLM"],
        "auto_map": {"AutoModelForCausalLM": "modeling_molmo.MolmoForCausalLM"},
        "attention_layer_norm": False,
        "embedding_size": 152064,
        "hidden_size": 3584,
        "intermediate_size": 37888,
        "layer_norm_type": "rms",
        "num_attention_heads": 28,
        "num_hidden_layers": 28,
        "num_key_value_heads": 4,
        "qkv_bias": True,
        "vocab_size": 152064,
    }
    assert (build(config).num_parameters, build(config).basis) == (8_021_025_280, "exact")
    assert build({**config, "attention_layer_norm": True}).basis == "estimate"


def test_molmo_e_and_cogvlm2_are_estimates_as_large_as_their_pages_say() -> None:
    molmo_e = {"model_type": "molmo", "hidden_size": 2048, "intermediate_size": 2048, "num_hidden_layers": 16}
    molmo_e |= {"num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 50304, "moe_num_experts": 64}
    molmo_e |= {"architectures": ["MolmoForCausalLM"], "layer_norm_type": "rms", "attention_layer_norm": True}
    vision = {"hidden_size": 1792, "intermediate_size": 15360, "num_heads": 16, "num_hidden_layers": 63}
    vision |= {"image_size": 1344, "patch_size": 14, "in_channels": 3}
    cogvlm2 = {"model_type": "cogvlm2", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32}
    cogvlm2 |= {"num_attention_heads": 32, "num_multi_query_heads": 8, "vocab_size": 128256, "vision_config": vision}
    for config, published in ((molmo_e, 7.2e9), (cogvlm2, 19.5e9)):
        architecture = build(config)
        assert architecture.basis == "estimate"
        assert architecture.num_parameters == pytest.approx(published, rel=0.005)
    assert build(cogvlm2).cache(batch_size=1, seq_length=1).kv_cache_bytes == 2 * 32 * 8 * 128 * 2


def test_m1_is_an_estimate_as_large_as_the_model_that_it_was_trained_from() -> None:
    """456B are published of it, but no total to the digit."""
    config, published = PUBLISHED["MiniMaxAI/MiniMax-Text-01"]
    architecture = build({**config, "model_type": "minimax_m1", "architectures": ["MiniMaxM1ForCausalLM"]})
    assert (architecture.num_parameters, architecture.basis) == (published, "estimate")
    assert "no published total confirms it" in " ".join(architecture.notes)


def test_hymba_has_the_published_number_with_its_groups_of_shared_keys() -> None:
    """1.5B: 30 of 32 layers have a window and share keys by two, once by three; 128 tokens stand before a text."""
    pairs = [[first, first + 1] for first in (*range(1, 15, 2), *range(19, 31, 2))]
    sizes = {"hidden_size": 1600, "intermediate_size": 5504, "num_hidden_layers": 32, "vocab_size": 32001}
    heads = {"num_attention_heads": 25, "num_key_value_heads": 5, "mamba_expand": 2, "mamba_d_state": 16}
    config = {
        "model_type": "hymba",
        "architectures": ["HymbaForCausalLM"],
        "tie_word_embeddings": True,
        **sizes,
        **heads,
    }
    architecture = build({**config, "kv_reuse_group": [*pairs, [16, 17, 18]], "num_memory_tokens": 128})
    assert (architecture.num_parameters, architecture.basis) == (1_522_797_824, "estimate")
    assert architecture.cache(1, 100).kv_cache_bytes == 17 * 100 * 5 * (64 + 128) * 2
    assert "kv_reuse_group" in " ".join(build(config).notes)


def test_mimo_has_the_published_number_with_its_prediction_layer() -> None:
    architecture = build(MIMO)
    (layer,) = architecture.extras
    assert architecture.num_parameters + layer.num_parameters == 7_833_409_536
    assert architecture.with_extras([layer]).num_parameters == 7_833_409_536
    assert "a layer for multi-token prediction (" in architecture.notes[0]


@pytest.mark.parametrize(("width", "depth", "billions"), [(2048, 24, "1.60"), (2560, 32, "3.10"), (4096, 32, "7.64")])
def test_rwkv6_has_the_published_sizes_and_keeps_one_state_a_layer(width: int, depth: int, billions: str) -> None:
    """Finch of 1.6B, 3B and 7B; the state has 64 numbers for each of a layer's channels, in fp32."""
    sizes = {"attention_hidden_size": width, "hidden_size": width, "num_hidden_layers": depth, "vocab_size": 65536}
    heads = {"head_size": 64, "num_attention_heads": 64, "intermediate_size": None}
    architecture = build({"model_type": "rwkv6", "architectures": ["Rwkv6ForCausalLM"], **sizes, **heads})
    assert (f"{architecture.num_parameters / 1e9:.2f}", architecture.basis) == (billions, "estimate")
    cache = architecture.cache(1, 5000)
    assert cache.kv_cache_bytes == 0
    assert cache.state_bytes == depth * (2 * width * 2 + 64 * width * 4)


def test_arctic_has_a_dense_model_of_10b_beside_its_experts() -> None:
    """Published: 480B, 128 experts of 3.66B, 10B dense."""
    sizes = {"hidden_size": 7168, "intermediate_size": 4864, "num_hidden_layers": 35, "vocab_size": 32000}
    heads = {"num_attention_heads": 56, "num_key_value_heads": 8}
    experts = {"num_local_experts": 128, "num_experts_per_tok": 2, "moe_layer_frequency": 1}
    config = {"model_type": "arctic", "architectures": ["ArcticForCausalLM"], "parallel_attn_mlp_res": True}
    architecture = build({**config, **sizes, **heads, **experts})
    routed = sum(group.num_parameters for group in architecture.tensor_groups if group.role == "experts")
    assert (f"{routed / 128 / 1e9:.2f}", architecture.basis) == ("3.66", "estimate")
    assert round((architecture.num_parameters - routed) / 1e9) == 10


@pytest.mark.parametrize("model_type", ["internlm", "orion"])
def test_a_family_that_nothing_confirms_does_not_claim_to_be_exact(model_type: str) -> None:
    architecture = build({**SEVEN_B, "model_type": model_type, "intermediate_size": 11008, "vocab_size": 1000})
    assert architecture.basis == "estimate"
    assert "confirms" in architecture.notes[0]


def test_the_first_code_of_falcon_40b_builds_what_transformers_does() -> None:
    sizes = {"hidden_size": 256, "vocab_size": 99, "bias": False, "alibi": False, "parallel_attn": True}
    old = {"model_type": "RefinedWeb", "n_head": 16, "n_layer": 2, "n_head_kv": 4, **sizes}
    new = {"model_type": "falcon", "num_attention_heads": 16, "num_hidden_layers": 2, "num_kv_heads": 4, **sizes}
    assert build(old).tensor_groups == build({**new, "new_decoder_architecture": True}).tensor_groups


def test_kimi_k2_is_built_as_deepseek_v3() -> None:
    """Its file leaves out `attention_bias`."""
    config = {
        "architectures": ["DeepseekV3ForCausalLM"],
        "first_k_dense_replace": 1,
        "hidden_size": 7168,
        "intermediate_size": 18432,
        "kv_lora_rank": 512,
        "moe_intermediate_size": 2048,
        "n_routed_experts": 384,
        "n_shared_experts": 1,
        "num_attention_heads": 64,
        "num_experts_per_tok": 8,
        "num_hidden_layers": 61,
        "num_key_value_heads": 64,
        "q_lora_rank": 1536,
        "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64,
        "tie_word_embeddings": False,
        "v_head_dim": 128,
        "vocab_size": 163840,
    }
    kimi, deepseek = (build({**config, "model_type": name}) for name in ("kimi_k2", "deepseek_v3"))
    assert kimi.tensor_groups == deepseek.tensor_groups
    assert (kimi.basis, kimi.attention_type) == ("exact", "mla")


def nemotron_nas(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    sizes = {"hidden_size": 8192, "num_attention_heads": 64, "vocab_size": 128256, "tie_word_embeddings": False}
    names = {"model_type": "nemotron-nas", "architectures": ["DeciLMForCausalLM"]}
    return {**names, **sizes, "num_hidden_layers": len(blocks), "block_configs": blocks}


WHOLE = {"attention": {"n_heads_in_group": 8}, "ffn": {"ffn_mult": 5.25}}


def test_a_searched_llama_of_whole_blocks_is_llama_70b() -> None:
    architecture = build(nemotron_nas([WHOLE] * 80))
    assert (architecture.num_parameters, architecture.basis) == (70_553_706_496, "estimate")
    assert architecture.cache(1, 1000).kv_cache_bytes == 80 * 1000 * 2 * 8 * 128 * 2


def test_blocks_that_a_search_took_away_have_neither_weights_nor_norms_nor_keys() -> None:
    whole = build(nemotron_nas([WHOLE, WHOLE])).num_parameters
    without_attention = build(nemotron_nas([WHOLE, {**WHOLE, "attention": {"no_op": True}}]))
    assert whole - without_attention.num_parameters == 8192 + 2 * 8192 * 8192 + 2 * 8192 * 1024
    assert without_attention.cache(1, 10).kv_cache_bytes == 10 * 2 * 8 * 128 * 2
    linear = build(nemotron_nas([WHOLE, {**WHOLE, "ffn": {"replace_with_linear": True}}]))
    assert whole - linear.num_parameters == 3 * 8192 * 28672 - 8192 * 8192


@pytest.mark.parametrize("blocks", [[{}], [{**WHOLE, "ffn": {"ffn_mult": -1}}], [{**WHOLE, "ffn": "wide"}], ["x"]])
def test_blocks_that_say_nothing_are_refused_with_their_field(blocks: list[Any]) -> None:
    with pytest.raises(ConfigError) as refused:
        build(nemotron_nas(blocks))
    assert refused.value.field == "block_configs"


def test_phi_4_mm_has_the_towers_of_phi_4_multimodal_and_two_adapters() -> None:
    config = {"model_type": "phi4mm", "architectures": ["Phi4MMForCausalLM"], "tie_word_embeddings": True}
    sizes = {"hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 32, "vocab_size": 200064}
    heads = {"num_attention_heads": 24, "num_key_value_heads": 8}
    architecture = build({**config, **sizes, **heads, "vision_lora": {"r": 256}, "speech_lora": {"r": 320}})
    assert architecture.basis == "estimate"
    assert abs(architecture.num_parameters - 5_574_460_384) < 20_000


def test_heads_of_an_mpt_may_share_keys() -> None:
    """replit-code-v1_5-3b, whose page publishes 3,321,823,232."""
    attention = {"attn_type": "grouped_query_attention", "kv_n_heads": 8, "alibi": True}
    sizes = {"d_model": 3072, "n_heads": 24, "n_layers": 32, "vocab_size": 32768, "no_bias": True}
    config = {"model_type": "mpt", "architectures": ["MPTForCausalLM"], **sizes, "attn_config": attention}
    architecture = build(config)
    assert architecture.basis == "estimate"
    assert abs(architecture.num_parameters / 3_321_823_232 - 1) < 0.0001
    assert architecture.attention_type == "gqa"
