"""Parts that a config declares and that no description read: what makes an answer an estimate.

A description says what a class builds. A config may declare more than its class knows: a vision tower (`visual`,
`vision_config`), experts (`num_experts`), a prefix encoder (`pre_seq_len`), a draft's head (`draft_vocab_size`). Code
of the model's own (`auto_map`) may read fields that no class of transformers has.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.data import load_table
from budsim_widgets.intake.common_names import COMMON_NAMES
from budsim_widgets.intake.defaults import declaration, declaration_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOWER: Final = "vision|visual|image|audio|speech|video|vit"
_PARTS: Final = re.compile(
    rf"""(?x)
      ^(?!.*(per_tok|capacity|group|top|select|bias|freq|layout|score)).*experts?(_num|_count|s?_per_layer|_size)?$
    | ^expert_(num|count|intermediate_size|hidden_size)$
    | ^(moe|shared_expert|routed_expert)_\w*(size|dim)$ | ^(q|kv|o)_lora_rank$ | _per_layer_input$
    | (^|_)mtp(_\w+)?_(layers|modules|depth)$ | ^(num_mtp\w*|mtp_(depth|layers?)|n_predict)$
    | codebook | ^(\w+_)?ngram_vocab_size$ | ^(memory|pooler|value_head|bottleneck|engram)_(\w+_)?(size|dim|rank)$
    | ^(num_)?(aux|medusa|reward|draft|extra)_(\w+_)?heads$
    | ^(pre_seq_len|draft_vocab_size|routed_expert_hidden_size|medusa_num_\w+|num_medusa_\w+|eagle_\w*layers?)$
    | ^lora_(r|rank|dim)$ | ^adapter_(dim|size|rank)$
    | ^(mm|{_TOWER})_(\w+_)?(hidden_size|width|layers|dim|depth|tower|encoder)$ | ^(mm_)?({_TOWER})_(tower|encoder)$
    | (?<!max_window)(_layers|_blocks|_towers|_adapters)$ | ^block_configs$ | _per_layer$
    """
)
"""Names of counts and lists that stand for tensors."""

_OF_EXPERTS: Final = "moe_"

_TOKENS: Final = re.compile(
    rf"""(?x)
      ^(num|n)_(virtual|prefix|memory|meta|register|soft|soft_prompt|learned|query)_tokens$
    | ^({_TOWER}|codec)_(vocab_size|vocabulary_size)$
    """
)
"""Names with which tokens are counted that have an embedding of their own."""

_NAMED: Final = re.compile(
    rf"""(?x)
      (_tower|_encoder)$ | ^(mm_)?({_TOWER})_(tower|encoder|model|backbone)(_(name|id|path|type|or|pretrained))*$
    | ^mm_projector_type$
    """
)
"""Names of fields whose text names a part: that of a model of its own, mostly."""

_NEUTRAL: Final = re.compile(
    r"""(?x)
      rope | rotary | quant | scaling | sparsity | id2label | label2id | token | generation | task_specific | auto_map
    | pruned_heads | pipelines | processor | prompt | unsloth | speculat | kwargs | drop | prob | eps | theta | loss
    | init | std | coef | alpha | temperature | seed | version | cache | activation | _act$ | position | context
    | (?<!pre_)seq_?len | length | window | freq | _ids?$ | tied | template | transformers | torch | dtype | beam
    | compression | attn_impl | epoch | steps?$ | batch | parallel | original_ | ^_
    """
)
"""Names of fields that say nothing about tensors."""

_KEPT: Final = frozenset(
    {
        ("dots3_note_audio_encoder", "whisper_config"),
        ("glm5_next_text", "linear_attn_config"),
        ("speecht5", "num_feat_extract_layers"),
        ("t5_gemma_module", "cross_attention_hidden_size"),
        ("wav2vec2", "num_feat_extract_layers"),
    }
)
"""Fields that a class writes into a file for others, and builds nothing from: they follow from its own."""

_MAX_DEPTH: Final = 4
"""How deep an object is looked into that nobody read."""

_SIZES: Final = re.compile(r"size|width|dim|layers|depth|heads|channels|embed|experts|hidden|blocks")
_COMMON: Final = frozenset({"architectures", "languages", "vocab_size", "projection_dim"})
"""Fields that stand in files of towers and language models alike, whoever reads them."""


_USUAL_NAMES: Final = frozenset(name for names in COMMON_NAMES.values() for name in names)
"""Names of the sizes that an estimate of an unknown type reads."""


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
    for name, value in fields.items():
        path = prefix + name
        if isinstance(value, dict) and name in parts:
            inner = declaration_in(parts[name], value)
            own_type = str(value.get("model_type", ""))
            inner_type = own_type if inner is declaration(own_type) else parts[name].type
            given = {f"{path}.{name_given}" for name_given in parts[name].values}
            yield from _unread(value, level._replace(model_type=inner_type, reads=level.reads | given), f"{path}.")
        elif (
            path in level.reads
            or name in declared
            or (level.model_type, name) in _KEPT
            or _is_said_twice(name, value, fields)
            or (known is None and name in _USUAL_NAMES)
        ):
            continue
        elif _is_part(name, value) or (known and level.has_own_code and _has_sizes(name, value)):
            yield path


def _is_said_twice(name: str, value: Any, fields: Mapping[str, Any]) -> bool:
    """Whether it is the width of experts that the class reads from `intermediate_size`."""
    return name.startswith(_OF_EXPERTS) and value == fields.get("intermediate_size")


@lru_cache(maxsize=256)
def _declared(model_type: str) -> frozenset[str]:
    """All fields of a class: those that a model is built from, and the others; none of a type that isn't known."""
    known, table = declaration(model_type), load_table("config_fields")
    if known is None:
        return frozenset()
    flat = _declared(known.parts[known.flat].type) if known.flat else frozenset()
    others = f"{table['*']} {table['types'].get(model_type, '')}".split()
    return frozenset((*known.defaults, *known.kinds, *known.aliases, *known.aliases.values(), *others)) | flat


def _is_part(name: str, value: Any) -> bool:
    if isinstance(value, dict):
        return not _NEUTRAL.search(name) and _has_part(value)
    if isinstance(value, str):
        return bool(value) and bool(_NAMED.search(name))
    if isinstance(value, list):
        is_named = bool(_PARTS.search(name))
        return any(
            is_named or (not _NEUTRAL.search(name) and _has_part(item))
            if isinstance(item, dict)
            else is_named and _is_count(item)
            for item in value
        )
    if not _is_count(value):
        return False
    return bool(_TOKENS.search(name)) or (bool(_PARTS.search(name)) and not _NEUTRAL.search(name))


def _has_part(fields: Mapping[str, Any], depth: int = 0) -> bool:
    """Whether an object that nobody read has a size, or holds one that has."""
    for name, value in fields.items():
        if _is_size(name, value):
            return True
        inner = value if isinstance(value, list) else (value,)
        is_near = depth < _MAX_DEPTH and not _NEUTRAL.search(name)
        if is_near and any(isinstance(item, dict) and _has_part(item, depth + 1) for item in inner):
            return True
    return False


def _has_sizes(name: str, value: Any) -> bool:
    """Whether a field of unknown meaning may be the size of a tensor."""
    if _NEUTRAL.search(name) or name in _COMMON:
        return False
    items = value if isinstance(value, list) else [value]
    return any(_is_count(item) for item in items)


def _is_size(name: str, value: Any) -> bool:
    if not _SIZES.search(name):
        return False
    return any(_is_count(item) or _is_written_count(item) for item in (value if isinstance(value, list) else [value]))


def _is_written_count(value: Any) -> bool:
    """A whole number that was written as a text."""
    return isinstance(value, str) and value.isascii() and value.isdecimal() and value not in {"0", "1"}


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 1
