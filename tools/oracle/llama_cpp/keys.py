"""The keys of a GGUF file that says a model's shapes, from its config.

One list for all architectures: llama.cpp reads those that it knows and leaves the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SAME = {
    "block_count": ("num_hidden_layers", "n_layer"),
    "embedding_length": ("hidden_size", "n_embd", "d_model"),
    "feed_forward_length": ("intermediate_size", "n_inner"),
    "attention.head_count": ("num_attention_heads", "n_head"),
    "attention.sliding_window": ("sliding_window",),
    "expert_count": ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"),
    "expert_used_count": ("num_experts_per_tok", "moe_k", "moe_topk"),
    "expert_feed_forward_length": ("moe_intermediate_size",),
    "expert_shared_count": ("n_shared_experts", "moe_num_shared_experts", "num_shared_expert", "num_shared_experts"),
    "expert_shared_feed_forward_length": (
        "shared_expert_intermediate_size",
        "shared_intermediate_size",
        "moe_shared_expert_intermediate_size",
    ),
    "leading_dense_block_count": ("first_k_dense_replace", "moe_layer_start_index", "num_dense_layers"),
    "attention.q_lora_rank": ("q_lora_rank",),
    "attention.kv_lora_rank": ("kv_lora_rank",),
    "rope.freq_base": ("rope_theta",),
    "nextn_predict_layers": ("num_nextn_predict_layers", "mtp_num_hidden_layers"),
    "shortconv.l_cache": ("conv_L_cache",),
    "attention.shared_kv_layers": ("num_kv_shared_layers",),
    "attention.indexer.head_count": ("index_n_heads",),
    "attention.indexer.key_length": ("index_head_dim",),
    "attention.indexer.top_k": ("index_topk", "index_topk_blocks"),
    "attention.indexer.block_size": ("index_block_size",),
    "attention.output_group_count": ("o_groups",),
    "attention.output_lora_rank": ("o_lora_rank",),
    "hyper_connection.count": ("hc_mult",),
    "attention.indexer.local_blocks": ("index_local_blocks",),
    "embedding_length_per_layer_input": ("hidden_size_per_layer_input",),
}


def keys_of(name: str, config: Mapping[str, Any], layers: int) -> dict[str, Any]:
    """Key -> value.

    Args:
        name: What llama.cpp calls the architecture.
        config: The config, or its text part.
        layers: Layers in the file.
    """
    found: dict[str, Any] = {
        "context_length": 1_048_576,
        "attention.layer_norm_rms_epsilon": 1e-6,
        "attention.layer_norm_epsilon": 1e-6,
        "attention.max_alibi_bias": 8.0,
        "expert_weights_scale": 1.0,
        "expert_gating_func": 2,
        "logit_scale": 1.0,
        "rope.freq_base": 10000.0,
        "residual_scale": 1.0,
        "embedding_scale": 1.0,
        "attention.scale": 1.0,
        "interleave_moe_layer_step": 1,
        "rope.dimension_sections": [16, 24, 24, 0],
        "embedding_length_per_layer_input": 0,
        "attention.shared_kv_layers": 0,
        "altup.active_idx": 0,
        "altup.num_inputs": 4,
        "moe_latent_size": config.get("moe_latent_size") or 0,
        "use_parallel_residual": bool(config.get("use_parallel_residual", True)),
    }
    for key, fields in SAME.items():
        value = next((config[field] for field in fields if config.get(field) is not None), None)
        if isinstance(value, (int, float)):
            found[key] = value
    found["block_count"] = layers
    found["rope.freq_base"] = float(found["rope.freq_base"])
    found.update(_heads(name, config))
    found.update(_state_space(config))
    found.update(_windows(config))
    found.update(_layer_lists(config))
    if "kv_lora_rank" in config:
        found.update(_latent(config, as_heads=name == "minicpm3"))
    if "expert_feed_forward_length" not in found and (found.get("expert_count") or name == "deepseek2"):
        found["expert_feed_forward_length"] = found["feed_forward_length"]
    if name == "deepseek2":
        found.setdefault("leading_dense_block_count", 0 if found.get("expert_count") else layers)
        found.setdefault("expert_shared_count", 0)
    of_all = {f"xielu.{key}": 1.0 for key in ("alpha_n", "alpha_p", "beta", "eps")}
    return {**of_all, **{f"{name}.{key}": value for key, value in found.items()}}


def _heads(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    heads = config.get("num_attention_heads") or config.get("n_head") or 0
    kv_heads = config.get("num_key_value_heads") or config.get("num_kv_heads") or heads
    if config.get("multi_query_attention"):
        kv_heads = config["multi_query_group_num"]
    if config.get("multi_query") and not config.get("new_decoder_architecture"):
        kv_heads = 1
    size = config.get("hidden_size") or config.get("n_embd") or config.get("d_model") or 0
    head_dim = config.get("head_dim") or (size // heads if heads else 0)
    rotary = int(head_dim * (config.get("partial_rotary_factor") or config.get("rotary_pct") or 1))
    types = config.get("layer_types") or config.get("layers_block_type")
    if isinstance(config.get("attn_layer_indices"), list):
        types = [
            "attention" if i in config["attn_layer_indices"] else "mamba" for i in range(config["num_hidden_layers"])
        ]
    elif config.get("attn_layer_period"):
        period, offset = config["attn_layer_period"], config["attn_layer_offset"]
        types = ["attention" if i % period == offset else "mamba" for i in range(config["num_hidden_layers"])]
    if name in {"granitehybrid", "lfm2", "lfm2moe", "jamba", "nemotron_h"} and isinstance(types, list):
        kv_heads = [kv_heads if kind in {"attention", "full_attention"} else 0 for kind in types]
    found = {"attention.head_count": heads, "attention.head_count_kv": kv_heads, "rope.dimension_count": rotary}
    if head_dim:
        found |= {"attention.key_length": head_dim, "attention.value_length": head_dim}
    if head_dim:
        found |= {"attention.key_length_swa": head_dim, "attention.value_length_swa": head_dim}
        found |= {"rope.dimension_count_swa": head_dim}
    if config.get("v_head_dim") and "kv_lora_rank" not in config:
        found |= {"attention.value_length": config["v_head_dim"], "attention.value_length_swa": config["v_head_dim"]}
    if config.get("global_head_dim"):
        wide = config["global_head_dim"]
        found |= {"attention.key_length": wide, "attention.value_length": wide, "rope.dimension_count": wide}
    return found


def _latent(config: Mapping[str, Any], *, as_heads: bool) -> dict[str, Any]:
    rope = config["qk_rope_head_dim"]
    if as_heads:
        return {
            "attention.key_length": config["qk_nope_head_dim"] + rope,
            "attention.value_length": config["v_head_dim"],
            "rope.dimension_count": rope,
        }
    return {
        "attention.head_count_kv": 1,
        "attention.key_length": config["kv_lora_rank"] + rope,
        "attention.value_length": config["kv_lora_rank"],
        "attention.key_length_mla": config["qk_nope_head_dim"] + rope,
        "attention.value_length_mla": config["v_head_dim"],
        "rope.dimension_count": rope,
    }


def _state_space(config: Mapping[str, Any]) -> dict[str, Any]:
    if config.get("linear_num_value_heads"):
        heads, dim = config["linear_num_value_heads"], config["linear_value_head_dim"]
        return {
            "ssm.conv_kernel": config["linear_conv_kernel_dim"],
            "ssm.state_size": config["linear_key_head_dim"],
            "ssm.group_count": config["linear_num_key_heads"],
            "ssm.time_step_rank": heads,
            "ssm.inner_size": heads * dim,
            "full_attention_interval": config.get("full_attention_interval") or 4,
            "rope.dimension_sections": [11, 11, 10, 0],
        }
    kernel = config.get("mamba_d_conv") or config.get("conv_kernel")
    if not kernel:
        return {}
    size, expand = config["hidden_size"], config.get("mamba_expand") or config.get("expand") or 2
    heads = config.get("mamba_n_heads") or config.get("mamba_num_heads") or config.get("num_heads")
    head_dim = config.get("mamba_d_head") or config.get("mamba_head_dim") or config.get("head_dim")
    inner = config.get("mamba_d_ssm") or (heads * head_dim if heads and isinstance(head_dim, int) else expand * size)
    rank = config.get("time_step_rank") or config.get("mamba_dt_rank")
    return {
        "ssm.conv_kernel": kernel,
        "ssm.state_size": config.get("mamba_d_state") or config.get("ssm_state_size") or config["state_size"],
        "ssm.inner_size": inner,
        "ssm.time_step_rank": heads or (rank if isinstance(rank, int) else -(-size // 16)),
        "ssm.group_count": config.get("mamba_n_groups") or config.get("n_groups") or 0,
        "ssm.dt_b_c_rms": False,
    }


def _layer_lists(config: Mapping[str, Any]) -> dict[str, Any]:
    """What is listed layer by layer: which layers have an indexer of their own, which attend linearly."""
    found: dict[str, Any] = {}
    if isinstance(config.get("indexer_types"), list):
        found["attention.indexer.types"] = [kind == "full" for kind in config["indexer_types"]]
    if config.get("hc_mult"):
        found |= {"hyper_connection.epsilon": 1e-6, "hyper_connection.magnitude": 1.0, "attention.indexer.top_k": 512}
    if config.get("o_groups"):  # DeepSeek-V4
        rates = {"compressed_sparse_attention": 4, "heavily_compressed_attention": 128}
        found["attention.compress_ratios"] = [rates.get(kind, 0) for kind in config["layer_types"]]
        found |= {"expert_gating_func": 4, "expert_weights_norm": True, "swiglu_clamp_exp": 10.0}
        found |= {"attention.compress_rope_freq_base": 160000.0, "hyper_connection.sinkhorn_iterations": 20}
        found["rope.dimension_count"] = 64
        found["hash_layer_count"] = config["mlp_layer_types"].count("hash_moe")
    if config.get("model_type") == "step3p5":
        found["attention.sliding_window_pattern"] = ["sliding" in kind for kind in config["layer_types"]]
    if "linear_attention" in (config.get("layer_types") or ()) and config.get("num_local_experts"):
        found["attention.recurrent_layers"] = [kind == "linear_attention" for kind in config["layer_types"]]
    return found


def _windows(config: Mapping[str, Any]) -> dict[str, Any]:
    types = config.get("layer_types")
    if not isinstance(types, list):
        return {}
    if not any("sliding" in str(kind) for kind in types):
        return {"attention.sliding_window": 0} if set(types) == {"full_attention"} else {}
    return {"attention.sliding_window_pattern": ["sliding" in kind for kind in types]}
