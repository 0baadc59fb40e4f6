"""What a model is made of: the same numbers whichever way they are counted."""

from __future__ import annotations

from collections import Counter
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.architectures.cache import AttentionCache, StateCache
from budsim_widgets.architectures.parts import (
    Module,
    Part,
    Stack,
    Weight,
    caches,
    feed_forwards,
    groups,
    module,
    repeat,
    stack,
    tensors,
)

DIMENSIONS = st.integers(1, 6)
ROLES = st.sampled_from(("linear", "norm", "other"))
WEIGHTS = st.builds(
    Weight,
    st.tuples(DIMENSIONS) | st.tuples(DIMENSIONS, DIMENSIONS) | st.tuples(DIMENSIONS, DIMENSIONS, DIMENSIONS),
    ROLES,
)
CACHES = st.builds(StateCache, conv_elements=DIMENSIONS) | st.builds(
    AttentionCache,
    num_attention_heads=DIMENSIONS,
    num_key_value_heads=DIMENSIONS,
    key_head_dim=DIMENSIONS,
    value_head_dim=DIMENSIONS,
)
NAMES = st.sampled_from(("attention", "mlp", "norm", "weight"))


def _modules(parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Module]:
    return st.builds(lambda named, cache: module(named, cache=cache), st.dictionaries(NAMES, parts), st.lists(CACHES))


def _stacks(parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Stack]:
    return st.lists(parts, min_size=1, max_size=3).flatmap(
        lambda kinds: st.lists(st.sampled_from(range(len(kinds))), max_size=6).map(
            lambda order: stack(order, kinds.__getitem__)
        )
    )


PARTS = st.recursive(WEIGHTS, lambda parts: _modules(parts) | _stacks(parts), max_leaves=12)


@given(PARTS)
def test_groups_are_the_tensors_counted(part: Part) -> None:
    listed = Counter((_starred(name), shape, role) for name, shape, role in tensors(part))
    counted: Counter[tuple[str, tuple[int, ...], str]] = Counter()
    for group in groups(part):
        counted[group.name, group.shape, group.role] += group.num_tensors
    assert counted == listed


@given(PARTS)
def test_the_parameters_of_the_groups_are_those_of_the_tensors(part: Part) -> None:
    assert sum(group.num_parameters for group in groups(part)) == sum(prod(shape) for _, shape, _ in tensors(part))


@given(PARTS)
def test_every_tensor_has_a_name_of_its_own(part: Part) -> None:
    names = [name for name, _, _ in tensors(part)]
    assert len(names) == len(set(names))


@given(_modules(PARTS), st.integers(0, 50))
def test_as_many_caches_as_layers(layer: Module, layers: int) -> None:
    once, often = Counter(), Counter()
    for counts, part in ((once, layer), (often, repeat(layers, layer))):
        for cache, count in caches(part):
            counts[cache] += count
    assert often == Counter({cache: count * layers for cache, count in once.items() if layers})


@given(st.lists(st.sampled_from(("full", "sliding")), max_size=20))
def test_each_kind_of_layer_is_built_once(kinds: list[str]) -> None:
    built = []

    def build(kind: str) -> Weight:
        built.append(kind)
        return Weight((len(kind),))

    layers = stack(kinds, build)
    assert len(built) == len(set(kinds))
    assert [shape for _, shape, _ in tensors(layers)] == [(len(kind),) for kind in kinds]


@pytest.mark.parametrize("layers", [1, 32, 100_000])
def test_the_groups_of_identical_layers_dont_grow_with_their_number(layers: int) -> None:
    found = list(groups(repeat(layers, module(up=Weight((4, 2)), down=Weight((2, 4))))))
    assert [group.num_tensors for group in found] == [layers, layers]


def test_parts_that_are_none_are_left_out() -> None:
    assert list(module(bias=None, weight=Weight((3,))).children) == ["weight"]


def test_the_share_of_used_experts_reaches_the_tensors_below() -> None:
    routed = module(deep=module(weight=Weight((8, 2))), active_share=(2, 8))
    assert [group.active_share for group in groups(module(mlp=routed, norm=Weight((2,))))] == [(2, 8), None]


def test_a_feed_forward_block_has_several_linear_layers_or_experts_and_keeps_nothing() -> None:
    up, down = module(weight=Weight((8, 4), "linear")), module(weight=Weight((4, 8), "linear"))
    norm = module(weight=Weight((4,), "norm"))
    attention = module(q=down, o=down, cache=StateCache(conv_elements=1))
    layer = module(attention=attention, norm=norm, mlp=module(up=up, down=down), alone=module(up=up))
    (block,) = feed_forwards(module(layers=repeat(3, layer)))
    assert (block.linears, block.experts, block.active_share) == (((8, 4), (4, 8)), (), None)


def test_routed_experts_are_a_feed_forward_block_beside_the_shared_ones() -> None:
    shared = module(up=module(weight=Weight((8, 4), "linear")), down=module(weight=Weight((4, 8), "linear")))
    routed = module(up=Weight((16, 8, 4), "experts"), down=Weight((16, 4, 8), "experts"), active_share=(2, 16))
    found = feed_forwards(module(mlp=module(experts=routed, shared=shared)))
    assert [(block.experts, block.active_share) for block in found] == [
        (((16, 8, 4), (16, 4, 8)), (2, 16)),
        ((), None),
    ]


def _starred(name: str) -> str:
    return ".".join("*" if word.isdigit() else word for word in name.split("."))
