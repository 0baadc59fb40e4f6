"""Configs of models in the formats of their first code: state-spaces' Mamba, LLaVA's, Nomic's.

Each says the same as a config of transformers under other names; what it holds is read as that.
"""

from __future__ import annotations

from typing import Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.readers.json_text import Parsed

_CLIP: Final = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "model_type": "clip_vision_model",
    "num_attention_heads": 16,
    "num_hidden_layers": 24,
    "patch_size": 14,
    "projection_dim": 768,
    "vocab_size": 32000,
}
_CLIP_SIZES: Final = {"clip-vit-large-patch14-336": 336, "clip-vit-large-patch14": 224}
"""Pictures of the two towers that LLaVA was trained with. Source: openai/clip-vit-large-patch14-336."""

_LANGUAGE_MODELS: Final = {"llava": "llama", "llava_llama": "llama", "llava_mistral": "mistral", "llava_qwen": "qwen2"}
_NOMIC: Final = {
    "n_embd": "hidden_size",
    "n_layer": "num_hidden_layers",
    "n_head": "num_attention_heads",
    "n_inner": "intermediate_size",
    "n_positions": "max_position_embeddings",
}
_MAMBA_FIELDS: Final = frozenset({"rms_norm", "residual_in_fp32", "fused_add_norm", "pad_vocab_size_multiple"})
_MAMBA_STATE: Final = 16
_MAMBA2_STATE: Final = 128
_MAMBA2_HEAD: Final = 64


def is_older_format(fields: dict[str, Any]) -> bool:
    """Whether an object is such a config.

    Example:
        >>> is_older_format({"d_model": 2560, "n_layer": 64, "ssm_cfg": {}, "rms_norm": True})
        True
    """
    return _is_mamba(fields) or _is_llava(fields) or _is_nomic(fields)


def convert(fields: dict[str, Any]) -> Parsed:
    """The same config in the format of transformers.

    Raises:
        ConfigError: UNSUPPORTED, for Mamba with attention or feed-forward blocks.

    Example:
        >>> mamba = {"d_model": 2560, "n_layer": 64, "ssm_cfg": {}, "rms_norm": True, "vocab_size": 50277}
        >>> convert(mamba).value["vocab_size"]
        50280
    """
    if _is_mamba(fields):
        return Parsed(_from_mamba(fields), "json", ("converted from state-spaces' Mamba config",))
    if _is_llava(fields):
        return Parsed(_from_llava(fields), "json", ("converted from LLaVA's own config",))
    named = {_NOMIC.get(name, name): value for name, value in fields.items()}
    return Parsed(named, "json", ("read the names of Nomic's own config",))


def _is_mamba(fields: dict[str, Any]) -> bool:
    has_sizes = {"d_model", "n_layer", "ssm_cfg"} <= fields.keys()
    return "model_type" not in fields and has_sizes and not _MAMBA_FIELDS.isdisjoint(fields)


def _is_llava(fields: dict[str, Any]) -> bool:
    return (
        isinstance(fields.get("mm_vision_tower"), str)
        and "text_config" not in fields
        and str(fields.get("model_type")) in _LANGUAGE_MODELS
    )


def _is_nomic(fields: dict[str, Any]) -> bool:
    return fields.get("model_type") == "nomic_bert" and "n_embd" in fields and "hidden_size" not in fields


def _from_mamba(fields: dict[str, Any]) -> dict[str, Any]:
    if fields.get("d_intermediate") or fields.get("attn_layer_idx"):
        raise ConfigError(
            "UNSUPPORTED",
            "This is a Mamba with attention or feed-forward blocks in state-spaces' own format, which isn't read.",
            next_step="Paste the config.json of its converted repository, whose name ends with -hf.",
            field="attn_layer_idx" if fields.get("attn_layer_idx") else "d_intermediate",
        )
    settings = fields["ssm_cfg"] if isinstance(fields["ssm_cfg"], dict) else {}
    multiple = fields.get("pad_vocab_size_multiple", 8)
    vocabulary, width = fields.get("vocab_size"), fields["d_model"]
    if type(vocabulary) is int and type(multiple) is int and 0 < multiple <= vocabulary:
        vocabulary = -(-vocabulary // multiple) * multiple
    is_second = settings.get("layer") == "Mamba2"
    common = {
        "model_type": "mamba2" if is_second else "mamba",
        "architectures": ["Mamba2ForCausalLM" if is_second else "MambaForCausalLM"],
        "hidden_size": width,
        "num_hidden_layers": fields["n_layer"],
        "vocab_size": vocabulary,
        "state_size": settings.get("d_state", _MAMBA2_STATE if is_second else _MAMBA_STATE),
        "expand": settings.get("expand", 2),
        "conv_kernel": settings.get("d_conv", 4),
        "tie_word_embeddings": fields.get("tie_embeddings", True),
    }
    if not is_second or type(width) is not int or type(common["expand"]) is not int:
        return common
    head = settings.get("headdim", _MAMBA2_HEAD)
    heads = common["expand"] * width // head if type(head) is int and head > 0 else None
    return {**common, "head_dim": head, "num_heads": heads, "n_groups": settings.get("ngroups", 1)}


def _from_llava(fields: dict[str, Any]) -> dict[str, Any]:
    language = _LANGUAGE_MODELS[fields["model_type"]]
    tower = fields["mm_vision_tower"].rstrip("/").rpartition("/")[2]
    is_usual = tower in _CLIP_SIZES and fields.get("mm_projector_type") == "mlp2x_gelu"
    text = {name: value for name, value in fields.items() if not name.startswith("mm_") and name != "architectures"}
    if not is_usual:
        # Its tower is not known: the language model, and a note that names the tower.
        kept = {name: value for name, value in fields.items() if name.startswith("mm_")}
        return {**text, **kept, "model_type": language}
    beside: dict[str, Any] = {
        name: text.pop(name) for name in ("torch_dtype", "dtype", "quantization_config") if name in text
    }
    return {
        "model_type": "llava",
        "architectures": ["LlavaForConditionalGeneration"],
        "text_config": {**text, "model_type": language},
        "vision_config": {**_CLIP, "image_size": _CLIP_SIZES[tower]},
        "tie_word_embeddings": text.get("tie_word_embeddings", False),
        **beside,
    }
