"""From a config to its architecture."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.architecture import Architecture
from budsim_widgets.architectures.blocks.multi_token_prediction import appended_layers
from budsim_widgets.architectures.class_names import is_of_type, named_class, type_that_is_meant
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.architectures.drafts import DRAFT_NOTE, as_draft, draft_part
from budsim_widgets.architectures.extras import notes_of
from budsim_widgets.architectures.parts import Module, groups
from budsim_widgets.architectures.registry import find_family
from budsim_widgets.architectures.uncertainty import KNOWN, OTHER_CLASS
from budsim_widgets.architectures.undescribed import undescribed_model, with_unread
from budsim_widgets.architectures.unread import unread_parts
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import check_fields
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.architectures.extras import Extra
    from budsim_widgets.architectures.registry import Family
    from budsim_widgets.architectures.uncertainty import Uncertainty

_CHANGED_TYPES: Final = frozenset({"bailing_hybrid", "inkling2", "inkling2_text", "mistral_large4", "reformer"})
_CHANGED_NOTE: Final = "Counted as transformers 5.24 builds it; versions up to 5.23 build this type otherwise."
"""Types whose classes changed with transformers 5.24."""

MAX_PARAMETERS: Final = 10**24
"""A million million times what the largest models have."""


def build(config: Mapping[str, Any]) -> Architecture:
    """The architecture that a config describes.

    Args:
        config: A config as config.json has it; not changed.

    Raises:
        ConfigError: `MISSING_FIELD`, `FIELD_RANGE`, `INCONSISTENT` … where the config can't be built.
    """
    with config_errors():
        meant = _type_that_is_meant(config) if isinstance(config, Mapping) else None
        given = config if meant is None else {**config, "model_type": meant}
        c = Config(check_fields(given))
    with config_errors(config=c.fields, last_read=lambda: c.last_read):
        architecture = _built(given, c)
        _check_count(architecture)
    return architecture if meant is None else _of_its_class(architecture, config)


def _built(config: Mapping[str, Any], c: Config) -> Architecture:
    named, model_type = named_class(config), str(config.get("model_type") or "")
    family, is_exact = find_family(model_type, named)
    is_of_others = family is not None and family.kind == "multimodal" and not is_exact
    if family is None or (is_of_others and named and not is_of_type(named, model_type)):
        root, notes, uncertainty = undescribed_model(config, c)
        return _architecture(c, root, named or "", uncertainty, None, notes)
    root = family.describe(c)
    uncertainty = family.uncertainty_of(c, root)
    extras = _extras(family, c, root)
    notes = (*(family.notes(c) if family.notes else ()), *notes_of(extras), *_head_notes(config, c, root))
    notes = (*notes, *((_CHANGED_NOTE,) if model_type in _CHANGED_TYPES else ()))
    drafted = draft_part(c, family.architecture)
    if drafted is not None:
        notes = (*notes, DRAFT_NOTE)
        uncertainty = uncertainty.widened(as_draft(root, drafted, is_whole=drafted is c.fields))
    unread = unread_parts(config, c.reads)
    if unread:
        root, unread_notes, added = with_unread(config, c, root, unread)
        notes, uncertainty = (*notes, *unread_notes), uncertainty.widened(added)
    if not is_exact:
        uncertainty = uncertainty.widened(OTHER_CLASS)
        notes = (*notes, f"The config names the class {quoted(named)}; computed as {family.architecture}.")
    return _architecture(c, root, family.architecture, uncertainty, family, notes, extras)


def _type_that_is_meant(config: Mapping[str, Any]) -> str | None:
    """The type of the config's class, if the config can be one of that type."""
    meant = type_that_is_meant(config)
    if meant is not None:
        with suppress(ConfigError):
            check_fields({**config, "model_type": meant})
            return meant
    return None


def _of_its_class(architecture: Architecture, config: Mapping[str, Any]) -> Architecture:
    """What the class of a config builds, where its model_type is that of another, of nobody's, or missing."""
    given, found = config.get("model_type"), architecture.model_type
    if given is None:
        note = f"The config names no model_type: read as {found}, the type of its class."
    else:
        note = f"The config's model_type {quoted(given)} isn't that of its class: read as {found}."
    uncertainty = architecture.uncertainty.widened(OTHER_CLASS)
    notes = (note, *architecture.notes)
    return replace(architecture, basis="estimate", uncertainty=uncertainty, notes=notes, computed={})


def _head_notes(given: Mapping[str, Any], c: Config, root: Module) -> tuple[str, ...]:
    """That a checkpoint may hold a head where the classes disagree on its being tied, and the file says nothing.

    `from_pretrained` leaves the two apart where the file holds both, as Mistral Small 3.1's does.
    """
    text = c.get("text_config")
    if not isinstance(text, Config) or "tie_word_embeddings" in given or not c.get("tie_word_embeddings"):
        return ()
    if text.get("tie_word_embeddings", True) or any(group.role == "head" for group in groups(root)):
        return ()
    num_parameters = text.get("vocab_size", 0) * text.get("hidden_size", 0)
    counted = (
        "The config doesn't say whether the head is tied to the embedding; it is counted as tied, as in its class."
    )
    return (f"{counted} A checkpoint with a head of its own holds {num_parameters:,} parameters more.",)


def _extras(family: Family, c: Config, root: Module) -> tuple[Extra, ...]:
    """What files hold besides; what of it can't be described is no reason to refuse the config."""
    try:
        with config_errors(config=c.fields, last_read=lambda: c.last_read):
            return (family.extras or appended_layers)(c, root)
    except ConfigError:
        return ()


def _check_count(architecture: Architecture) -> None:
    """Counts here, inside the net, what is counted when it is first asked for.

    Raises:
        OverflowError: The model is larger than any computer, so that its bytes are no number of a float.
    """
    if architecture.num_parameters > MAX_PARAMETERS:
        raise OverflowError("that many parameters")


def _architecture(  # noqa: PLR0913, PLR0917 - the fields of an architecture
    c: Config,
    root: Module,
    architecture: str,
    uncertainty: Uncertainty,
    family: Family | None,
    notes: tuple[str, ...],
    extras: tuple[Extra, ...] = (),
) -> Architecture:
    return Architecture(
        model_type=str(c.get("model_type", "")),
        architecture=architecture,
        basis="exact" if uncertainty == KNOWN else "estimate",
        root=root,
        config=c.fields,
        declared_kind=family.kind if family else None,
        notes=notes,
        extras=extras,
        uncertainty=uncertainty,
    )
