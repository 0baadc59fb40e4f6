"""Meta's and Mistral's own `params.json` → the config that transformers has for the same model.

Meta: `ModelArgs` and `FeedForward` in github.com/meta-llama/llama-models.
"""

from __future__ import annotations

from typing import Any, Final

from budsim_widgets.intake.readers.json_text import Parsed
from budsim_widgets.intake.readers.native_fields import is_small_llama3, missing, numbers, take, unsupported
from budsim_widgets.intake.readers.params_mistral import mamba, mistral

_NAMES: Final = {
    "dim": "hidden_size",
    "n_layers": "num_hidden_layers",
    "n_heads": "num_attention_heads",
    "n_kv_heads": "num_key_value_heads",
    "vocab_size": "vocab_size",
    "head_dim": "head_dim",
    "hidden_dim": "intermediate_size",
    "max_position_embeddings": "max_position_embeddings",
    "max_seq_len": "max_position_embeddings",
}
_OTHER_PARTS: Final = (
    *("vision_args", "vision_chunk_size", "multimodal", "audio_model_args", "moe_args"),
    *("q_lora_rank", "kv_lora_rank", "block_type"),
)
"""What only Llama 3.2 Vision and Llama 4, models that hear, and models with latent attention have."""

_ADD_VOCABULARY: Final = (
    'Add "vocab_size": 32000 for Llama 1 and 2, 32016 for CodeLlama 7B and 13B, '
    "or the number of tokens of its tokenizer."
)
_ADD: Final = "Paste the whole params.json, from the first { to the last }."


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
    if params.get("model_type") == "mamba":
        return mamba(params)
    # -1 in Llama 2's, where the tokenizer tells it.
    asks_tokenizer = params.get("vocab_size") in (-1, None)
    found = take({**params, "vocab_size": None} if asks_tokenizer else params, _NAMES)
    lacks_only_vocabulary = (
        asks_tokenizer and {"num_attention_heads", "hidden_size", "num_hidden_layers"} <= found.keys()
    )
    next_step = _ADD_VOCABULARY if lacks_only_vocabulary else _ADD
    error = missing(found, _NAMES, what="The params.json", next_step=next_step)
    if error:
        raise error
    return mistral(params, found) if "intermediate_size" in found else _llama(params, found)


def _refuse_others(params: dict[str, Any]) -> None:
    other = next((name for name in _OTHER_PARTS if params.get(name) is not None), None)
    if other:
        message = f"This params.json has {other}, and is of a kind that isn't converted."
        raise unsupported(message, other)


def _llama(params: dict[str, Any], found: dict[str, Any]) -> Parsed:
    is_tied = is_small_llama3(found)
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        **numbers(params, {"norm_eps": "rms_norm_eps", "rope_theta": "rope_theta"}),
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
    theta = numbers(params, {"rope_theta": "rope_theta"}).get("rope_theta", 0.0)
    return {500_000.0: 8_192, 1_000_000.0: 16_384}.get(theta, 4_096)


def _feed_forward_width(params: dict[str, Any], width: int) -> int:
    """The inner width: two thirds of 4 x dim, times a factor, rounded up."""
    factor = numbers(params, {"ffn_dim_multiplier": "factor"}).get("factor")
    multiple = take(params, {"multiple_of": "multiple_of"}).get("multiple_of") or 256
    inner = 2 * 4 * width // 3
    inner = inner if factor is None else int(factor * inner)
    return -(-inner // multiple) * multiple
