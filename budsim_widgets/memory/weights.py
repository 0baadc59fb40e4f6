"""Bytes of a model's weights, tensor by tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.kept_property import kept_property
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.formats.precision import own_precision
from budsim_widgets.formats.stored import StoredTensors
from budsim_widgets.memory.layout import Layout
from budsim_widgets.memory.module_lists import not_converted
from budsim_widgets.memory.unquantized import Unquantized
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.architectures import Architecture, TensorGroup
    from budsim_widgets.engines import Engine
    from budsim_widgets.formats.base import Basis, QuantizedFormat
    from budsim_widgets.formats.precision import WeightPrecision
    from budsim_widgets.memory.layout import Split

_UNCLEAR_LIST: Final = (
    "The config's list of modules that stay as they are isn't clear for all layers: it is too long, excepts single "
    "experts, or has names of an earlier version of transformers. An estimate."
)
_NOT_CONVERTED: Final = (
    "transformers doesn't convert this model's linear layers while it loads: they stay as they are. Choose a file that "
    "is quantized already."
)
_SHOWN_CHARACTERS: Final = 60


@dataclass(frozen=True)
class Weights:
    """What a model's weights take in some precision.

    Attributes:
        precision: The formats.
        stored: The tensors.
        notes: What a person should know about the number.
        basis: Whether the layout is known.
    """

    precision: WeightPrecision
    stored: tuple[StoredTensors, ...]
    notes: tuple[str, ...]
    basis: Basis

    @kept_property
    def num_bytes(self) -> int:
        """Bytes of all tensors in memory."""
        return sum(tensors.num_bytes for tensors in self.stored)

    @kept_property
    def file_bytes(self) -> int:
        """Bytes of all tensors in files; those of the model itself where the engine quantizes while it loads."""
        return sum(tensors.file_bytes for tensors in self.stored)


@kept_with_architecture
def weights_of(architecture: Architecture, precision: str, engine: Engine) -> Weights:
    """The weights of a model in a precision of `Workload`, as an engine holds them.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.engines import Transformers
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> weights_of(llama, "bf16", Transformers()).num_bytes
        16060522496
    """
    formats = engine.weight_precision(architecture, precision)
    if formats.gguf_type is not None:
        return _in_gguf_file(architecture, formats, formats.gguf_type)
    if formats.quantized is None:
        stored = Unquantized.of(architecture, formats.dtype).stored(architecture.tensor_groups)
        return Weights(formats, tuple(stored), formats.notes, formats.basis)
    layout = Layout.of(architecture, formats)
    split = layout.split(architecture)
    experts = _experts_notes(formats, split)
    is_exact = formats.basis == "exact" and not experts and split.is_complete and _is_compared(split)
    unchanged = (_NOT_CONVERTED,) if not_converted(architecture, formats) else ()
    return Weights(
        precision=formats,
        stored=tuple(layout.stored(split.groups)),
        notes=(*formats.notes, *experts, *unchanged, *_mixed_notes(formats, split), *_list_notes(layout, split)),
        basis="exact" if is_exact else "estimate",
    )


def _in_gguf_file(architecture: Architecture, formats: WeightPrecision, gguf_type: str) -> Weights:
    """Each tensor in the type that the file has for it; layers that only predict several tokens stay in the file."""
    from budsim_widgets.formats.gguf.layout import file_layout  # noqa: PLC0415 - only who has such a file loads it

    layout = file_layout(architecture, gguf_type)
    loaded = layout.layers - layout.predicting_layers
    stored = []
    for name, number, role, num_bytes, layers in (
        (some.tensors.name, some.tensors.number, some.tensors.role, some.num_bytes, some.tensors.layers)
        for some in layout.typed
    ):
        in_memory = sum(layer < loaded for layer in layers) if layers else 1
        stored.append(StoredTensors(name, role, number, in_memory * num_bytes, number * num_bytes))
    return Weights(formats, tuple(stored), (*formats.notes, *layout.notes), layout.basis)


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


def _is_compared(split: Split) -> bool:
    """Whether the layout of all that is quantized was compared with files."""
    return all(form.basis == "exact" and group.role in form.compared_roles for group, form in split.formats)


def _mixed_notes(formats: WeightPrecision, split: Split) -> tuple[str, ...]:
    """The formats of modules that have one of their own, and what a person should know about them."""
    others = dict.fromkeys(form for _, form in split.formats if form.key != formats.quantized.key)  # type: ignore[union-attr] # quantized is given where anything is
    if not others:
        return ()
    labels = dict.fromkeys(form.label for form in others)
    notes = dict.fromkeys(note for form in others for note in form.notes)
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
