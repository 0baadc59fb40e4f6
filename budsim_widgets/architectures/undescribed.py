"""Estimates of what no description reads: a type that nobody has described, and parts of one that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import Module, extended, groups
from budsim_widgets.architectures.unread import note_of, tower_note, unread_parts
from budsim_widgets.intake.common_names import TEXT_PARTS
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

_DECODER_FIELDS: Final = ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers", "vocab_size")
_DRAFT_FIELD: Final = "draft_vocab_size"
_DRAFT_NOTE: Final = (
    "The config declares `draft_vocab_size`: it is a draft (EAGLE-3) of one layer, which runs beside another model and "
    "uses its embedding."
)


def undescribed_model(config: Mapping[str, Any], c: Config) -> tuple[Module, tuple[str, ...]]:
    """What the transformers in this kernel builds, else a decoder of the same dimensions; and what to say."""
    from budsim_widgets.architectures.generic import generic_model  # noqa: PLC0415 - nearly all models are described
    from budsim_widgets.architectures.installed import built_by_transformers  # noqa: PLC0415 - the same

    built = built_by_transformers(c)
    if built is not None:
        root, note = built
        return root, (note,)
    model_type = quoted(c.get("model_type") or "(none)")
    note = f"{model_type} isn't described yet: computed as a Llama-like decoder of the same dimensions."
    root = generic_model(c)
    root, notes = _with_towers(config, c, root, unread_parts(config, c.reads))
    return root, (note, *notes)


def with_unread(
    config: Mapping[str, Any], c: Config, root: Module, unread: tuple[str, ...]
) -> tuple[Module, tuple[str, ...]]:
    """The model with what it declares and its description doesn't know, as far as that can be told, and what to say."""
    from budsim_widgets.architectures.blocks.eagle3 import eagle3  # noqa: PLC0415 - nearly all is read
    from budsim_widgets.architectures.generic import (  # noqa: PLC0415 - the same
        EXPERT_COUNTS,
        LATENT_EXPERTS,
        generic_decoder,
    )

    is_plain = all(type(c.fields.get(name)) is int for name in _DECODER_FIELDS) and not _has_parts(c)
    if _DRAFT_FIELD in unread and is_plain:
        return eagle3(c), (_DRAFT_NOTE,)
    counts = tuple(path for path in unread if path in (*EXPERT_COUNTS, LATENT_EXPERTS))
    if counts and is_plain:
        note = f"The config declares `{counts[0]}`: its layers are estimated as those of a decoder with such experts."
        is_tied = not any(group.role == "head" for group in groups(root))  # as its description has it
        return generic_decoder(c.changed({**c.fields, "tie_word_embeddings": is_tied})), (note,)
    return _with_towers(config, c, root, unread)


def _has_parts(c: Config) -> bool:
    """Whether the model consists of models with configs of their own."""
    return any(isinstance(value, dict) and name.endswith("_config") for name, value in c.fields.items())


def _with_towers(
    config: Mapping[str, Any], c: Config, root: Module, unread: tuple[str, ...]
) -> tuple[Module, tuple[str, ...]]:
    """The model with the parts of its config that nothing read and whose sizes tell what they are, and what to say."""
    from budsim_widgets.architectures.generic_tower import generic_tower  # noqa: PLC0415 - nearly all is read

    text = next((c.get(name) for name in TEXT_PARTS if isinstance(c.get(name), Config)), c)
    width = text.get("hidden_size")
    found = {
        path: generic_tower(config[path], width if type(width) is int else None)
        for path in unread
        if isinstance(config.get(path), dict) and path not in root.children
    }
    towers = {path: tower for path, tower in found.items() if tower is not None}
    others = tuple(path for path in unread if path not in towers)
    notes = (
        *((tower_note(tuple(towers)),) if towers else ()),
        *((note_of(others),) if others else ()),
    )
    return (extended(root, towers) if towers else root), notes
