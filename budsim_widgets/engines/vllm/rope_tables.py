"""The tables of cosines and sines that vLLM keeps for rotary embeddings, in memory alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.cache import AttentionCache, LatentCache
from budsim_widgets.engines.vllm.states import text_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture

_MROPE_POSITIONS: Final = 4
"""Qwen2-VL's and Qwen2.5-VL's tables are four times as long (`MRotaryEmbedding`)."""

_BIASED: Final = frozenset({"bloom", "mpt", "t5", "mt5", "umt5", "jamba", "granitemoehybrid"})
_POSITIONS: Final = re.compile(r"position|\bwpe\b")

_SCALED_LENGTHS: Final = frozenset({"yarn", "deepseek_yarn", "linear"})


def rope_table_bytes(architecture: Architecture, dtype_bytes: int) -> int:
    """The table of cosines and sines: one for all layers that rotate alike.

    Example:
        Llama-3.1-8B: 131,072 positions of 128 numbers in bf16, 32 MiB.

        >>> from budsim_widgets.architectures import build
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8, "max_position_embeddings": 131072})
        >>> rope_table_bytes(llama, 2)
        33554432
    """
    fields = text_fields(architecture.config)
    positions, dims = fields.get("max_position_embeddings"), _rotary_dims(architecture, fields)
    if not isinstance(positions, int) or positions <= 0 or not dims:
        return 0
    rotations = _rotations(fields)
    return sum(_table_length(positions, rotation) for rotation in rotations) * dims * dtype_bytes


def _rotary_dims(architecture: Architecture, fields: Mapping[str, Any]) -> int:
    if not _rotates(architecture):
        return 0
    for cache, _ in architecture.layer_caches:
        if isinstance(cache, LatentCache):
            return cache.rope_head_dim
        if isinstance(cache, AttentionCache):
            factor = _rotations(fields)[0].get("partial_rotary_factor", fields.get("partial_rotary_factor"))
            return int(cache.key_head_dim * factor) if isinstance(factor, float) else cache.key_head_dim
    return 0


def _rotates(architecture: Architecture) -> bool:
    """Whether positions are rotations: not where they have vectors of their own, or a bias on the scores."""
    embeddings = (group.name for group in architecture.tensor_groups if group.role == "embedding")
    return architecture.model_type not in _BIASED and not any(_POSITIONS.search(name) for name in embeddings)


def _rotations(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The ways that layers rotate: mostly one; by kind of layer where `rope_parameters` says so."""
    given = fields.get("rope_parameters") or fields.get("rope_scaling")
    if not isinstance(given, dict):
        return [{}]
    by_kind: list[Mapping[str, Any]] = [value for value in given.values() if isinstance(value, dict)]
    return by_kind or [given]


def _table_length(positions: int, rotation: Mapping[str, Any]) -> int:
    kind = rotation.get("rope_type", rotation.get("type"))
    original = rotation.get("original_max_position_embeddings")
    factor = rotation.get("factor")
    if kind in _SCALED_LENGTHS and isinstance(factor, (int, float)) and 0 < factor < positions:
        start = original if isinstance(original, int) and kind != "linear" else positions
        return int(start * factor)
    if kind in {"longrope", "su"} and isinstance(original, int):
        return positions + original
    if "mrope_section" in rotation and not rotation.get("mrope_interleaved"):
        return positions * _MROPE_POSITIONS
    return positions
