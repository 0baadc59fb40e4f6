"""Where a GGUF architecture says in other fields what transformers says in its own.

Each rule gets the config so far and the metadata, and answers what to change (`...` takes a field away) and what a
person should know. Sources: the converters and `src/models` of github.com/ggml-org/llama.cpp (MIT).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.readers.native_fields import take, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

_Fields = dict[str, Any]
_Answer = tuple[_Fields, tuple[str, ...]]

_SIGMOID: Final = 2
_TEXT_ONLY: Final = ("the language model alone: a GGUF file leaves vision to another file",)


def _llama(_: _Fields, values: _Fields) -> _Answer:
    names = {"llama.expert_count": "num_local_experts", "llama.expert_used_count": "num_experts_per_tok"}
    experts = take(values, names)
    if not experts.get("num_local_experts"):
        return {}, ()
    if "num_experts_per_tok" not in experts:
        raise _lacks("llama.expert_used_count", "num_experts_per_tok")
    return {"architectures": ["MixtralForCausalLM"], "model_type": "mixtral", **experts}, ()


def _latent(config: _Fields, architecture: str) -> _Fields:
    """Multi-head latent attention: a head's width is that of its two parts, and the cache has one head."""
    for name, field in (
        ("attention.kv_lora_rank", "kv_lora_rank"),
        ("attention.key_length", "qk_head_dim"),
        ("rope.dimension_count", "qk_rope_head_dim"),
        ("attention.value_length", "v_head_dim"),
    ):
        if field not in config:
            raise _lacks(f"{architecture}.{name}", field)
    return {
        "qk_nope_head_dim": config["qk_head_dim"] - config["qk_rope_head_dim"],
        "qk_head_dim": ...,
        "head_dim": ...,
        "q_lora_rank": config.get("q_lora_rank"),
        "num_key_value_heads": config["num_attention_heads"],
    }


def _deepseek2(config: _Fields, values: _Fields) -> _Answer:
    changes = _latent(config, "deepseek2")
    if values.get("deepseek2.expert_gating_func") == _SIGMOID:
        changes |= {"architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3"}
    return changes, ()


def _falcon(config: _Fields, _: _Fields) -> _Answer:
    kv_heads = config.get("num_key_value_heads", 1)
    if kv_heads > 1:
        return {"new_decoder_architecture": True, "num_kv_heads": kv_heads, "num_key_value_heads": ...}, ()
    return {"multi_query": True, "new_decoder_architecture": False, "num_key_value_heads": ...}, ()


def _glm4moe(config: _Fields, values: _Fields) -> _Answer:
    return _without_prediction(config, values, "glm4moe")


def _without_prediction(
    config: _Fields, values: _Fields, architecture: str, field: str = "num_nextn_predict_layers"
) -> _Answer:
    """The layers without those that only predict several tokens, which the file counts with them."""
    layers = take(values, {f"{architecture}.nextn_predict_layers": field}).get(field, 0)
    if not layers:
        return {}, ()
    counted = "1 layer" if layers == 1 else f"{layers} layers"
    return {field: layers, "num_hidden_layers": config["num_hidden_layers"] - layers}, (
        f"left out {counted} for predicting several tokens, as transformers does",
    )


def _sparse_latent(config: _Fields, values: _Fields) -> _Answer:
    """Latent attention with an indexer, of which layers may share one."""
    architecture = values["general.architecture"]
    changes, notes = _without_prediction(config, values, architecture)
    listed = values.get(f"{architecture}.attention.indexer.types")
    if isinstance(listed, list):
        layers = changes.get("num_hidden_layers", config["num_hidden_layers"])
        changes["indexer_types"] = ["full" if has_own else "shared" for has_own in listed[:layers]]
    return {**_latent(config, architecture), **changes}, notes


def _gated_delta(config: _Fields, values: _Fields) -> _Answer:
    """Linear attention whose width the file gives for all heads together."""
    architecture = values["general.architecture"]
    changes, notes = _without_prediction(config, values, architecture, "mtp_num_hidden_layers")
    if "inner_size" not in config:
        return changes, notes
    if "linear_num_value_heads" not in config:
        raise _lacks(f"{architecture}.ssm.time_step_rank", "linear_num_value_heads")
    heads, inner = config["linear_num_value_heads"], config["inner_size"]
    if inner % heads:
        name = f"{architecture}.ssm.inner_size"
        raise unsupported(f"{name} is no multiple of {architecture}.ssm.time_step_rank.", name)
    return {**changes, "linear_value_head_dim": inner // heads, "inner_size": ...}, notes


def _mamba(config: _Fields, _: _Fields) -> _Answer:
    inner, width = config.get("inner_size", 2 * config["hidden_size"]), config["hidden_size"]
    if inner % width:
        raise unsupported("mamba.ssm.inner_size is no multiple of mamba.embedding_length.", "mamba.ssm.inner_size")
    return {"expand": inner // width, "intermediate_size": inner, "inner_size": ...}, ()


def _olmo2(config: _Fields, values: _Fields) -> _Answer:
    """OLMo 3 has the name of OLMo 2, and windows."""
    window = take(values, {"olmo2.attention.sliding_window": "sliding_window"})
    if not window.get("sliding_window"):
        return {}, ()
    listed = values.get("olmo2.attention.sliding_window_pattern")
    kinds = {}
    if isinstance(listed, list) and len(listed) == config["num_hidden_layers"]:
        kinds["layer_types"] = ["sliding_attention" if has_window else "full_attention" for has_window in listed]
    return {"architectures": ["Olmo3ForCausalLM"], "model_type": "olmo3", **window, **kinds}, ()


def _lfm2(config: _Fields, values: _Fields) -> _Answer:
    """Layers without key and value heads are convolutions; the file has the width that the feed-forward blocks have."""
    layers = config["num_hidden_layers"]
    listed = values.get("lfm2.attention.head_count_kv")
    heads = listed if isinstance(listed, list) else [listed] * layers
    if len(heads) != layers:
        raise _lacks("lfm2.attention.head_count_kv for each layer", "layer_types")
    kinds = ["full_attention" if number else "conv" for number in heads]
    return {"block_auto_adjust_ff_dim": False, "layer_types": kinds}, ()


def _text_of_multimodal(_: _Fields, __: _Fields) -> _Answer:
    return {}, _TEXT_ONLY


def _lacks(name: str, field: str) -> ConfigError:
    return ConfigError(
        "MISSING_FIELD",
        f"The GGUF metadata lacks {name}.",
        next_step="Paste the whole listing: `gguf-dump` prints all of it.",
        field=field,
        missing_fields=(field,),
    )


RULES: Final[dict[str, Callable[[_Fields, _Fields], _Answer]]] = {
    "llama": _llama,
    "deepseek2": _deepseek2,
    "falcon": _falcon,
    "glm4moe": _glm4moe,
    "mamba": _mamba,
    "lfm2": _lfm2,
    "olmo2": _olmo2,
    **dict.fromkeys(("deepseek32", "glm-dsa"), _sparse_latent),
    **dict.fromkeys(("qwen35", "qwen35moe", "qwen3next"), _gated_delta),
    **dict.fromkeys(("gemma3", "qwen2vl", "qwen3vl", "qwen3vlmoe", "llama4", "mistral3"), _text_of_multimodal),
}
