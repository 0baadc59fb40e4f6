"""What the blocks of a layer are made of, read off its description."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache, CrossAttentionCache, LatentCache, StateCache
from budsim_widgets.architectures.parts import Module, Weight

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache

_MATRIX: Final = 2
_UP_AND_DOWN: Final = 2
_QUERIES: Final = frozenset({"query", "q_proj", "q_lin", "q", "query_proj"})
"""What the projection of queries is called."""


class Feed(NamedTuple):
    """A feed-forward block.

    Attributes:
        ups: Outputs of the ways up together.
        inner: Input of the way down.
        is_fused: Whether gate and up are one matrix.
        has_norm: Whether the input of the way down passes a norm.
    """

    ups: int
    inner: int
    is_fused: bool
    has_norm: bool = False

    @property
    def is_gated(self) -> bool:
        """Whether a gate multiplies the way up."""
        return self.ups > self.inner


class Experts(NamedTuple):
    """Routed experts.

    Attributes:
        used: Experts that a token passes.
        total: Experts of the layer.
        ups: Outputs of one expert's ways up.
        inner: Input of its way down.
        has_bias: Whether its matrices have biases.
    """

    used: int
    total: int
    ups: int
    inner: int
    has_bias: bool


class LayerParts(NamedTuple):
    """The blocks of one layer.

    Attributes:
        attention: (the module, its cache) where it attends.
        encoder_attention: The module that attends where nothing is kept: an encoder's.
        cross_attention: What it keeps of an encoder's tokens, where it attends to those as well.
        mixer: (the module, its state) where it recurs.
        feeds: Its feed-forward blocks.
        experts: Its routed experts.
        has_layer_norm: Whether its norms have biases, as torch's own.
    """

    attention: tuple[Module, LayerCache] | None
    encoder_attention: Module | None
    cross_attention: CrossAttentionCache | None
    mixer: tuple[Module, StateCache] | None
    feeds: tuple[Feed, ...]
    experts: Experts | None
    has_layer_norm: bool


def parts_of(layer: Module, hidden_size: int, *, stored_in_out: bool) -> LayerParts:
    """The blocks of a layer."""
    found = _Found(hidden_size, stored_in_out)
    found.walk(layer)
    if not found.feeds and found.experts is None and found.mixer is None:
        found.feeds += _apart(found.alone) if found.attention is not None else _widest(layer)
    encoder_attention = found.encoder_attention if found.attention is None else None
    feeds, has_layer_norm = tuple(found.feeds), _has_layer_norm(layer)
    return LayerParts(
        found.attention, encoder_attention, found.cross_attention, found.mixer, feeds, found.experts, has_layer_norm
    )


def _widest(part: Module) -> list[Feed]:
    """The widest linear layer as a plain block, where up and down stand in modules of their own."""
    outputs = [shape[0] for shape in linear_shapes(part)]
    outputs += [feed.inner for child in part.children.values() if isinstance(child, Module) for feed in _widest(child)]
    return [Feed(max(outputs), max(outputs), is_fused=False)] if outputs else []


def _apart(outputs: list[int]) -> list[Feed]:
    """The same beside attention: way up and way down in modules of their own, beside attention's last layer."""
    return [Feed(max(outputs), max(outputs), is_fused=False)] if len(outputs) > _UP_AND_DOWN else []


def _has_layer_norm(layer: Module) -> bool:
    for child in layer.children.values():
        if type(child) is Module:
            weight = child.children.get("weight")
            if type(weight) is Weight and weight.role == "norm":
                return "bias" in child.children
    return False


class _Found:
    """Collects the blocks of a layer."""

    def __init__(self, hidden_size: int, stored_in_out: bool) -> None:  # noqa: FBT001 - of this module alone
        self.hidden_size = hidden_size
        self.stored_in_out = stored_in_out
        self.attention: tuple[Module, LayerCache] | None = None
        self.encoder_attention: Module | None = None
        self.cross_attention: CrossAttentionCache | None = None
        self.mixer: tuple[Module, StateCache] | None = None
        self.feeds: list[Feed] = []
        self.experts: Experts | None = None
        self.alone: list[int] = []  # outputs of linear layers that are alone in their module

    def walk(self, part: Module) -> None:
        if part.cache:
            self._take_caches(part)
            return
        if not part.children.keys().isdisjoint(_QUERIES):
            self.encoder_attention = self.encoder_attention or part
            return
        linears, blocks, experts = _children(part)
        if experts:
            self._take_experts(part, experts)
        elif len(linears) >= _UP_AND_DOWN:
            self._take_feed(part, linears)
        else:
            self.alone += [shape[0] for shape in linears]
        for block in blocks:
            self.walk(block)

    def _take_caches(self, part: Module) -> None:
        for cache in part.cache:
            if isinstance(cache, StateCache):
                self.mixer = self.mixer or (part, cache)
            elif isinstance(cache, CrossAttentionCache):
                self.cross_attention = self.cross_attention or cache
            elif isinstance(cache, (AttentionCache, LatentCache)):
                self.attention = self.attention or (part, cache)

    def _take_feed(self, part: Module, linears: list[tuple[int, ...]]) -> None:
        """The feed-forward block that a module's own linear layers make."""
        rows, columns = (1, 0) if self.stored_in_out else (0, 1)
        inner = linears[-1][columns]
        outputs = sum([shape[rows] for shape in linears[:-1]])
        is_fused = len(linears) == _UP_AND_DOWN and outputs > inner
        self.feeds.append(Feed(outputs, inner, is_fused=is_fused, has_norm="ffn_sub_norm" in part.children))

    def _take_experts(self, part: Module, shapes: list[tuple[int, ...]]) -> None:
        used, total = part.active_share or (1, 1)
        ups, inner = (prod(shape[1:]) // (self.hidden_size or 1) for shape in (shapes[0], shapes[-1]))
        has_bias = any("bias" in name for name in part.children)
        self.experts = Experts(used, total, ups, inner, has_bias=has_bias)


def _children(part: Module) -> tuple[list[tuple[int, ...]], list[Module], list[tuple[int, ...]]]:
    """(matrices of the linear layers, modules that may be blocks, fused matrices of experts) directly in a module."""
    linears: list[tuple[int, ...]] = []
    blocks: list[Module] = []
    experts: list[tuple[int, ...]] = []
    for name, child in part.children.items():
        if type(child) is Module:
            weight = child.children.get("weight")
            if weight is None:  # a layer with one is no block
                blocks.append(child)
            elif type(weight) is Weight:
                shape, role = weight
                if role == "linear" and len(shape) == _MATRIX:
                    linears.append(shape)
        elif type(child) is Weight and child.role == "experts" and len(child.shape) > _MATRIX and name[-4:] != "bias":
            experts.append(child.shape)
    return linears, blocks, experts


def linear_shapes(part: Module) -> list[tuple[int, ...]]:
    """[out, in] of the linear layers directly in a module, as they are stored."""
    return _children(part)[0]
