"""The fields that a config must have, and whether it has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.common_names import COMMON_NAMES, TEXT_PARTS
from budsim_widgets.intake.defaults import REQUIRED_FIELDS, Declaration, declaration, declaration_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LAYER_LISTS: Final = ("layers_block_type", "layer_types", "hybrid_override_pattern", "attn_layers", "block_sizes")
"""Lists with one item a layer: where there is one, the number of layers follows from it."""

_STATE_SPACE_FIELDS: Final = (
    "state_size",
    "ssm_cfg",
    "d_state",
    "ssm_state_size",
    "mamba_d_state",
    "decay_low_rank_dim",
)


_PASTE_WHOLE: Final = "Paste the whole config.json, from the first { to the last }."
_PUT_INSIDE: Final = "The sizes stand at the top of the config, but its class reads them in {part}: put them there."
_PASTE_OTHER: Final = (
    "Nothing in it tells the size of a language model, so it is another file, or a part of one. Open config.json among "
    "the model's files (on the Hub: Files and versions), and paste all of it."
)


def check_required(config: Mapping[str, Any]) -> None:
    """Check that the config says how large its model is.

    Raises:
        ConfigError: MISSING_FIELD, with every one that is missing.
    """
    known = declaration_of(config)
    required, missing = _known(config, known) if known else _unknown(config)
    if missing:
        names = " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
        raise ConfigError(
            "MISSING_FIELD",
            f"The config lacks {names}.",
            next_step=_next_step(config, required, missing, known),
            field=missing[0],
            missing_fields=missing,
            required_fields=required,
        )


_Names = tuple[str, ...]


def _next_step(config: Mapping[str, Any], required: _Names, missing: _Names, known: Declaration | None) -> str:
    """What to paste: a file that holds sizes somewhere else is whole, and asking for all of it leads nowhere."""
    if known is None and len(missing) == len(required):
        return _PASTE_OTHER
    if known is not None and not known.names_of_required and not _unknown(config)[1]:
        return _PUT_INSIDE.format(part=missing[0])
    return _PASTE_WHOLE


def _known(config: Mapping[str, Any], known: Declaration) -> tuple[_Names, _Names]:
    """The required fields of a class that is known, and those of them that are missing."""
    owner = known
    if known.flat is not None and not _has_any(config, known.names_of(known.flat)):
        owner = declaration(known.parts[known.flat].type) or known
    required = owner.names_of_required
    if not required:
        return _parts(config, known)
    unnamed = [name for name in required if config.get(name) is None]
    return tuple(required), tuple([name for name in unnamed if not _is_given(config, name, required[name])])


def _parts(config: Mapping[str, Any], known: Declaration) -> tuple[_Names, _Names]:
    """A class that consists of parts only needs one of those that hold the language model."""
    parts = tuple(key for key, part in known.parts.items() if not part.optional)
    text = tuple(key for key in parts if key in TEXT_PARTS) or parts
    given = any(_has_any(config, known.names_of(key)) for key in text)
    return text, () if given else text


def _unknown(config: Mapping[str, Any]) -> tuple[_Names, _Names]:
    """The same for a class that isn't known: under any common name, in the config or its language model."""
    places = [config, *(config[key] for key in TEXT_PARTS if isinstance(config.get(key), dict))]
    if any(declaration_of(place) for place in places[1:]):
        return REQUIRED_FIELDS, ()
    required = tuple(name for name in REQUIRED_FIELDS if name != "num_attention_heads" or not _is_state_space(places))
    missing = (name for name in required if not any(_is_given(place, name, COMMON_NAMES[name]) for place in places))
    return required, tuple(missing)


def _is_state_space(places: list[Mapping[str, Any]]) -> bool:
    return any(_has_any(place, _STATE_SPACE_FIELDS) for place in places)


def _is_given(config: Mapping[str, Any], name: str, names: Iterable[str]) -> bool:
    if _has_any(config, names):
        return True
    return name == "num_hidden_layers" and _has_any(config, _LAYER_LISTS)


def _has_any(config: Mapping[str, Any], names: Iterable[str]) -> bool:
    return any(config.get(name) is not None for name in names)
