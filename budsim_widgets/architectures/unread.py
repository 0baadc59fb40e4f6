"""Parts that a config declares and that no description read: what makes an answer an estimate.

A description says what a class builds. A config may declare more than its class knows: a vision tower (`visual`,
`vision_config`), experts (`num_experts`), a prefix encoder (`pre_seq_len`), a draft's head (`draft_vocab_size`). Code
of the model's own (`auto_map`) may read fields that no class of transformers has.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.architectures.unread_names import (
    USUAL_NAMES,
    is_count,
    is_part,
    is_said_twice,
    may_name_tensors,
    names_parameters,
)
from budsim_widgets.data import load_table
from budsim_widgets.intake.defaults import declaration, declaration_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEPT: Final = frozenset(
    {
        ("bert", "pooler_fc_size"),
        ("bert", "pooler_num_attention_heads"),
        ("bert", "pooler_num_fc_layers"),
        ("bert", "pooler_size_per_head"),
        ("blt_global_transformer", "encoder_cross_output_size"),
        ("dots3_note_audio_encoder", "whisper_adapter_in_dim"),
        ("dots3_note_audio_encoder", "whisper_config"),
        ("ernie4_5_moe", "moe_gate"),
        ("ernie4_5_moe", "moe_norm_gate_logits"),
        ("gemma4_vision", "global_head_dim"),
        ("glm5_next_text", "linear_attn_config"),
        ("mimo_v2_flash", "swa_num_key_value_heads"),
        ("minimax_m2", "qk_norm_type"),
        ("minimax_m2", "use_qk_norm"),
        ("minimax_m2", "use_routing_bias"),
        ("nemotron_h", "time_step_rank"),
        ("parakeet_encoder", "projection_hidden_size"),
        ("speecht5", "num_feat_extract_layers"),
        ("t5_gemma_module", "cross_attention_hidden_size"),
        ("wav2vec2", "num_feat_extract_layers"),
    }
)
"""Fields that a class writes into a file for others, and builds nothing from: they follow from its own."""


class _Level(NamedTuple):
    """What is known of an object of a config.

    Attributes:
        model_type: The type of its class.
        reads: The paths of the fields that the description read.
        has_own_code: Whether the model comes with code of its own, which may read fields that no class has.
    """

    model_type: str
    reads: frozenset[str]
    has_own_code: bool


def unread_parts(config: Mapping[str, Any], reads: frozenset[str]) -> tuple[str, ...]:
    """Where the parts stand that a config declares and that nothing read.

    Args:
        config: The config as it was given.
        reads: The paths of the fields that its description read.

    Example:
        >>> unread_parts({"model_type": "llama", "visual": {"width": 1664, "layers": 48}}, frozenset())
        ('visual',)
    """
    level = _Level(str(config.get("model_type") or ""), reads, bool(config.get("auto_map")))
    return tuple(_unread(config, level, ""))


def note_of(paths: tuple[str, ...]) -> str:
    """What a person should know about such parts.

    Example:
        >>> note_of(("visual",))
        'The config declares `visual`, which is not counted: what its code builds of it comes on top.'
    """
    names = _named(paths)
    if len(paths) == 1:
        return f"The config declares {names}, which is not counted: what its code builds of it comes on top."
    return f"The config declares {names}, which are not counted: what its code builds of them comes on top."


def tower_note(paths: tuple[str, ...]) -> str:
    """The same of parts that are estimated from the sizes which they name.

    Example:
        >>> tower_note(("visual",))
        'The config declares `visual`, which is not described: it is estimated from its sizes.'
    """
    names = _named(paths)
    if len(paths) == 1:
        return f"The config declares {names}, which is not described: it is estimated from its sizes."
    return f"The config declares {names}, which are not described: they are estimated from its sizes."


def _named(paths: tuple[str, ...]) -> str:
    *first, last = (f"`{path[:60]}`" for path in paths[:4])
    return f"{', '.join(first)} and {last}" if first else last


def _unread(fields: Mapping[str, Any], level: _Level, prefix: str) -> Iterator[str]:
    known = declaration(level.model_type)
    parts = known.parts if known else {}
    declared = _declared(level.model_type)
    own: dict[str, Any] | None = None
    for name, value in fields.items():
        path = prefix + name
        if isinstance(value, dict) and name in parts:
            inner = declaration_in(parts[name], value)
            own_type = str(value.get("model_type", ""))
            inner_type = own_type if inner is declaration(own_type) else parts[name].type
            given = {f"{path}.{name_given}" for name_given in parts[name].values}
            yield from _unread(value, level._replace(model_type=inner_type, reads=level.reads | given), f"{path}.")
            continue
        if path in level.reads:
            continue
        if names_parameters(name, value):
            yield path
            continue
        if name in declared or (level.model_type, name) in _KEPT or (known is None and name in USUAL_NAMES):
            continue
        if is_count(value):
            if own is None:
                own = {each: fields[each] for each in fields if prefix + each in level.reads or each in declared}
            if is_said_twice(name, value, own):
                continue
        if is_part(name, value, is_type_known=known is not None) or (
            known and level.has_own_code and may_name_tensors(name, value)
        ):
            yield path


@lru_cache(maxsize=256)
def _declared(model_type: str) -> frozenset[str]:
    """All fields of a class: those that a model is built from, and the others; none of a type that isn't known."""
    known, table = declaration(model_type), load_table("config_fields")
    if known is None:
        return frozenset()
    flat = _declared(known.parts[known.flat].type) if known.flat else frozenset()
    others = f"{table['*']} {table['types'].get(model_type, '')}".split()
    return frozenset((*known.defaults, *known.kinds, *known.aliases, *known.aliases.values(), *others)) | flat
