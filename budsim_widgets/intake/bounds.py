"""The ranges that sizes in a config may have: wide enough for any model, narrow enough for any computer."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

MAX_LIST_ITEMS: Final = 10_000
MAX_TEXT_CHARACTERS: Final = 10_000
MAX_FLOAT: Final = 1e9


class Bounds(NamedTuple):
    """The smallest and the largest value of a whole number."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"from {self.low:,} to {self.high:,}"


# The first pattern found in a field's name counts. What other fields are divided by begins at 1.
_RULES: Final = (
    (r"^(hidden_size|d_model|n_embd|emb_dim|dim)$", Bounds(1, 1_000_000)),
    (r"^intermediate_size$", Bounds(1, 1_000_000)),
    (r"^(max_position_embeddings|n_positions|n_ctx|max_seq_len|max_seq_length)$", Bounds(1, 1_000_000_000)),
    (r"^(num_hidden_layers|n_layers?|num_layers)$", Bounds(1, 10_000)),
    (r"^seed$", Bounds(0, 2**63)),
    (r"res_blocks$|residual_layers$", Bounds(0, 100)),
    (r"sparsity", Bounds(0, 1)),
    (r"ratio$", Bounds(1, 1_000_000)),
    (r"_layer$|_index(es)?$|_idx$|_offset$|_id$", Bounds(-10_000, 10_000_000)),
    (r"per_layer_input", Bounds(0, 10_000_000)),
    (r"^(vocab_size|n_words|n_token)$", Bounds(1, 10_000_000)),
    (r"ngram_vocab", Bounds(0, 1_000_000_000)),
    (r"vocab", Bounds(0, 10_000_000)),
    (r"chunk_size|max_relative_positions", Bounds(-1, 1_000_000_000)),
    (r"experts|top_?k|^moe_k$", Bounds(0, 100_000)),
    (r"^(n_group|topk_group)$", Bounds(0, 100_000)),
    (r"heads?$", Bounds(1, 100_000)),
    (r"layers?$|^depths?$|_depth$|_layers_|_times$", Bounds(0, 10_000)),
    (r"^sliding_window_pattern$", Bounds(0, 10_000)),  # written as 0 where there is no window
    (r"_sparse_step$", Bounds(0, 10_000)),  # 0: no layer of T5's or M2M's kind has experts
    (r"_step$|_period$|_interval$|every_n|_pattern$|_freq$|^layer_group_size$", Bounds(1, 10_000)),
    (r"_groups?$|patch_size$|merge_size$|expand$|kernel|stride|d_conv$", Bounds(1, 100_000)),
    (r"position|window|context|seq|length|tokens|num_latents|_rate$", Bounds(0, 1_000_000_000)),
)
MAX_STAGES: Final = 64
"""Stages of a tower, each with convolutions of its own; released ones have up to 8."""

_STAGES: Final = r"^(channel_multiplier|ch_mult|upsampling_ratios|block_sizes|type_vocab_sizes)$"

_OTHERS: Final = Bounds(0, 1_000_000)


@cache
def bounds_of(name: str) -> Bounds:
    """The range of a whole number in the field of this name.

    Example:
        >>> str(bounds_of("num_hidden_layers")), str(bounds_of("intermediate_size"))
        ('from 1 to 10,000', 'from 1 to 1,000,000')
    """
    return next((bounds for pattern, bounds in _RULES if re.search(pattern, name)), _OTHERS)


@cache
def max_items_of(name: str) -> int:
    """How many items the list in the field of this name may have.

    Example:
        >>> max_items_of("channel_multiplier"), max_items_of("layer_types")
        (64, 10000)
    """
    return MAX_STAGES if re.search(_STAGES, name) else MAX_LIST_ITEMS
