"""What the name and the value of a field that nobody read say: whether a part of a model stands behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.intake.common_names import COMMON_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    | ^(altup|laurel|hyper_connections?|hc)_\w*(num|rate|mult|inputs|streams)\w*$ | (in|out)_features$
    """
)
"""Names of counts and lists that stand for tensors."""

_LIST_OF_SIZES: Final = re.compile(r"(^|_)(sizes|dims|widths|ranks|channels|features)$")
"""Endings of names of lists, one size for each layer or part."""

_SIZE: Final = re.compile(
    r"(^|_)(size|sizes|dim|dims|width|widths|rank|heads|channels)$|^(n|num|dim|d)_\w*(heads?|dim|model|embd)(_|$)"
)
"""Endings of names that mean the size of some tensor, in a config whose class declares all of its own."""

_REPEATED: Final = re.compile(
    r"""(?x)
      ^moe_\w+=intermediate_size$
    | ^(num|n)_((key_value|kv|query|attention|attn)_)?heads?(_kv)?=(\w+_)?heads?$ | ^swa_num_\w+_heads=num_\w+_heads$
    | ^(num|n)_((local|routed|moe)_)?experts=(num|n)_((local|routed|moe)_)?experts$
    | (head_dim|head_size)=(\w*head_dim|kv_channels)$
    | ^spatial_patch_size=patch_size$
    """
)
"""Names, and which of the class's own fields they repeat under another name: the number is the same then."""

_WITH_PARAMETERS: Final = frozenset({"prelu", "xielu"})
"""Activations of transformers that have parameters of their own, in every layer (`ACT2CLS` in its `activations.py`)."""

_ACTIVATION: Final = re.compile(r"act$|_act_|activation|act_fn|nonlinear")

_TOKENS: Final = re.compile(
    rf"""(?x)
      ^(num|n)_(virtual|prefix|memory|meta|register|soft|soft_prompt|learned|query)_tokens$
    | ^({_TOWER}|codec)_(vocab_size|vocabulary_size)$
    | ^(num|n)_(\w+_)?(slots|buckets|quantizers|speakers|langs|languages|latents)$ | ^max_2d_position_embeddings$
    | ^prompt_encoder_(\w+_)?(size|dim)$
    """
)
"""Names with which tokens, positions, speakers are counted that have an embedding of their own."""

_NAMED: Final = re.compile(
    rf"""(?x)
      (_tower|_encoder)$ | ^(mm_)?({_TOWER})_(tower|encoder|model|backbone)(_(name|id|path|type|or|pretrained))*$
    | ^mm_projector_type$ | ^mtp_layer_types$
    """
)
"""Names of fields whose text names a part: that of a model of its own, mostly."""

_NEUTRAL: Final = re.compile(
    r"""(?x)
      rope | rotary | quant | scaling | sparsity | id2label | label2id | token(?!2) | generation
    | task_specific | auto_map | pruned_heads | pipelines | processor | prompt | unsloth | speculat | kwargs | drop
    | prob | eps | theta | loss
    | init | std | coef | alpha | temperature | seed | version | cache | activation | _act$ | position | context
    | (?<!pre_)seq_?len | length | window | freq | _ids?$ | tied | template | transformers | torch | dtype | beam
    | compression | attn_impl | epoch | steps?$ | batch | parallel | original_ | ^_ | frames | chunk | repeat | pretrain
    | _base$ | vocab_size_multiple | ^(image|crop|max_image)_size$ | ^tie_ | causal | flash | scoring | topk | top_k
    | seq_aux | aux_free | capacity | global_pool | ^(do|return|use_cache|fp16|bf16|fp32|finetuning|device)(_|$)
    | ^output_(attentions|hidden_states|router_logits|scores)$ | licen[cs]e | ^(base|name|tags?|framework|languages?)$
    """
)
"""Names of fields that say nothing about tensors."""

_MAX_DEPTH: Final = 4
"""How deep an object is looked into that nobody read."""

_SIZES: Final = re.compile(
    r"size|width|dim|layers|depth|heads|channels|embed|experts|hidden|blocks|rank|features|latents|(^|_)(r|rows|cols)$"
)
_COMMON: Final = frozenset(
    {
        *("architectures", "languages", "vocab_size", "projection_dim"),
        *("hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads", "head_dim"),
    }
)
"""Fields that stand in files of towers and language models alike, whoever reads them."""


USUAL_NAMES: Final = frozenset(name for names in COMMON_NAMES.values() for name in names)
"""Names of the sizes that an estimate of an unknown type reads."""


def names_parameters(name: str, value: Any) -> bool:
    """Whether a field names an activation that has parameters.

    Example:
        >>> names_parameters("hidden_act", "xielu"), names_parameters("hidden_act", "silu")
        (True, False)
    """
    return isinstance(value, str) and value in _WITH_PARAMETERS and bool(_ACTIVATION.search(name))


def is_said_twice(name: str, value: Any, own: Mapping[str, Any]) -> bool:
    """Whether a count repeats one of the class's own fields (those that are read or declared) under another name.

    Example:
        >>> is_said_twice("swa_head_dim", 192, {"head_dim": 192, "swa_head_dim": 192})
        True
    """
    same = [other for other, known in own.items() if other != name and known == value and is_count(known)]
    return any(_REPEATED.search(f"{name}={other}") for other in same)


def is_part(name: str, value: Any, *, is_type_known: bool = True) -> bool:
    """Whether a field that nobody read stands for a part of the model.

    Args:
        name: Its name.
        value: Its value.
        is_type_known: Whether a class declares the fields of the config that it stands in, so that this isn't one.

    Example:
        >>> is_part("num_widget_heads", 8), is_part("num_beams", 4), is_part("visual", {"width": 1664})
        (True, False, True)
    """
    if isinstance(value, dict):
        return not _NEUTRAL.search(name) and _has_part(value)
    if isinstance(value, str):
        return bool(value) and bool(_NAMED.search(name))
    if isinstance(value, list):
        is_named = bool(_PARTS.search(name))
        is_named = is_named or (is_type_known and bool(_LIST_OF_SIZES.search(name)) and not _NEUTRAL.search(name))
        return any(
            is_named or (not _NEUTRAL.search(name) and _has_part(item))
            if isinstance(item, dict)
            else (is_named and is_count(item)) or (isinstance(item, str) and bool(_NAMED.search(name)))
            for item in value
        )
    if not is_count(value):
        return False
    if _TOKENS.search(name):
        return True
    is_named = bool(_PARTS.search(name)) or (is_type_known and name not in _COMMON and bool(_SIZE.search(name)))
    return is_named and not _NEUTRAL.search(name)


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


def may_name_tensors(name: str, value: Any) -> bool:
    """Whether a model's own code may build something of a field that transformers' class of it doesn't have.

    A count, a switch that is on, a text, unless the name says that it's about something else.

    Example:
        >>> may_name_tensors("feed_forward_type", "geglu"), may_name_tensors("topk_method", "noaux_tc")
        (True, False)
    """
    if _NEUTRAL.search(name) or name in _COMMON:
        return False
    if isinstance(value, dict):
        return any(may_name_tensors(inner, item) for inner, item in value.items() if not isinstance(item, dict))
    items = value if isinstance(value, list) else [value]
    return any(item is True or is_count(item) or (isinstance(item, str) and bool(item)) for item in items)


def _is_size(name: str, value: Any) -> bool:
    if not _SIZES.search(name):
        return False
    return any(is_count(item) or _is_written_count(item) for item in (value if isinstance(value, list) else [value]))


def _is_written_count(value: Any) -> bool:
    """A whole number that was written as a text."""
    return isinstance(value, str) and value.isascii() and value.isdecimal() and value not in {"0", "1"}


def is_count(value: Any) -> bool:
    """Whether a value may count something, or be a size: a whole number above 1."""
    return type(value) is int and value > 1
