"""The type of each tensor of a file that llama-quantize makes."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.formats.gguf.category_rules import depends_on_place
from budsim_widgets.formats.gguf.choice import chosen_type
from budsim_widgets.formats.gguf.rule_inputs import Place, category_of, is_quantized
from budsim_widgets.formats.gguf.typed import TypedTensors
from budsim_widgets.formats.gguf.types import tensor_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from budsim_widgets.formats.gguf.file_types import FileType
    from budsim_widgets.formats.gguf.rule_inputs import Model
    from budsim_widgets.formats.gguf.typed import Tensors

_KEPT_IN_16_BITS: Final = (
    "altup_proj.",
    "altup_unembd",
    "laurel_l.",
    "laurel_r.",
    "altup_router",
    "per_layer_model_proj",
)
"""Matrices that aren't quantized and stay in the 16 bits that the converter wrote; the others are fp32."""

_FP32_BY_CONVERTER: Final = ("indexer.proj.weight", "hc_attn_fn.weight", "hc_ffn_fn.weight", "output_hc_fn.weight")
"""Matrices that the converter writes in fp32 in files of 16 bits; llama-quantize treats them as all others."""

_NOWHERE: Final = Place(0, 0, 0)


def typed_tensors(tensors: tuple[Tensors, ...], kind: FileType, model: Model) -> Iterator[TypedTensors]:
    """Tensors with their types, those of one kind in which they differ by layer apart."""
    ranks = _Ranks(tensors, kind)
    for index, some in enumerate(tensors):
        rows, columns = prod(some.shape[:-1]), some.shape[-1]
        for type_name, layers in _types(index, some, kind, model, ranks):
            yield TypedTensors(some._replace(layers=layers), type_name, tensor_bytes(type_name, rows, columns))


def _types(
    index: int, some: Tensors, kind: FileType, model: Model, ranks: _Ranks
) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Each type that these tensors have, with the layers in which they have it."""
    if not is_quantized(some.name, some.shape):
        if some.name.endswith("ffn_gate_tid2eid.weight"):
            return (("I32", some.layers),)
        is_16_bits = some.name.startswith(_KEPT_IN_16_BITS) or any(part in some.name for part in _KEPT_IN_16_BITS)
        return ((kind.plain_type if is_16_bits else "F32", some.layers),)
    if kind.is_plain:
        return (("F32" if some.name.endswith(_FP32_BY_CONVERTER) else kind.plain_type, some.layers),)
    category = category_of(some.name)
    if not depends_on_place(kind.name, category):
        chosen = chosen_type(kind.name, kind.tensor_type, model, category, some.shape, _NOWHERE)
        return ((chosen, some.layers),)
    layers: dict[str, list[int]] = {}
    for layer in some.layers:
        place = ranks.place(category, index, layer)
        chosen = chosen_type(kind.name, kind.tensor_type, model, category, some.shape, place)
        layers.setdefault(chosen, []).append(layer)
    return tuple((chosen, tuple(places)) for chosen, places in layers.items())


class _Ranks:
    """The running number of each tensor among those of its category, in the order in which the quantizer meets them.

    That order is the layer's, then the name's.
    """

    def __init__(self, tensors: tuple[Tensors, ...], kind: FileType) -> None:
        met: dict[str, list[tuple[int, str, int]]] = {}
        for index, some in enumerate(tensors):
            category = category_of(some.name)
            if depends_on_place(kind.name, category) and is_quantized(some.name, some.shape):
                met.setdefault(category, []).extend((layer, some.name, index) for layer in some.layers)
        self._ranks = {
            category: {(index, layer): rank for rank, (layer, _, index) in enumerate(sorted(found))}
            for category, found in met.items()
        }

    def place(self, category: str, index: int, layer: int) -> Place:
        """The place of the tensor of one layer."""
        ranks = self._ranks[category]
        return Place(ranks[index, layer], len(ranks), layer)
