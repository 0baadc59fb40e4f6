"""The modules that are trained whole beside the adapters (`modules_to_save`).

Source: PEFT 0.21: `_set_trainable` (utils/other.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.data import load_table
from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.training.modules import TargetModule

SHOWN_NAMES: Final = 20


def trained_modules(modules: Iterable[TargetModule], names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """`modules_to_save` match the end of a name; whatever stands below one is trained with it."""
    found = []
    for name in names:
        sizes = [
            (module.name, module.count * module.num_parameters)
            for module in modules
            if module.role != "bias" and _ends_at(module.name, name)
        ]
        if not sizes and (tied := _tied_head(modules, name)):
            sizes = [tied]
        if not sizes:
            raise WorkloadError(
                f"The model has no module {quoted(name)}.",
                field="modules_to_save",
                next_step=f"It has {shown_names(module.leaf for module in modules)}.",
            )
        found += sizes
    return tuple(dict.fromkeys(found))


def _tied_head(modules: Iterable[TargetModule], name: str) -> tuple[str, int] | None:
    """A head that is tied to the embedding gets a copy of its own all the same, with its bias where it has one."""
    leaf = name.rpartition(".")[2]
    tables = [module for module in modules if module.role == "embedding"]
    if leaf not in load_table("training")["tied_heads"] or not tables:
        return None
    rows = max(module.shape[0] for module in tables)
    table = next(module for module in tables if module.shape[0] == rows)
    has_bias = any(module.role == "bias" and module.shape == (rows,) for module in modules)
    return leaf, table.num_parameters + (rows if has_bias else 0)


def _ends_at(module: str, name: str) -> bool:
    """Whether a module, or one above it, ends with a name."""
    parts = module.split(".")
    return any(".".join(parts[: end + 1]).endswith(name) for end in range(len(parts)))


def shown_names(names: Iterable[str]) -> str:
    """Names in a sentence, the first ones only."""
    unique = list(dict.fromkeys(names))
    rest = f" and {len(unique) - SHOWN_NAMES} more" if len(unique) > SHOWN_NAMES else ""
    return f"{', '.join(unique[:SHOWN_NAMES])}{rest}"
