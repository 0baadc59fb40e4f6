"""Bytes of a model's weights, tensor by tensor."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.formats.stored import StoredTensors, StoredWeights
from budsim_widgets.memory.cache_scales import cache_scale_bytes
from budsim_widgets.memory.files import FileBytes, file_bytes_of
from budsim_widgets.memory.unquantized import Unquantized

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.uncertainty import Uncertainty
    from budsim_widgets.engines import Engine
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.precision import WeightPrecision


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
    stored: StoredWeights = field(compare=False)
    notes: tuple[str, ...]
    basis: Basis

    @property
    def num_bytes(self) -> int:
        """Bytes of all tensors in memory."""
        return self.stored.num_bytes

    @property
    def file_bytes(self) -> int:
        """Bytes of all tensors in files; those of the model itself where the engine quantizes while it loads."""
        return self.stored.file_bytes


@kept_with_architecture
def files_of(architecture: Architecture, precision: str, engine: Engine) -> FileBytes:
    """What the files hold with which an engine runs a model in a precision of `Workload`."""
    weights = weights_of(architecture, precision, engine)
    own_bytes, basis, formats = weights.file_bytes, weights.basis, weights.precision
    has_more = architecture.extras or formats.quantized or cache_scale_bytes(architecture)
    if formats.gguf_type is not None or not has_more:
        found = FileBytes(own_bytes, own_bytes, own_bytes, basis)
    else:
        found = file_bytes_of(architecture, formats, own_bytes, basis)
    known = uncertainty_of(architecture, formats)
    return found._replace(least_bytes=known.around(found.least_bytes)[0], most_bytes=known.around(found.most_bytes)[1])


def uncertainty_of(architecture: Architecture, formats: WeightPrecision) -> Uncertainty:
    """How sure a model's weights and its cache are: weights are known where a file at hand lists its tensors."""
    if architecture.gguf_file is None or formats.gguf_type is None:
        return architecture.uncertainty
    from budsim_widgets.formats.gguf.own_file import OWN_FILE  # noqa: PLC0415 - only who has such a file loads it

    is_listed = formats.gguf_type == OWN_FILE
    return architecture.uncertainty.with_known_weights() if is_listed else architecture.uncertainty


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
    return _loaded_weights(architecture, precision, engine.as_loader)


@kept_with_architecture
def _loaded_weights(architecture: Architecture, precision: str, engine: Engine) -> Weights:
    formats = engine.weight_precision(architecture, precision)
    if formats.gguf_type is not None:
        return _in_gguf_file(architecture, formats, formats.gguf_type)
    is_by_transformers = engine.loads_with_transformers
    if formats.quantized is None:
        as_they_are = Unquantized.of(architecture, formats.dtype, is_loaded_by_transformers=is_by_transformers)
        return Weights(formats, as_they_are.weights_of(architecture), formats.notes, formats.basis)
    from budsim_widgets.memory.quantized import quantized_tensors  # noqa: PLC0415 - the lists of modules are much code

    stored, notes, basis = quantized_tensors(architecture, formats, is_loaded_by_transformers=is_by_transformers)
    return Weights(formats, StoredWeights.of(stored), (*formats.notes, *notes), basis)


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
        in_memory = bisect_left(layers, loaded) if layers else 1
        stored.append(StoredTensors(name, role, number, in_memory * num_bytes, number * num_bytes))
    return Weights(formats, StoredWeights.of(stored), (*formats.notes, *layout.notes), layout.basis)
