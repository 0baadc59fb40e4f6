"""Bytes of the weights on a rank, with what loading adds: rows of the vocabulary, padded experts, rope tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.cache import LatentCache
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.engines.parallel import heads_of
from budsim_widgets.engines.vllm.layer_specs import has_latents
from budsim_widgets.engines.vllm.layers import num_decoder_layers
from budsim_widgets.engines.vllm.plan import stage_ranges
from budsim_widgets.engines.vllm.rope_tables import rope_table_bytes
from budsim_widgets.engines.vllm.states import text_fields
from budsim_widgets.engines.vllm.versions import FIRST_WITH_ENGINE_V1
from budsim_widgets.formats.stored_tensor import ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.parallel import Heads
    from budsim_widgets.engines.vllm.versions import Version
    from budsim_widgets.formats.stored import StoredTensors, StoredWeights

_SPLIT_ROLES: Final = frozenset({"linear", "experts", "embedding", "head", "conv"})
_KEY_VALUE_ENDS: Final = ("k_proj.weight", "v_proj.weight", "k_proj.bias", "v_proj.bias")
_WHOLE_ENDS: Final = (
    *("q_a_proj.weight", "kv_a_proj_with_mqa.weight"),
    *("gate.weight", "router.weight", "shared_expert_gate.weight"),
    *("wk.weight", "wq_b.weight", "weights_proj.weight"),
)
"""Latents, routers and indexers, which every rank needs whole (`ReplicatedLinear`)."""

_VOCABULARY_STEP: Final = 64
"""`DEFAULT_VOCAB_PADDING_SIZE` of `vocab_parallel_embedding.py`."""

_MXFP4_WIDTH_STEP: Final = 128
_MXFP4_HIDDEN_STEP: Final = 256
"""Marlin's tiles for MXFP4: `mxfp4_round_up_hidden_size_and_intermediate_size` (0.33)."""


@kept_with_architecture
def weight_bytes_by_stage(  # noqa: PLR0913 - what the split depends on
    architecture: Architecture,
    stored: StoredWeights,
    *,
    ranks: int,
    stages: int,
    dtype_bytes: int,
    is_mxfp4: bool,
    version: Version,
) -> tuple[int, ...]:
    """Weights of one rank of each pipeline stage.

    Embedding and what is made for it stand on the first stage, the head on the last; a tied embedding on both.

    Args:
        architecture: The model.
        stored: Its tensors.
        ranks: Devices that share a layer.
        stages: Pipeline stages.
        dtype_bytes: Width of the computation's format, which tables made on load have.
        is_mxfp4: Whether the experts are MXFP4, which pads them.
        version: The version of vLLM.
    """
    heads, rows = heads_of(architecture), _vocabulary_rows(architecture)
    in_layers = first = last = 0
    has_head = any(tensors.role == "head" for tensors in stored.tensors)
    for tensors in stored.tensors:
        held = _on_one_rank(tensors, ranks, heads)
        if tensors.role in {"embedding", "head"} and rows:
            held = held * _padded(rows, _VOCABULARY_STEP) // rows if ranks == 1 or held < tensors.num_bytes else held
        if is_mxfp4 and tensors.role == "experts":
            held = _padded_mxfp4(held, architecture, ranks)
        if "*" in tensors.name:
            in_layers += held
        elif tensors.role == "embedding":
            first += held
            last += 0 if has_head or stages == 1 else held
        else:
            last += held
    if stored.tensors:
        in_layers += _absorbed_bytes(architecture, ranks, dtype_bytes, version)
    layers = num_decoder_layers(architecture)
    sums = [in_layers * (end - start) // layers for start, end in stage_ranges(layers, stages)]
    sums[0] += first
    sums[-1] += last
    table = rope_table_bytes(architecture, dtype_bytes) if stored.tensors else 0
    return tuple(held + table for held in sums)


def _on_one_rank(tensors: StoredTensors, ranks: int, heads: Heads) -> int:
    if ranks == 1 or tensors.role not in _SPLIT_ROLES or tensors.name.endswith(_WHOLE_ENDS):
        return tensors.num_bytes
    if heads.key_value and tensors.name.endswith(_KEY_VALUE_ENDS):
        return ceil_div(tensors.num_bytes, min(ranks, heads.key_value))
    return ceil_div(tensors.num_bytes, ranks)


def _vocabulary_rows(architecture: Architecture) -> int:
    rows = text_fields(architecture.config).get("vocab_size")
    return rows if isinstance(rows, int) and rows > 0 else 0


def _padded(count: int, step: int) -> int:
    return ceil_div(count, step) * step


def _padded_mxfp4(num_bytes: int, architecture: Architecture, ranks: int) -> int:
    """gpt-oss: 2,880 · 2,880 becomes 2,944 · 3,072, 9 % more."""
    fields = text_fields(architecture.config)
    width, hidden = fields.get("intermediate_size"), fields.get("hidden_size")
    if not isinstance(width, int) or not isinstance(hidden, int) or width < ranks or hidden < 1:
        return num_bytes
    of_rank = width // ranks
    padded = _padded(of_rank, _MXFP4_WIDTH_STEP) * _padded(hidden, _MXFP4_HIDDEN_STEP)
    return num_bytes * padded // (of_rank * hidden)


def _absorbed_bytes(architecture: Architecture, ranks: int, dtype_bytes: int, version: Version) -> int:
    """The matrices that MLA multiplies with, made of its projections and kept beside them.

    Since 0.8 the two parts of `kv_b_proj`; before, their products with the projections of queries and of the output
    (`process_weights_after_loading` of `mla_attention.py`).
    """
    if not has_latents(architecture):
        return 0
    fields = text_fields(architecture.config)
    heads, hidden, nope, rope, value, query = (
        int(fields.get(name) or 0)
        for name in (
            *("num_attention_heads", "hidden_size", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"),
            "q_lora_rank",
        )
    )
    latents = [
        (cache.kv_lora_rank, count) for cache, count in architecture.layer_caches if isinstance(cache, LatentCache)
    ]
    if version >= FIRST_WITH_ENGINE_V1:
        of_a_head = [(rank * (nope + value), count) for rank, count in latents]
    else:
        of_a_head = [((query or hidden) * (rank + rope) + rank * hidden, count) for rank, count in latents]
    return sum(numbers * count for numbers, count in of_a_head) * (heads // ranks) * dtype_bytes
