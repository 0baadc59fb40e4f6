"""How wide a model's layers are: elements a token that each kind of block holds at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.cache import AttentionCache, LatentCache, StateCache
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.architectures.memo import kept_with_architecture
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
        attention: The widest attention block at its peak, without scores and masks.
        recurrent: The widest state-space or linear-attention block at its peak.
        rotary: Cosines and sines of the positions.
        stream_copies: Copies of the residual stream that stand beside a feed-forward block.
        floor_copies: Copies of the residual stream that a norm or another small step makes, mostly in fp32.
        score_heads: Heads whose scores are held as a matrix (`eager` attention); 0 with a fused kernel.
        score_copies: Copies of that matrix at the peak of the softmax.
        masks_from: Length from which a mask of tokens by tokens is held, or None for never.
    """

    hidden: int
    vocabulary: int
    feed_forward: int
    attention: int
    recurrent: int
    rotary: int
    stream_copies: float
    floor_copies: float
    score_heads: int
    score_copies: float
    masks_from: int | None

    @property
    def on_fused_kernels(self) -> LayerWidths:
        """The same with kernels that hold neither scores nor masks, nor a norm's steps, as vLLM has them."""
        return replace(self, score_heads=0, masks_from=None, floor_copies=0.0)


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
        self._caches = [cache for cache, _ in architecture.layer_caches]
        self._attention = [cache for cache in self._caches if isinstance(cache, AttentionCache)]
        tables = [group.shape for group in architecture.tensor_groups if group.role in _TABLES]
        self._vocabulary, self._hidden = max((shape for shape in tables if len(shape) == _MATRIX), default=(0, 0))

    @property
    def last_read(self) -> str:
        """The config's field that was read last."""
        return self._config.last_read

    def read(self) -> LayerWidths:
        is_eager = self._exceptions.get("attention") == "eager"
        return LayerWidths(
            hidden=self._hidden,
            vocabulary=self._vocabulary,
            feed_forward=max(map(self._feed_forward, self._architecture.feed_forwards), default=0),
            attention=max(map(self._held, self._caches), default=0),
            recurrent=self._recurrent(),
            rotary=2 * max([cache.key_head_dim for cache in self._attention], default=0),
            stream_copies=self._rule("stream_copies"),
            floor_copies=self._rule("floor_copies"),
            score_heads=self._query_heads() if is_eager else 0,
            score_copies=self._rule("score_copies"),
            masks_from=self._masks_from(),
        )

    def _rule(self, name: str) -> float:
        """A measured number: the model type's own, or the one that most have."""
        return float(self._exceptions.get(name, self._rules[name]))

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

    def _held(self, cache: object) -> int:
        if isinstance(cache, AttentionCache):
            query = cache.num_attention_heads * cache.key_head_dim
            return 4 * query + 3 * cache.num_key_value_heads * max(cache.key_head_dim, cache.value_head_dim)
        if isinstance(cache, LatentCache):
            head_dim = int(self._config.get("qk_nope_head_dim") or 0) + cache.rope_head_dim
            return 6 * self._query_heads() * head_dim
        return 0

    def _query_heads(self) -> int:
        heads = max((cache.num_attention_heads for cache in self._attention), default=0)
        return heads or int(self._config.get("num_attention_heads") or 0)

    def _recurrent(self) -> int:
        states = [cache.recurrent_elements for cache in self._caches if isinstance(cache, StateCache)]
        return int(max(states) * self._rule("state_copies")) if states else 0

    def _masks_from(self) -> int | None:
        if self._exceptions.get("mask") == "always":
            return 1
        windows = [getattr(cache, "window", None) for cache in self._caches]
        return min(filter(None, windows), default=None)
