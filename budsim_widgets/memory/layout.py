"""Which tensors of a model are quantized, and how the others are stored."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.parts import names_of_groups
from budsim_widgets.data import load_table
from budsim_widgets.formats.module_index import ModuleIndex
from budsim_widgets.formats.skip_modules import MAX_NAMES
from budsim_widgets.formats.stored import StoredTensors
from budsim_widgets.formats.stored_tensor import FP32_BYTES
from budsim_widgets.memory.module_lists import EarlierNames, read_lists, skip_modules
from budsim_widgets.memory.split import Share, Split, expert_bytes, fp32_biases, wider_norm_bytes
from budsim_widgets.memory.unquantized import Unquantized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from budsim_widgets.architectures import Architecture, TensorGroup
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.precision import WeightPrecision
    from budsim_widgets.formats.skip_modules import SkipModules

_MATRIX: Final = 2
_SINGLE_EXPERT: Final = re.compile(r"\.experts\.\d")
_FUSED_PAIR: Final = "gate_up_proj"


@dataclass(frozen=True)
class Layout:
    """How each tensor is stored: quantized, in fp32, or in the format of the computation."""

    quantized: QuantizedFormat | None
    unquantized: Unquantized
    skip_modules: SkipModules
    assigned: tuple[tuple[SkipModules, QuantizedFormat | None], ...]
    has_conv1d: bool
    has_experts_in_out: bool
    linear_routers: tuple[str, ...]
    is_loaded_by_transformers: bool
    has_older_names: bool

    @classmethod
    def of(
        cls, architecture: Architecture, formats: WeightPrecision, *, is_loaded_by_transformers: bool = True
    ) -> Layout:
        """The layout of a model in these formats.

        Args:
            architecture: The model.
            formats: Its formats.
            is_loaded_by_transformers: Whether memory holds in fp32 what transformers turns into it, such as routers.
        """
        assigned = formats.quantized.assigned if formats.quantized else ()
        table = load_table("weights")
        return cls(
            quantized=formats.quantized,
            unquantized=Unquantized.of(
                architecture, formats.dtype, is_loaded_by_transformers=is_loaded_by_transformers
            ),
            skip_modules=skip_modules(architecture, formats),
            assigned=tuple(read_lists(assigned)),
            has_conv1d=architecture.model_type in table["Conv1D"],
            has_experts_in_out=architecture.model_type in table["experts_in_out"],
            linear_routers=tuple(f"{name}.weight" for name in table["router"].get(architecture.model_type, ())),
            is_loaded_by_transformers=is_loaded_by_transformers,
            has_older_names=architecture.is_multimodal,
        )

    @property
    def lists(self) -> tuple[SkipModules, ...]:
        """All lists of modules."""
        return self.skip_modules, *(modules for modules, _ in self.assigned)

    def split(self, architecture: Architecture) -> Split:
        """The tensors of a model, with how many of each group are stored in which format.

        Layers of one kind are looked at together, unless a list names single ones.
        """
        groups = architecture.tensor_groups
        if not any(map(self._can_be_quantized, groups)):
            return Split(tuple((group, (Share(None, group.num_tensors),)) for group in groups), is_complete=True)
        names = self._names(architecture, groups)
        forms, is_complete = self._forms(names)
        counted = tuple(
            (group, self._shares(group, [forms.get(name) for name in some]))
            for group, some in zip(groups, names, strict=True)
        )
        looked_at_all = not self._names_single_layers or _number(groups) <= MAX_NAMES
        readable = not any(modules.unreadable for modules in self.lists)
        return Split(counted, is_complete and looked_at_all and readable and not self._excepts_single_experts)

    def _forms(self, names: list[tuple[str, ...]]) -> tuple[dict[str, QuantizedFormat | None], bool]:
        """The format of each module, and whether all lists could be read as they are meant."""
        modules = ModuleIndex(names)
        older = EarlierNames.of(names) if self.has_older_names and self.quantized is not None else None
        skipped, is_complete = self._matched(self.skip_modules, modules, older)
        forms: dict[str, QuantizedFormat | None] = dict.fromkeys(skipped)
        for listed, form in self.assigned:
            if modules.is_worn_out:
                break
            found, is_whole = self._matched(listed, modules, older)
            is_complete = is_complete and is_whole
            for name in found:
                forms.setdefault(name, form)
        for some in names:
            for name in some:
                forms.setdefault(name, self.quantized)
        return forms, is_complete

    def _matched(self, listed: SkipModules, modules: ModuleIndex, older: EarlierNames | None) -> tuple[set[str], bool]:
        """The modules that a list names, by the names that they have now or had in earlier versions."""
        found, is_complete = listed.matched(modules)
        if older is None or self.quantized is None:
            return found, is_complete
        older.modules.work = modules.work
        named, is_whole = listed.matched(older.modules)
        modules.work = older.modules.work
        meant = {older.current[name] for name in named}
        is_clear = self.quantized.older_names == "renamed" or meant <= found
        if self.quantized.older_names == "unknown":
            meant = set()
        return found | meant, is_complete and is_whole and is_clear

    def _shares(self, group: TensorGroup, forms: list[QuantizedFormat | None]) -> tuple[Share, ...]:
        """How many tensors of a group are stored in each format; a name may stand for all of them."""
        counts: dict[QuantizedFormat, int] = {}
        for form in forms:
            if form is not None and self._is_for(form, group):
                counts[form] = counts.get(form, 0) + 1
        shares = [Share(form, group.num_tensors * count // len(forms)) for form, count in counts.items()]
        return *shares, Share(None, group.num_tensors - sum(share.number for share in shares))

    def stored(self, groups: Sequence[tuple[TensorGroup, tuple[Share, ...]]]) -> Iterator[StoredTensors]:
        """The tensors of each group as they are stored: those of each format, and the others."""
        sizes: dict[tuple[QuantizedFormat, int, int], tuple[int, int]] = {}
        with_fp32_biases = fp32_biases(groups) if self.is_loaded_by_transformers else Counter()
        for group, shares in groups:
            for form, number in shares:
                if not number:
                    continue
                if form is None:
                    in_fp32 = min(number, with_fp32_biases[group.name])
                    with_fp32_biases[group.name] -= in_fp32
                    for some in self.unquantized.stored([group._replace(num_tensors=number)]):
                        more = prod(group.shape) * (FP32_BYTES - self.unquantized.dtype_bytes) * in_fp32
                        yield some._replace(num_bytes=some.num_bytes + more)
                    continue
                matrices, rows, columns = self.matrices(group)
                if (form, rows, columns) not in sizes:
                    sizes[form, rows, columns] = form.matrix_bytes(rows, columns)
                memory_bytes, file_bytes = sizes[form, rows, columns]
                count = number * matrices
                wider = count * wider_norm_bytes(form, group.name, (rows, columns), self.unquantized)
                in_memory = count * memory_bytes + wider
                if group.role == "experts":
                    in_memory = number * expert_bytes(form, prod(group.shape[:-2]), matrices, (rows, columns))
                yield StoredTensors(group.name, group.role, number, in_memory, count * file_bytes + wider)

    def matrices(self, group: TensorGroup) -> tuple[int, int, int]:
        """(number of matrices, rows, columns) of a tensor: one, or those of each expert.

        Gates and ups that transformers fuses are two matrices in the files of most libraries.
        """
        *experts, rows, columns = group.shape
        is_in_out = self.has_experts_in_out if group.role == "experts" else self.has_conv1d and group.role == "linear"
        if is_in_out:
            rows, columns = columns, rows
        is_pair = group.role == "experts" and group.name.endswith(_FUSED_PAIR) and rows % 2 == 0
        return (2 * prod(experts), rows // 2, columns) if is_pair else (prod(experts), rows, columns)

    @property
    def _excepts_single_experts(self) -> bool:
        """Whether a list names some of a layer's experts, which stand together here."""
        listed = self.quantized.skip_modules if self.quantized else None
        return any(_SINGLE_EXPERT.search(name) for name in listed or () if ".experts." in name)

    @property
    def _names_single_layers(self) -> bool:
        return any(modules.names_single_layers for modules in self.lists)

    def _names(self, architecture: Architecture, groups: Iterable[TensorGroup]) -> list[tuple[str, ...]]:
        """The modules of each group that could be quantized: of all layers, or of one that stands for them."""
        if self._names_single_layers and _number(groups) <= MAX_NAMES:
            full_names = names_of_groups(architecture.root)
        else:
            full_names = [(group.name.replace("*", "0"),) for group in groups]
        return [
            tuple(name.rpartition(".")[0] for name in names) if self._can_be_quantized(group) else ()
            for group, names in zip(groups, full_names, strict=True)
        ]

    def _can_be_quantized(self, group: TensorGroup) -> bool:
        return any(self._is_for(form, group) for form in self._given_forms)

    @cached_property
    def _given_forms(self) -> tuple[QuantizedFormat, ...]:
        """The formats in which some tensors may be stored."""
        forms = (self.quantized, *(form for _, form in self.assigned))
        return tuple(form for form in forms if form is not None)

    def _is_for(self, form: QuantizedFormat, group: TensorGroup) -> bool:
        if len(group.shape) < _MATRIX:
            return False
        if self.linear_routers and group.name.endswith(self.linear_routers):
            return form.converts("router") and form.holds("linear")
        if not form.holds(group.role):
            return False
        # Experts are parameters of their module; of the others, only what a linear layer holds is converted.
        return group.role == "experts" or group.name.endswith(".weight") or group.name == "weight"


def _number(groups: Iterable[TensorGroup]) -> int:
    return sum(group.num_tensors for group in groups)
