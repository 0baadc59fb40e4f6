"""Fields that a config leaves out, and fields that go by several names.

transformers writes all of a class's fields at the top level of a config.json, but leaves out of a sub-config what
equals the default of its class. The table `data/defaults.json` holds what the classes declare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.data import load_table
from budsim_widgets.intake.common_names import with_common_names

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUIRED_FIELDS: Final = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
"""What a config must say of itself at the top level, under any of its names."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A sub-config that a class declares.

    Attributes:
        type: The model_type of its class.
        fixed: Whether a model_type inside the sub-config is ignored.
        optional: Whether it may be left out, and then stays out.
        values: What the parent gives it when the file doesn't mention it.
        merged: Whether these values also fill in a part that the file does mention.
    """

    type: str
    fixed: bool = False
    optional: bool = False
    values: Mapping[str, Any]
    merged: bool = False


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What the config class of one model_type declares.

    Attributes:
        defaults: Field → default.
        aliases: Other name → the name that the class stores.
        parts: Key → sub-config.
        flat: The sub-config whose fields older files write at the top level, or None.
        kinds: Name → the JSON types that the field may have, as letters; under all of its names, and with the
            fields of the flat sub-config.
    """

    defaults: Mapping[str, Any]
    aliases: Mapping[str, str]
    parts: Mapping[str, Part]
    flat: str | None
    kinds: Mapping[str, str]

    @property
    def required(self) -> frozenset[str]:
        """The required fields under the names that the class stores, and under their common ones."""
        return frozenset(REQUIRED_FIELDS) | {self.aliases.get(name, name) for name in REQUIRED_FIELDS}

    @cached_property
    def names_of_required(self) -> Mapping[str, frozenset[str]]:
        """The required fields that this class doesn't derive from others, with all names of each.

        A class whose own default is null derives the field.
        """
        stored = ((name, self.aliases.get(name, name)) for name in REQUIRED_FIELDS)
        return {name: self.names_of(name) for name, own in stored if self.defaults.get(own) is not None}

    def names_of(self, name: str) -> frozenset[str]:
        """All names of a field, the one that the class stores among them."""
        stored = self.aliases.get(name, name)
        return frozenset((name, stored, *(alias for alias, target in self.aliases.items() if target == stored)))


@lru_cache(maxsize=1024)  # far more than there are types; a config may name any
def declaration(model_type: str) -> Declaration | None:
    """What the class of a model_type declares, or None for an unknown type."""
    table = load_table("defaults")
    if model_type not in table["types"]:
        return None
    parts = {key: Part(**{"values": {}, **part}) for key, part in table["parts"].get(model_type, {}).items()}
    aliases = table["aliases"].get(model_type, {})
    flat = table["flat"].get(model_type)
    flat_declaration = declaration(parts[flat].type) if flat else None
    own_kinds = {**table["kinds"]["*"], **table["kinds"].get(model_type, {})}
    kinds = {name: own_kinds[name] for name in table["types"][model_type]}
    return Declaration(
        defaults=table["types"][model_type],
        aliases=aliases,
        parts=parts,
        flat=flat,
        kinds={
            **(flat_declaration.kinds if flat_declaration else {}),
            **kinds,
            **{alias: kinds[name] for alias, name in aliases.items() if name in kinds},
        },
    )


def declaration_of(config: Mapping[str, Any]) -> Declaration | None:
    """What the class of this config's model_type declares, or None."""
    model_type = config.get("model_type")
    return declaration(model_type) if isinstance(model_type, str) else None


def declaration_in(part: Part, given: Mapping[str, Any]) -> Declaration | None:
    """What the class of a sub-config declares: its own model_type's, or that which its parent names."""
    own, declared = declaration_of(given), declaration(part.type)
    # A type that transformers doesn't know names no class, and some vision towers carry the type of the whole model:
    # in both, the parent's class is meant.
    is_whole_model = own is not None and declared is not None and _has_models(own, given) and not declared.parts
    return declared if part.fixed or own is None or is_whole_model else own


def _has_models(known: Declaration, given: Mapping[str, Any]) -> bool:
    """Whether a class has parts with classes of their own; mpt's and dbrx's attention and the like have none."""
    return any(not part.type.startswith(f"{given['model_type']}.") for part in known.parts.values())


def resolve_fields(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config with the fields that it leaves out, each readable under all of its names.

    Optional fields take the default that the class of the `model_type` declares; sub-configs take all of theirs,
    and are made where they are absent. The required fields are never filled in at the top level. An explicit null
    stays null, since null means "derived from other fields". A config of an unknown type comes back with its sizes
    under their common names, and else as it is.

    Args:
        config: A parsed config.json. Its values are shared with the answer, not copied.

    Example:
        >>> fields = resolve_fields({"model_type": "gpt2", "n_embd": 768})
        >>> fields["hidden_size"], fields["n_positions"], "n_layer" in fields
        (768, 1024, False)
    """
    known = declaration_of(config)
    if known is None:
        return _with_dtype(with_common_names(config))
    return _fill(config, known, _optional_defaults(config["model_type"]))


@lru_cache(maxsize=1024)  # far more than there are types; a config may name any
def _optional_defaults(model_type: str) -> dict[str, Any]:
    known = declaration(model_type)
    if known is None:
        return {}
    return {name: value for name, value in known.defaults.items() if name not in known.required}


def _fill(config: Mapping[str, Any], known: Declaration, defaults: Mapping[str, Any]) -> dict[str, Any]:
    fields = {**defaults, **config}
    for alias, name in known.aliases.items():
        # As transformers does it: names that aren't the class's own are set last, and so win.
        if alias in config:
            fields[name] = config[alias]
    for alias, name in known.aliases.items():
        if name in fields:
            fields[alias] = fields[name]
    for key, part in known.parts.items():
        _fill_part(fields, key, part, known if key == known.flat else None)
    return _with_dtype(fields)


def _fill_part(fields: dict[str, Any], key: str, part: Part, flat_in: Declaration | None) -> None:
    given = fields.get(key)
    if given is None and flat_in:
        fields[key] = _flat_part(fields, part, flat_in)
    elif given is None and not part.optional:
        fields[key] = _complete(part.values, part)
    elif isinstance(given, dict):
        fields[key] = _complete({**part.values, **given} if part.merged else given, part)


def _complete(given: Mapping[str, Any], part: Part) -> dict[str, Any]:
    """A sub-config with all the defaults of its class."""
    known = declaration_in(part, given)
    if known is None:
        return _with_dtype(dict(given))
    fields = _fill(given, known, known.defaults)
    is_own = not part.fixed and known is declaration_of(given)
    return fields if is_own else {**fields, "model_type": part.type}


def _flat_part(fields: Mapping[str, Any], part: Part, whole: Declaration) -> dict[str, Any]:
    """The sub-config that older files write at the top level, where required fields are not filled in.

    What neither class declares goes there too, as transformers passes it on: the part may read older names.
    """
    known = declaration(part.type)
    if known is None:
        return {}
    undeclared = fields.keys() - whole.defaults.keys() - whole.parts.keys()
    names = {*known.defaults, *known.aliases, *known.aliases.values(), *REQUIRED_FIELDS, *undeclared}
    given = {name: fields[name] for name in names if name in fields}
    return {**_fill(given, known, _optional_defaults(part.type)), "model_type": part.type}


def _with_dtype(fields: dict[str, Any]) -> dict[str, Any]:
    """`dtype` was called `torch_dtype` before transformers 5; where both are given, `dtype` counts."""
    dtype = fields.get("dtype") or fields.get("torch_dtype")
    if dtype is not None:
        fields["dtype"] = fields["torch_dtype"] = dtype
    return fields
