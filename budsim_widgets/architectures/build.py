"""From a config to its architecture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from budsim_widgets.architectures.architecture import Architecture, Basis
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.generic import generic_decoder
from budsim_widgets.architectures.installed import built_by_transformers
from budsim_widgets.architectures.parts import Module, TooManyLayerKindsError, groups
from budsim_widgets.architectures.registry import find_family
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import check_fields, read_config, resolve_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.architectures.registry import Family

T = TypeVar("T")


def build(config: Mapping[str, Any]) -> Architecture:
    """The architecture that a config describes.

    Args:
        config: A config as config.json has it; not changed.

    Raises:
        ConfigError: `MISSING_FIELD`, `FIELD_RANGE`, `INCONSISTENT` … where the config can't be built.
    """
    check_fields(config)
    model_type = str(config.get("model_type") or "")
    named = _named_class(config)
    family, is_exact = find_family(model_type, named)
    c = Config(resolve_fields(config))
    if family is None:
        return _undescribed(c, named)
    root, notes = _described(family, c)
    basis = family.basis_of(c)
    notes = (*notes, *_head_notes(config, c, root))
    if not is_exact:
        basis = "estimate"
        notes = (*notes, f"The config names the class {_quoted(named)}; computed as {family.architecture}.")
    return _architecture(c, root, family.architecture, basis, family, notes)


def check_config_dict(config: dict[str, Any]) -> None:
    """Passes a config through all checks of a paste, and builds it.

    Raises:
        ConfigError: It doesn't pass.
    """
    build(read_config(config).config)


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


def _undescribed(c: Config, named: str | None) -> Architecture:
    """An estimate: of what the transformers in this kernel builds, else of a decoder of the same dimensions."""
    built = built_by_transformers(c)
    if built is not None:
        root, note = built
        return _architecture(c, root, named or "", "estimate", None, (note,))
    model_type = _quoted(c.get("model_type"))
    note = f"{model_type} isn't described yet: computed as a Llama-like decoder of the same dimensions."
    return _architecture(c, _checked(generic_decoder, c), named or "", "estimate", None, (note,))


def _described(family: Family, c: Config) -> tuple[Module, tuple[str, ...]]:
    return _checked(family.describe, c), _checked(family.notes, c) if family.notes else ()


def _checked(describe: Callable[[Config], T], c: Config) -> T:
    """What a description makes of a config; it reads fields that intake can't check, since no class declares them."""
    try:
        return describe(c)
    except ConfigError:
        raise
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        field = _longest_list(c) if isinstance(error, TooManyLayerKindsError) else c.last_read
        raise ConfigError(
            "FIELD_VALUE",
            f"The config's `{field}` isn't what its architecture can be built with ({str(error)[:100]}).",
            next_step="Check this field and those beside it, or paste the config.json as it is published.",
            field=field,
        ) from error


def _longest_list(c: Config) -> str:
    """The field that says most about single layers."""
    text = c.get("text_config")
    places = [("", c.fields), *([("text_config.", text.fields)] if isinstance(text, Config) else [])]
    lengths = {
        path + name: len(value) for path, fields in places for name, value in fields.items() if isinstance(value, list)
    }
    return max(lengths, key=lambda name: lengths[name], default=c.last_read)


def _architecture(  # noqa: PLR0913, PLR0917 - the fields of an architecture
    c: Config, root: Module, architecture: str, basis: Basis, family: Family | None, notes: tuple[str, ...]
) -> Architecture:
    return Architecture(
        model_type=str(c.get("model_type", "")),
        architecture=architecture,
        basis=basis,
        root=root,
        config=c.fields,
        declared_kind=family.kind if family else None,
        notes=notes,
    )


def _named_class(config: Mapping[str, Any]) -> str | None:
    names = config.get("architectures")
    return names[0] if isinstance(names, list) and names and isinstance(names[0], str) else None


def _quoted(text: str | None) -> str:
    shown = (text or "").strip() or "(none)"
    return f"'{shown[:60]}'"
