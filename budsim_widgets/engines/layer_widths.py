"""How wide a model's layers are, for engines with fused kernels: elements a token that a feed-forward block holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.architectures.parts import feed_forwards
from budsim_widgets.data import load_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.parts import FeedForward

ACTIVATION_FIELDS: Final = ("hidden_act", "activation_function", "hidden_activation", "activation")
"""Names under which configs give the activation function."""

_TABLES: Final = frozenset({"embedding", "head"})
_MATRIX: Final = 2
_UP_AND_DOWN: Final = 2

_FLOAT32: Final = 2
"""Width of an fp32 number in units of 16-bit ones."""


@dataclass(frozen=True, kw_only=True)
class LayerWidths:
    """Widths of a model's layers, in elements a token.

    Attributes:
        hidden: The residual stream.
        vocabulary: Rows of the head.
        feed_forward: The widest feed-forward block or mixture of experts at its peak.
    """

    hidden: int
    vocabulary: int
    feed_forward: int


@kept_with_architecture
def layer_widths(architecture: Architecture) -> LayerWidths:
    """The widths of a model, read off its parts."""
    reader = _Reader(architecture)
    with config_errors(config=architecture.config, last_read=lambda: reader.last_read):
        return reader.read()


class _Reader:
    """Reads the widths of one model."""

    def __init__(self, architecture: Architecture) -> None:
        table = load_table("activations")
        self._architecture = architecture
        self._is_stored_in_out = architecture.model_type in load_table("weights")["stored_in_out"]
        self._config = Config(architecture.text_config)
        known = table["model_types"]
        self._exceptions: dict[str, Any] = (
            known.get(architecture.model_type) or known.get(self._config.get("model_type")) or {}
        )
        self._rules = table["rules"]
        tables = [group.shape for group in architecture.tensor_groups if group.role in _TABLES]
        self._vocabulary, self._hidden = max((shape for shape in tables if len(shape) == _MATRIX), default=(0, 0))

    @property
    def last_read(self) -> str:
        """The config's field that was read last."""
        return self._config.last_read

    def read(self) -> LayerWidths:
        return LayerWidths(
            hidden=self._hidden,
            vocabulary=self._vocabulary,
            feed_forward=max(map(self._feed_forward, feed_forwards(self._architecture.root)), default=0),
        )

    def _feed_forward(self, block: FeedForward) -> int:
        if block.experts and block.active_share:
            return self._experts(block.experts, block.active_share[0])
        if len(block.linears) < _UP_AND_DOWN:
            return 0
        rows, columns = (1, 0) if self._is_stored_in_out else (0, 1)
        width = block.linears[-1][columns]
        outputs = [shape[rows] for shape in block.linears[:-1]]
        return int(sum(outputs) + width * (1 + self._activation_copies(is_fused=max(outputs) == 2 * width)))

    def _experts(self, shapes: Sequence[tuple[int, ...]], used: int) -> int:
        size = self._hidden or 1
        ups, width = prod(shapes[0][1:]) // size, prod(shapes[-1][1:]) // size
        inside = size + ups + width * (1 + self._activation_copies(is_fused=ups == 2 * width))
        combining = size * (2 + 2 * (_FLOAT32 if self._exceptions.get("routing") == "fp32" else 1))
        return int(used * max(inside, combining))

    def _activation_copies(self, *, is_fused: bool) -> float:
        return int(is_fused) + float(self._rules["activation_copies"].get(self._activation, 0))

    @cached_property
    def _activation(self) -> Any:
        """The name of the activation function; None where neither the config nor the table has one."""
        for field in ACTIVATION_FIELDS:
            name = self._config.get(field)
            if name:
                return name
        return self._exceptions.get("activation")
