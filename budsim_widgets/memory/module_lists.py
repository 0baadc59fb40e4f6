"""The lists of modules that a config, a format or transformers itself leaves as they are, or gives another format."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.data import load_table
from budsim_widgets.formats.base import LAYER_CLASSES
from budsim_widgets.formats.module_index import ModuleIndex
from budsim_widgets.formats.skip_modules import SkipModules
from budsim_widgets.formats.towers import TOWERS, older_names
from budsim_widgets.memory.unquantized import names_kept_in_fp32

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.precision import WeightPrecision

_NO_MODULES: Final = SkipModules.of(())


class EarlierNames(NamedTuple):
    """The names that modules had in earlier versions.

    Attributes:
        modules: These names.
        current: The one that each has now.
    """

    modules: ModuleIndex
    current: dict[str, str]

    @classmethod
    def of(cls, names: list[tuple[str, ...]]) -> EarlierNames:
        """The earlier names of these modules, by kind."""
        kinds = [
            tuple(filter(None, kind)) for some in names for kind in zip_longest(*map(older_names, some), fillvalue="")
        ]
        return cls(ModuleIndex(kinds), {older: name for some in names for name in some for older in older_names(name)})


def read_lists(
    assigned: Iterable[tuple[tuple[str, ...], QuantizedFormat | None]],
) -> Iterator[tuple[SkipModules, QuantizedFormat | None]]:
    """The lists of a config; what all of them may cost is shared."""
    characters = 0
    for modules, form in assigned:
        listed = SkipModules.of(modules, characters=characters)
        characters = listed.characters
        yield listed, form


def not_converted(architecture: Architecture, formats: WeightPrecision) -> tuple[str, ...]:
    """Layers of classes that the format's library doesn't convert."""
    if formats.quantized is None:
        return ()
    table, converts = load_table("weights"), formats.quantized.converts
    return tuple(
        name for kind in LAYER_CLASSES if not converts(kind) for name in table[kind].get(architecture.model_type, ())
    )


def has_other_classes(architecture: Architecture, formats: WeightPrecision) -> bool:
    """Whether among the layers that aren't converted are those that hold a model's weights, not routers alone."""
    names = not_converted(architecture, formats)
    return any(group.role == "linear" and name in group.name for group in architecture.tensor_groups for name in names)


def skip_modules(architecture: Architecture, formats: WeightPrecision) -> SkipModules:
    """What stays as it is, whoever says so."""
    quantized, table = formats.quantized, load_table("weights")
    if quantized is None:
        return _NO_MODULES
    towers = TOWERS if quantized.is_for_text and architecture.is_multimodal else ()
    # Without a list, transformers leaves out the head, and with it a tied embedding.
    named = quantized.skip_modules if quantized.skip_modules is not None else _heads(architecture)
    kept = names_kept_in_fp32(architecture).get("fp16", ()) if quantized.leaves_fp32_modules else ()
    anywhere = () if quantized.converts("subclass") else table["subclass_anywhere"]
    return SkipModules.of((*named, *towers, *kept, *anywhere, *not_converted(architecture, formats)))


def _heads(architecture: Architecture) -> tuple[str, ...]:
    return tuple(group.name.removesuffix(".weight") for group in architecture.tensor_groups if group.role == "head")
