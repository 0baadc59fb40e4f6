"""A config whose fields read as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


def _needed(name: str) -> Any:
    """A property that reads a field as `Config.__getattr__` does."""

    def read(config: Config) -> Any:
        value = config._fields.get(name)
        if type(value) is not int:
            return config._field(name)  # noqa: SLF001 - the same
        config._reads.append(config._path + name)  # noqa: SLF001 - the same
        return value

    return property(read)


class Config:
    """A resolved config as a family description reads it: `c.hidden_size`, `c.text_config.vocab_size`.

    A field that the config doesn't have, or has as null, is asked for with `c.get("field", default)`.

    Raises:
        ConfigError: `MISSING_FIELD`, for an attribute that the config doesn't have, or has as null.

    Example:
        >>> c = Config({"hidden_size": 64, "text_config": {"vocab_size": 100}})
        >>> c.hidden_size, c.text_config.vocab_size, c.get("head_dim", 16)
        (64, 100, 16)
    """

    __slots__ = ("_fields", "_path", "_reads")

    # What nearly every description reads, some of it for every layer: a property costs a third of `__getattr__`.
    hidden_size = _needed("hidden_size")
    intermediate_size = _needed("intermediate_size")
    num_attention_heads = _needed("num_attention_heads")
    num_hidden_layers = _needed("num_hidden_layers")
    vocab_size = _needed("vocab_size")

    def __init__(self, fields: Mapping[str, Any], path: str = "", reads: list[str] | None = None) -> None:
        self._fields = fields
        self._path = path
        self._reads: list[str] = [] if reads is None else reads

    def __getattr__(self, name: str) -> Any:
        return self._field(name)

    def _field(self, name: str) -> Any:
        value = self._fields.get(name)
        self._reads.append(self._path + name)
        if value is None:
            found = f"The config's `{name}` is null" if name in self._fields else f"The config has no `{name}`"
            raise ConfigError(
                "MISSING_FIELD",
                f"{found}, but its architecture needs it.",
                next_step="Paste the whole config.json.",
                field=name,
                missing_fields=(name,),
            )
        return Config(value, f"{self._path}{name}.", self._reads) if type(value) is dict else value

    def __contains__(self, name: str) -> bool:
        return self._read(name) is not None

    def get(self, name: str, default: Any = None) -> Any:
        """The field's value, or the default where the field is absent or null."""
        value = self._fields.get(name)
        self._reads.append(self._path + name)
        if value is None:
            return default
        return Config(value, f"{self._path}{name}.", self._reads) if type(value) is dict else value

    def _read(self, name: str) -> Any:
        value = self._fields.get(name)
        self._reads.append(self._path + name)
        return Config(value, f"{self._path}{name}.", self._reads) if type(value) is dict else value

    @property
    def head_dim(self) -> int:
        """Dimension of a head, as most models derive it: `hidden_size // num_attention_heads` unless given."""
        return int(self._read("head_dim") or self.hidden_size // self.num_attention_heads)

    @property
    def num_key_value_heads(self) -> int:
        """Key and value heads: as many as query heads unless given."""
        return int(self._read("num_key_value_heads") or self.num_attention_heads)

    def changed(self, fields: Mapping[str, Any]) -> Config:
        """The same config with other fields: what is read of it counts as read here."""
        return Config(fields, self._path, self._reads)

    def with_derived_heads(self) -> Config:
        """The same config for a class that derives the dimension of a head, whatever `head_dim` its file has."""
        return self.changed({**self._fields, "head_dim": None}) if "head_dim" in self._fields else self

    @property
    def last_read(self) -> str:
        """Where the field stands that was read last, here or in a sub-config; empty before the first."""
        return self._reads[-1] if self._reads else ""

    @property
    def reads(self) -> frozenset[str]:
        """Where the fields stand that were read, here and in sub-configs."""
        return frozenset(self._reads)

    @property
    def fields(self) -> Mapping[str, Any]:
        """The config itself."""
        return self._fields


def inconsistent(field: str, message: str) -> ConfigError:
    """The error for fields that contradict each other, such as `hidden_size` and `num_attention_heads`.

    Args:
        field: The field to look at first.
        message: What disagrees with what.
    """
    next_step = "Compare both with the published config.json; one of them was changed or belongs to another model."
    return ConfigError("INCONSISTENT", message, next_step=next_step, field=field)


def own_fields(c: Config, index: int) -> dict[str, Any] | None:
    """What `per_layer_config` says of one layer; None where the config has no such field.

    Its keys are numbers of layers, some filled up with zeros in front.

    Example:
        >>> own_fields(Config({"per_layer_config": {"01": {"num_attention_heads": 8}}}), 1)
        {'num_attention_heads': 8}
    """
    listed = c.fields.get("per_layer_config")
    if not isinstance(listed, dict):
        return None
    return next((fields for key, fields in listed.items() if int(key) == index), {})
