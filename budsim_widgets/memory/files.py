"""What the files of a model hold: the tensors that it is built from, and those that files hold besides.

Whoever trained a model releases its layers for multi-token prediction with it; files that were quantized from what
transformers builds hold none. Which of the two a file is, its config doesn't always say, so the range spans both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.memory.cache_scales import cache_scale_bytes
from budsim_widgets.memory.unquantized import Unquantized

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.extras import Extra, ExtraKind
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.precision import WeightPrecision

_RELEASED: Final[frozenset[ExtraKind]] = frozenset({"prediction_layers", "prediction_tables", "correction_biases"})
"""What those who train a model leave in its files; masks and towers are a matter of who wrote the file."""
_BUFFERS: Final[frozenset[ExtraKind]] = frozenset({"correction_biases"})
"""What transformers holds as a buffer, and so writes into every file that it saves."""


class FileBytes(NamedTuple):
    """Bytes of the weights in their files.

    Attributes:
        num_bytes: As the model is released in this format, most likely.
        least_bytes: The fewest that such files hold.
        most_bytes: The most.
        basis: `exact` where all such files hold the same.
    """

    num_bytes: int
    least_bytes: int
    most_bytes: int
    basis: Basis


def file_bytes_of(architecture: Architecture, formats: WeightPrecision, own_bytes: int, basis: Basis) -> FileBytes:
    """What the files of a model hold.

    Args:
        architecture: The model.
        formats: What it is stored in.
        own_bytes: What the tensors take that it is built from.
        basis: Whether these are known.

    Example:
        GPT-2's older files hold a causal mask for each layer, 12 · 1,024² elements of 4 bytes.

        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.formats.precision import WeightPrecision
        >>> gpt2 = build({"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12})
        >>> file_bytes_of(gpt2, WeightPrecision("fp32", None), 4 * gpt2.num_parameters, "exact")
        FileBytes(num_bytes=497759232, least_bytes=497759232, most_bytes=548090880, basis='estimate')
    """
    form = None if formats.is_made_on_load else formats.quantized
    error = form.file_error if form else 0.0
    held = likely = own_bytes + _repeated_head(architecture, formats)
    for extra in architecture.extras:
        num_bytes = _bytes_of(architecture, extra, formats)
        held += num_bytes
        if extra.kind in (_RELEASED if form is None or form.is_of_the_release else _BUFFERS):
            likely += num_bytes
    held += cache_scale_bytes(architecture)
    slack = int(error * own_bytes)
    is_exact = basis == "exact" and held == own_bytes and not slack
    return FileBytes(likely, own_bytes - slack, held + slack, "exact" if is_exact else "estimate")


def _repeated_head(architecture: Architecture, formats: WeightPrecision) -> int:
    if formats.quantized is None:
        return 0
    from budsim_widgets.memory.quantized import repeated_head_bytes  # noqa: PLC0415 - the lists of modules are much code

    return repeated_head_bytes(architecture, formats)


def _bytes_of(architecture: Architecture, extra: Extra, formats: WeightPrecision) -> int:
    """Bytes of an extra part in files of these formats."""
    if formats.quantized is None or formats.is_made_on_load:
        return Unquantized.of(architecture, formats.dtype).file_bytes_of(extra.part)
    from budsim_widgets.memory.layout import Layout  # noqa: PLC0415 - the lists of modules are much code

    alone = replace(architecture, root=extra.part, extras=(), computed={})
    layout = Layout.of(alone, formats)
    return sum(tensors.file_bytes for tensors in layout.stored(layout.split(alone).groups))
