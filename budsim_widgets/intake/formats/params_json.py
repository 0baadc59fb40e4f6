"""Meta's and Mistral's own `params.json` → the config that transformers has for the same model.

Meta: `ModelArgs` and `FeedForward` in github.com/meta-llama/llama-models. Mistral: `TransformerArgs` in
github.com/mistralai/mistral-inference.
"""

from __future__ import annotations

from typing import Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.field_values import type_error
from budsim_widgets.intake.formats.json_text import Parsed
from budsim_widgets.intake.formats.native_fields import is_small_llama3, missing, take, unsupported
from budsim_widgets.intake.wording import show

_NAMES: Final = {
    "dim": "hidden_size",
    "n_layers": "num_hidden_layers",
    "n_heads": "num_attention_heads",
    "n_kv_heads": "num_key_value_heads",
    "vocab_size": "vocab_size",
    "head_dim": "head_dim",
    "hidden_dim": "intermediate_size",
    "sliding_window": "sliding_window",
    "max_position_embeddings": "max_position_embeddings",
    "max_seq_len": "max_position_embeddings",
}
_OTHER_PARTS: Final = (
    *("vision_args", "vision_encoder", "vision_chunk_size", "multimodal", "audio_model_args", "moe_args"),
    *("q_lora_rank", "kv_lora_rank", "llama_4_scaling", "n_groups", "block_type"),
)
"""What only multimodal, state-space and latent-attention models have."""

_ADD_VOCABULARY: Final = (
    'Add "vocab_size": 32000 for Llama 1 and 2, 32016 for CodeLlama 7B and 13B, '
    "or the number of tokens of its tokenizer."
)
_ADD: Final = "Paste the whole params.json, from the first { to the last }."
_WINDOWLESS_LENGTH: Final = 32_768


def is_params(value: Any) -> bool:
    """Whether an object is a params.json; DistilBERT's config.json has some of its names too."""
    return (
        isinstance(value, dict)
        and {"dim", "n_layers"} <= value.keys()
        and "hidden_size" not in value
        and (value.get("model_type") in (None, "transformer", "mamba"))
    )


def convert(params: dict[str, Any]) -> Parsed:
    """The config of transformers for a params.json.

    Raises:
        ConfigError: MISSING_FIELD, FIELD_TYPE, FIELD_RANGE; UNSUPPORTED for a model that isn't Llama-like.

    Example:
        >>> llama2 = {"dim": 4096, "multiple_of": 256, "n_heads": 32, "n_layers": 32, "vocab_size": 32000}
        >>> convert(llama2).value["intermediate_size"]
        11008
    """
    _refuse_others(params)
    # -1 in Llama 2's, where the tokenizer tells it.
    asks_tokenizer = params.get("vocab_size") in (-1, None)
    found = take({**params, "vocab_size": None} if asks_tokenizer else params, _NAMES)
    error = missing(found, _NAMES, what="The params.json", next_step=_ADD_VOCABULARY if asks_tokenizer else _ADD)
    if error:
        raise error
    return _mistral(params, found) if "intermediate_size" in found else _llama(params, found)


def _refuse_others(params: dict[str, Any]) -> None:
    other = next((name for name in _OTHER_PARTS if params.get(name) is not None), None)
    if params.get("model_type") == "mamba":
        other = "model_type"
    if other:
        message = f"This params.json has {other}: of these files, only those of Llama-like text models are converted."
        raise unsupported(message, other)


def _llama(params: dict[str, Any], found: dict[str, Any]) -> Parsed:
    is_tied = is_small_llama3(found)
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        **_floats(params),
        **found,
        "intermediate_size": _feed_forward_width(params, found["hidden_size"]),
        "max_position_embeddings": found.get("max_position_embeddings") or _llama_length(params),
        "tie_word_embeddings": is_tied,
    }
    note = ("tied the embeddings, as in Llama 3.2 1B and 3B",) if is_tied else ()
    return Parsed(config, "params_json", ("converted from Meta's params.json", *note))


def _llama_length(params: dict[str, Any]) -> int:
    """The context that Meta names for its models; the file doesn't say it."""
    if params.get("use_scaled_rope"):
        return 131_072
    return {500_000.0: 8_192, 1_000_000.0: 16_384}.get(_float(params, "rope_theta") or 0.0, 4_096)


def _feed_forward_width(params: dict[str, Any], width: int) -> int:
    """The inner width: two thirds of 4 x dim, times a factor, rounded up."""
    factor = _float(params, "ffn_dim_multiplier")
    multiple = take(params, {"multiple_of": "multiple_of"}).get("multiple_of") or 256
    inner = 2 * 4 * width // 3
    inner = inner if factor is None else int(factor * inner)
    return -(-inner // multiple) * multiple


def _mistral(params: dict[str, Any], found: dict[str, Any]) -> Parsed:
    config = {
        "architectures": ["MistralForCausalLM"],
        "model_type": "mistral",
        "sliding_window": None,
        **_floats(params),
        "max_position_embeddings": _WINDOWLESS_LENGTH,
        **found,
        "tie_word_embeddings": params.get("tied_embeddings") is True,
    }
    moe = params.get("moe")
    if moe is None:
        return Parsed(config, "params_json", ("converted from Mistral's params.json",))
    if not isinstance(moe, dict):
        raise type_error("moe", moe, "an object")
    experts = take(moe, {"num_experts": "num_local_experts", "num_experts_per_tok": "num_experts_per_tok"})
    absent = tuple(name for name in ("num_local_experts", "num_experts_per_tok") if name not in experts)
    if absent:
        raise ConfigError("MISSING_FIELD", f"moe lacks {' and '.join(absent)}.", next_step=_ADD, missing_fields=absent)
    config.update(architectures=["MixtralForCausalLM"], model_type="mixtral", **experts)
    return Parsed(config, "params_json", ("converted from Mistral's params.json of a mixture of experts",))


def _floats(params: dict[str, Any]) -> dict[str, float]:
    names = {"norm_eps": "rms_norm_eps", "rope_theta": "rope_theta"}
    values = ((field, _float(params, name)) for name, field in names.items())
    return {field: value for field, value in values if value is not None}


def _float(params: dict[str, Any], name: str) -> float | None:
    value = params.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise type_error(name, value, "a number")
    if not 0 < value <= 1e9:  # noqa: PLR2004 - more than any base frequency
        message = f"{name} is {show(value)}; expected a number above 0."
        raise ConfigError("FIELD_RANGE", message, next_step=_ADD, field=name)
    return float(value)
