"""What sizes and parts are called in the configs of models that transformers doesn't know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMON_NAMES: Final = {
    "hidden_size": ("hidden_size", "n_embd", "n_embed", "d_model", "dim", "hidden_dim", "model_dim", "embed_dim"),
    "num_hidden_layers": (
        *("num_hidden_layers", "n_layer", "n_layers", "num_layers", "decoder_layers", "encoder_layers"),
        "num_decoder_layers",
        "num_transformer_layers",
    ),
    "num_attention_heads": (
        *("num_attention_heads", "n_head", "n_heads", "num_heads", "num_query_heads"),
        *("decoder_attention_heads", "encoder_attention_heads"),
    ),
    "vocab_size": ("vocab_size", "n_vocab", "padded_vocab_size", "n_words", "n_token", "tgt_vocab_size"),
}
"""What the required fields are called in models that transformers doesn't know."""

_OPTIONAL_NAMES: Final = {
    "num_key_value_heads": ("n_kv_heads", "num_kv_heads", "n_head_kv", "num_query_groups", "n_query_groups"),
    "intermediate_size": ("ffn_hidden_size", "ffn_dim", "n_inner", "d_ff"),
}

TEXT_PARTS: Final = (
    "text_config",
    "llm_config",
    "language_config",
    "language_model_config",
    "decoder",
    "thinker_config",
)
"""Where a multimodal config keeps its language model."""


def with_common_names(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config, and its language model, with the sizes under the names that transformers mostly has for them.

    Example:
        >>> with_common_names({"n_embd": 768, "llm_config": {"n_layer": 12}})
        {'n_embd': 768, 'llm_config': {'n_layer': 12, 'num_hidden_layers': 12}, 'hidden_size': 768}
    """
    fields = dict(config)
    for part in TEXT_PARTS:
        if isinstance(fields.get(part), dict):
            fields[part] = with_common_names(fields[part])
    for field, names in {**COMMON_NAMES, **_OPTIONAL_NAMES}.items():
        value = next((fields[name] for name in names if fields.get(name) is not None), None)
        if value is not None and fields.get(field) is None:
            fields[field] = value
    return fields
