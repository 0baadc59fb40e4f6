"""Classes that are a part of a described one with another head: classifiers, taggers, bare models, encoders.

`data/heads.json` says of each which described class holds it (`of`), which part of that it is (`part`), under which
name (`at`), what it hasn't (`without`), and what it has besides (`more`), with sizes that are fields of the config.
`tools/oracle/heads.py` finds all that by building the classes themselves.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.labels import num_labels
from budsim_widgets.architectures.parts import Module, Weight, merged, module, nested
from budsim_widgets.data import load_table

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part, Role

_NUM_LABELS: Final = "num_labels"
_FLAGS: Final = {"score.bias": "token_classification_bias"}
"""Tensors that a flag may take away. Source: `GenericForTokenClassification`, transformers/modeling_layers.py."""

_MATRIX: Final = 2

Row = dict[str, Any]


def row_of(model_type: str, architecture: str | None) -> Row | None:
    """What is known of such a class, or None."""
    row: Row | None = load_table("heads")["types"].get(model_type, {}).get(architecture or "")
    return row


@cache
def row_of_any(architecture: str) -> Row | None:
    """The same for a class of another type's, which this type may build, too; None where it isn't known."""
    types = load_table("heads")["types"].values()
    return next((rows[architecture] for rows in types if architecture in rows), None)


def other_class(row: Row, whole: Module, c: Config) -> Module:
    """The class that a row describes.

    Args:
        row: What `row_of` found.
        whole: What the described class builds from the same config.
        c: The config.

    Example:
        >>> from budsim_widgets.architectures.config import Config
        >>> from budsim_widgets.architectures.parts import tensors
        >>> whole = module(model=module(norm=Weight((8,))), lm_head=Weight((100, 8)))
        >>> row = {"part": "model", "at": "model", "more": {"score.weight": ["num_labels", "hidden_size"]}}
        >>> [(t.name, t.shape) for t in tensors(other_class(row, whole, Config({"hidden_size": 8})))]
        [('model.norm', (8,)), ('score.weight', (2, 8))]
    """
    part = _at(whole, row.get("part", ""))
    for name in row.get("without", ()):
        part = _without(part, name)
    found = nested(row["at"], part) if "at" in row else part
    for name, sizes in row["more"].items():
        if name in _FLAGS and not c.get(_FLAGS[name], True):
            continue
        shape = tuple(_size(size, c) for size in sizes)
        found = merged(_without(found, name), nested(name, Weight(shape, _role(name, sizes))))
    return found


def _at(whole: Module, path: str) -> Module:
    for name in path.split(".") if path else ():
        inner = whole.children[name]
        if not isinstance(inner, Module):
            raise TypeError(f"{name!r} is no group")
        whole = inner
    return whole


def _without(whole: Module, path: str) -> Module:
    name, _, rest = path.partition(".")
    kept: dict[str, Part | None] = dict(whole.children)
    inner = kept.pop(name, None)
    if inner is None:  # a head that is tied to the embedding is no part of its own
        return whole
    if rest:
        if not isinstance(inner, Module):
            raise TypeError(f"{name!r} is no group")
        smaller = _without(inner, rest)
        kept[name] = smaller if smaller.children else None
    return module(kept, cache=whole.cache, active_share=whole.active_share)


def _size(size: int | str | list[Any] | dict[str, int], c: Config) -> int:
    """A number, a field of the config, a factor and a field, or a field that files may leave out with its default."""
    if isinstance(size, int):
        return size
    if isinstance(size, dict):
        ((name, default),) = size.items()
        return int(c.get(name, default))
    if isinstance(size, list):
        factor, name = size
        return int(factor) * _size(name, c)
    if size == _NUM_LABELS:
        return num_labels(c.fields)
    *path, name = size.split(".")
    for part in path:
        c = getattr(c, part)
    return int(getattr(c, name))


def _role(name: str, sizes: list[Any]) -> Role:
    if name.endswith("bias"):
        return "bias"
    if len(sizes) != _MATRIX:
        return "other" if len(sizes) > 1 else "norm"
    if "vocab_size" in str(sizes[0]):
        return "embedding"
    return "head" if sizes[0] == _NUM_LABELS or isinstance(sizes[0], int) else "linear"
