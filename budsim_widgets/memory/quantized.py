"""The tensors of a model of which some are quantized: in files as they were released, or while an engine loads them."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.data import load_table
from budsim_widgets.formats.integers import GroupQuantized
from budsim_widgets.formats.precision import own_precision
from budsim_widgets.formats.stored_tensor import FP16_BYTES
from budsim_widgets.memory.layout import Layout
from budsim_widgets.memory.module_lists import has_other_classes
from budsim_widgets.memory.split import may_be_widened
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.architectures import Architecture, TensorGroup
    from budsim_widgets.formats.base import Basis, QuantizedFormat
    from budsim_widgets.formats.precision import WeightPrecision
    from budsim_widgets.formats.stored import StoredTensors
    from budsim_widgets.memory.split import Split

_UNCLEAR_LIST: Final = (
    "The config's list of modules that stay as they are isn't clear for all layers: it is too long, excepts single "
    "experts, or has names of an earlier version of transformers. An estimate."
)
_NOT_CONVERTED: Final = (
    "transformers doesn't convert this model's linear layers while it loads: they stay as they are. Choose a file that "
    "is quantized already."
)
_OTHER_CLASSES: Final = (
    "This model's linear layers are of a class that the quantization's library leaves as it is: they are counted so. "
    "An estimate."
)
_ONLY_FOR_OTHERS: Final = (
    "transformers converts layers of other model types alone to this format: what it makes of this file isn't known. "
    "An estimate."
)
_NOTHING: Final = (
    "The config declares a quantization, and none of the model's tensors is one that it changes: they are counted as "
    "they are. An estimate."
)
_CLASSES_WITH_HEADS: Final = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "ForMaskedLM")
_HEAD: Final = "lm_head"
_REPEATED_HEAD: Final = (
    "The head is the embedding. Files that AutoGPTQ wrote hold it a second time, memory doesn't: an estimate."
)
_QUANTIZED_HEAD: Final = (
    "The head is the embedding, and the config's list of modules that stay as they are doesn't name it: the file may "
    "hold it a second time, quantized. An estimate."
)


class QuantizedTensors(NamedTuple):
    """Tensors as they are stored.

    Attributes:
        stored: The tensors.
        notes: What a person should know about their layout.
        basis: Whether it is known.
    """

    stored: tuple[StoredTensors, ...]
    notes: tuple[str, ...]
    basis: Basis


def quantized_tensors(
    architecture: Architecture, formats: WeightPrecision, *, is_loaded_by_transformers: bool = True
) -> QuantizedTensors:
    """The tensors of a model in formats of which one quantizes; arguments as of `Layout.of`."""
    layout = Layout.of(architecture, formats, is_loaded_by_transformers=is_loaded_by_transformers)
    split = layout.split(architecture)
    experts = _experts_notes(formats, split)
    tied = _tied_notes(architecture, formats.quantized, layout)
    nothing = () if any(split.formats) or formats.is_made_on_load else (_NOTHING,)
    doubts = formats.quantized.doubts if formats.quantized else ()
    is_known = not (experts or tied or nothing or doubts) and split.is_complete
    is_exact = formats.basis == "exact" and is_known and _is_compared(layout, split)
    unchanged: tuple[str, ...] = ()
    if is_loaded_by_transformers and any(
        form.only_for and architecture.model_type not in form.only_for for _, form in split.formats
    ):
        is_exact, unchanged = False, (_ONLY_FOR_OTHERS,)
    if has_other_classes(architecture, formats):
        unchanged = (_NOT_CONVERTED if formats.is_made_on_load else _OTHER_CLASSES,)
        is_exact = is_exact and formats.is_made_on_load
    return QuantizedTensors(
        stored=tuple(layout.stored(split.groups)),
        notes=(*experts, *tied, *nothing, *unchanged, *_mixed_notes(formats, split), *_list_notes(layout, split)),
        basis="exact" if is_exact else "estimate",
    )


def matrices_of_files(
    architecture: Architecture,
) -> Iterator[tuple[TensorGroup, int, QuantizedFormat | None, int, tuple[int, int]]]:
    """The tensors of a model's own files.

    Yields:
        (tensors, number of them, their format or None, number of quantized matrices, rows and columns of each).
    """
    layout = Layout.of(architecture, own_precision(architecture))
    for group, shares in layout.split(architecture).groups:
        for form, number in shares:
            if number and form is None:
                yield group, number, None, 0, (0, 0)
            elif number:
                matrices, rows, columns = layout.matrices(group)
                yield group, number, form, number * matrices, (rows, columns)


def has_tied_head(architecture: Architecture) -> bool:
    """Whether the head of a model is its embedding."""
    return architecture.architecture.endswith(_CLASSES_WITH_HEADS) and not any(
        group.role == "head" for group in architecture.tensor_groups
    )


def repeated_head_bytes(architecture: Architecture, formats: WeightPrecision) -> int:
    """Bytes of a head that is the embedding and that a file holds a second time all the same."""
    form = formats.quantized
    is_repeated = isinstance(form, GroupQuantized) and form.repeats_tied_head and not formats.is_made_on_load
    if not (is_repeated and has_tied_head(architecture)):
        return 0
    tables = (prod(group.shape) for group in architecture.tensor_groups if group.role == "embedding")
    return max(tables, default=0) * FP16_BYTES


def _is_compared(layout: Layout, split: Split) -> bool:
    """Whether the layout of all that is quantized was compared with files."""
    return all(
        form.is_exact
        and (group.role == "other" or group.role in form.compared_roles)  # of the others, linear routers alone
        and form.is_regular(*layout.matrices(group)[1:])
        and not may_be_widened(form, group.name, layout.matrices(group)[1:], layout.unquantized)
        for group, form in split.formats
    )


def _tied_notes(architecture: Architecture, form: QuantizedFormat | None, layout: Layout) -> tuple[str, ...]:
    """That a head which is the embedding may stand in the file once more, quantized or not."""
    if form is None or not has_tied_head(architecture) or form.holds("embedding"):
        return ()
    if isinstance(form, GroupQuantized) and form.repeats_tied_head:
        return (_REPEATED_HEAD,)
    head = load_table("weights")["tied_head"].get(architecture.model_type, _HEAD)
    is_left_out = form.skip_modules is None or any(modules.match(head) for modules in layout.lists)
    return () if is_left_out or not form.holds("head") else (_QUANTIZED_HEAD,)


def _mixed_notes(formats: WeightPrecision, split: Split) -> tuple[str, ...]:
    """The formats of modules that have one of their own, and what a person should know about them."""
    others = dict.fromkeys(form for _, form in split.formats if form.key != formats.quantized.key)  # type: ignore[union-attr] # quantized is given where anything is
    if not others:
        return ()
    labels = dict.fromkeys(form.label for form in others)
    notes = dict.fromkeys(note for form in others for note in form.remarks)
    return (f"Some modules have a format of their own: {', '.join(labels)}.", *notes)


def _experts_notes(formats: WeightPrecision, split: Split) -> tuple[str, ...]:
    note = formats.quantized.experts_note if formats.quantized and formats.is_made_on_load else ""
    return (note,) if note and any(group.role == "experts" for group, _ in split.formats) else ()


def _list_notes(layout: Layout, split: Split) -> tuple[str, ...]:
    """What of the list of modules that stay as they are could not be read."""
    unreadable = [pattern for modules in layout.lists for pattern in modules.unreadable]
    if unreadable:
        several = f" and {len(unreadable) - 1:,} more" if len(unreadable) > 1 else ""
        shown = quoted(unreadable[0])
        return (f"The config excepts modules by the pattern {shown}{several}, which can't be read: an estimate.",)
    if not split.is_complete:
        return (_UNCLEAR_LIST,)
    return ()
