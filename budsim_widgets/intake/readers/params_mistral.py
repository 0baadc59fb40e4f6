"""Mistral's own `params.json`: text models, mixtures of experts, models that see, and Codestral Mamba.

Names and meanings: `TransformerArgs`, `VisionEncoderArgs` and `MambaArgs` in github.com/mistralai/mistral-inference.
"""

from __future__ import annotations

from typing import Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.field_values import type_error
from budsim_widgets.intake.readers.json_text import Parsed
from budsim_widgets.intake.readers.native_fields import missing, numbers, take, unsupported

_Fields = dict[str, Any]

_ADD: Final = "Paste the whole params.json, from the first { to the last }."
_WINDOWLESS_LENGTH: Final = 32_768
_MAMBA: Final = {"dim": "hidden_size", "n_layers": "num_hidden_layers", "vocab_size": "vocab_size"}
_MAMBA_STATE: Final = {"state_size": 128, "head_dim": 64, "expand": 2, "conv_kernel": 4}
"""What `Mamba2` of mamba_ssm takes where nothing else is said."""

_VISION: Final = (
    *("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"),
    *("patch_size", "num_channels"),
)


def mistral(params: _Fields, found: _Fields) -> Parsed:
    """The config of transformers for a params.json with these fields.

    Args:
        params: The whole file.
        found: The fields that Meta's files have too, under the names of transformers.

    Raises:
        ConfigError: MISSING_FIELD, FIELD_TYPE, FIELD_RANGE, INCONSISTENT, UNSUPPORTED.
    """
    is_tied = params.get("tied_embeddings") is True
    text = {
        "architectures": ["MistralForCausalLM"],
        "model_type": "mistral",
        "sliding_window": None,
        **numbers(params, {"norm_eps": "rms_norm_eps", "rope_theta": "rope_theta"}),
        "max_position_embeddings": _WINDOWLESS_LENGTH,
        **found,
        "tie_word_embeddings": is_tied,
    }
    if params.get("llama_4_scaling") is not None:
        text |= {"architectures": ["Ministral3ForCausalLM"], "model_type": "ministral3"}
    text |= _windows(params, text)
    if params.get("moe") is not None:
        text |= _experts(params["moe"])
        return Parsed(text, "params_json", ("converted from Mistral's params.json of a mixture of experts",))
    if params.get("vision_encoder") is not None:
        whole = _seeing(params["vision_encoder"], text)
        return Parsed(whole, "params_json", ("converted from Mistral's params.json of a model that sees",))
    return Parsed(text, "params_json", ("converted from Mistral's params.json",))


def _windows(params: _Fields, text: _Fields) -> _Fields:
    """One window for all layers, or a list of windows that repeats, with null for a layer without one."""
    name = "_sliding_window" if params.get("sliding_window") is None else "sliding_window"
    windows = params.get(name)
    if not isinstance(windows, list):
        return take(params, {name: "sliding_window"})
    sizes = {take({name: window}, {name: "sliding_window"}).get("sliding_window") for window in windows} - {None}
    layers = text["num_hidden_layers"]
    if not windows or layers % len(windows):
        message = f"{name} lists {len(windows):,} windows, which don't share out among {layers:,} layers."
        raise ConfigError("INCONSISTENT", message, next_step=_ADD, field=name)
    if len(sizes) > 1:
        raise unsupported(f"{name} lists windows of different sizes; such models aren't converted.", name)
    if not sizes:
        return {}
    kinds = ["full_attention" if window is None else "sliding_attention" for window in windows]
    return {
        "architectures": ["MinistralForCausalLM"],
        "model_type": "ministral",
        "sliding_window": sizes.pop(),
        "layer_types": kinds * (layers // len(kinds)),
    }


def _experts(moe: Any) -> _Fields:
    if not isinstance(moe, dict):
        raise type_error("moe", moe, "an object")
    names = {"num_experts": "num_local_experts", "num_experts_per_tok": "num_experts_per_tok"}
    experts = take(moe, names)
    absent = tuple(name for name in names.values() if name not in experts)
    if absent:
        raise ConfigError("MISSING_FIELD", f"moe lacks {' and '.join(absent)}.", next_step=_ADD, missing_fields=absent)
    return {"architectures": ["MixtralForCausalLM"], "model_type": "mixtral", **experts}


def _seeing(encoder: Any, text: _Fields) -> _Fields:
    """Pixtral's encoder before the language model: since Small 3.1 it merges neighbouring patches.

    No tensor has the size of the pictures, since positions are rotations; a file may leave it out.
    """
    if not isinstance(encoder, dict):
        raise type_error("vision_encoder", encoder, "an object")
    names = {f"vision_encoder.{name}": name for name in (*_VISION, "image_size")}
    names["vision_encoder.max_image_size"] = "image_size"  # since Small 3.1
    vision = take({f"vision_encoder.{name}": value for name, value in encoder.items()}, names)
    error = missing(vision, names, what="The params.json", next_step=_ADD, required=_VISION[:-1])
    if error:
        raise error
    merges = encoder.get("mm_projector_id") == "patch_merge"
    if merges is not (encoder.get("add_pre_mm_projector_layer_norm") is True):
        raise unsupported("vision_encoder describes a projector that isn't known.", "vision_encoder")
    kind = ("Mistral3", "mistral3") if merges else ("Llava", "llava")
    merging = take(encoder, {"spatial_merge_size": "spatial_merge_size"}) if merges else {}
    return {
        "architectures": [f"{kind[0]}ForConditionalGeneration"],
        "model_type": kind[1],
        **merging,
        "multimodal_projector_bias": encoder.get("adapter_bias") is not False,
        "vision_feature_layer": -1,
        "tie_word_embeddings": text["tie_word_embeddings"],
        "text_config": text,
        "vision_config": {"model_type": "pixtral", **vision},
    }


def mamba(params: _Fields) -> Parsed:
    """Codestral Mamba: all that the file doesn't say is what mamba_ssm takes by itself.

    Raises:
        ConfigError: MISSING_FIELD, FIELD_TYPE, FIELD_RANGE.

    Example:
        >>> codestral = {"dim": 4096, "n_layers": 64, "vocab_size": 32768, "n_groups": 8, "model_type": "mamba"}
        >>> mamba(codestral).value["num_heads"]
        128
    """
    found = take(params, {**_MAMBA, "n_groups": "n_groups"})
    error = missing(found, _MAMBA, what="The params.json", next_step=_ADD, required=tuple(_MAMBA.values()))
    if error:
        raise error
    inner = found["hidden_size"] * _MAMBA_STATE["expand"]
    if inner % _MAMBA_STATE["head_dim"]:
        message = f"dim is {found['hidden_size']:,}, which doesn't give whole heads of {_MAMBA_STATE['head_dim']}."
        raise ConfigError("INCONSISTENT", message, next_step=_ADD, field="dim")
    config = {
        "architectures": ["Mamba2ForCausalLM"],
        "model_type": "mamba2",
        "n_groups": 1,
        **found,
        **_MAMBA_STATE,
        "num_heads": inner // _MAMBA_STATE["head_dim"],
        "use_bias": False,
        "use_conv_bias": True,
        "tie_word_embeddings": params.get("tie_embeddings") is not False,
    }
    return Parsed(config, "params_json", ("converted from Mistral's params.json of a state-space model",))
