"""Estimates of what no description reads: a type that nobody has described, and parts of one that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import Module, extended, groups
from budsim_widgets.architectures.plain_decoder import is_plain_decoder
from budsim_widgets.architectures.uncertainty import BUILT, PARTS_ADDED, PLAIN_DECODER, UNCONFIRMED, UNDESCRIBED
from budsim_widgets.architectures.uncertainty import note_of as range_note
from budsim_widgets.architectures.unread import note_of, tower_note, unread_parts
from budsim_widgets.intake.common_names import TEXT_PARTS
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures.uncertainty import Uncertainty

_DECODER_FIELDS: Final = ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers", "vocab_size")
_DRAFT_FIELD: Final = "draft_vocab_size"
_DRAFT_NOTE: Final = (
    "The config declares `draft_vocab_size`: it is a draft (EAGLE-3) of one layer, which runs beside another model and "
    "uses its embedding."
)


def undescribed_model(config: Mapping[str, Any], c: Config) -> tuple[Module, tuple[str, ...], Uncertainty]:
    """What the transformers in this kernel builds, else a model of the same dimensions; what to say, and how sure."""
    from budsim_widgets.architectures.generic import (  # noqa: PLC0415 - nearly all models are described
        described_text,
        generic_model,
    )
    from budsim_widgets.architectures.generic_seq2seq import is_encoder_decoder  # noqa: PLC0415 - the same
    from budsim_widgets.architectures.installed import built_by_transformers  # noqa: PLC0415 - the same

    built = built_by_transformers(c)
    if built is not None:
        root, note = built
        return root, (note,), BUILT.with_cache_of(_generic(c))
    model_type = quoted(c.get("model_type") or "(none)")
    note = f"{model_type} isn't described yet: computed as a Llama-like decoder of the same dimensions."
    if is_encoder_decoder(c):
        note = f"{model_type} isn't described yet: computed as an encoder-decoder like BART of the same dimensions."
    root = generic_model(c)
    root, notes = _with_towers(config, c, root, unread_parts(config, c.reads))
    uncertainty = _generic(c) if described_text(c) is None or c.get("is_encoder_decoder") else PARTS_ADDED
    return root, (note, *notes, range_note(uncertainty)), uncertainty


def with_unread(
    config: Mapping[str, Any], c: Config, root: Module, unread: tuple[str, ...]
) -> tuple[Module, tuple[str, ...], Uncertainty]:
    """The model with what its description doesn't know, as far as that can be told, what to say, and how sure it is."""
    from budsim_widgets.architectures.blocks.eagle3 import eagle3  # noqa: PLC0415 - nearly all is read
    from budsim_widgets.architectures.generic import (  # noqa: PLC0415 - the same
        EXPERT_COUNTS,
        LATENT_EXPERTS,
        generic_decoder,
    )

    is_plain = all(type(c.fields.get(name)) is int for name in _DECODER_FIELDS) and not _has_parts(c)
    if _DRAFT_FIELD in unread and is_plain:
        return eagle3(c), (_DRAFT_NOTE,), UNCONFIRMED
    counts = tuple(path for path in unread if path in (*EXPERT_COUNTS, LATENT_EXPERTS))
    if counts and is_plain:
        note = f"The config declares `{counts[0]}`: its layers are estimated as those of a decoder with such experts."
        is_tied = not any(group.role == "head" for group in groups(root))  # as its description has it
        root = generic_decoder(c.changed({**c.fields, "tie_word_embeddings": is_tied}))
        return root, (note,), _generic(c)
    root, notes = _with_towers(config, c, root, unread)
    return root, notes, PARTS_ADDED


def _generic(c: Config) -> Uncertainty:
    """How far a decoder of the config's dimensions may be off."""
    return PLAIN_DECODER if is_plain_decoder(c.fields) else UNDESCRIBED


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
