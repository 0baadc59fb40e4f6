"""The scales of Inkling's vision tower, and the choice of columns behind them."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.architectures import build
from budsim_widgets.architectures.blocks.inkling_tower import least_distant, scales
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

# (pictures, side, layers, colours) → (pictures, side, channels) before the first layer and behind each, as
# transformers 5.23 plans them with torch 2.13 and scipy 1.17.
PLANS = {
    (2, 40, 4, 3): [(1, 1, 3), (1, 5, 128), (1, 10, 320), (1, 40, 4800), (2, 40, 614400)],
    (2, 14, 4, 3): [(1, 1, 3), (1, 1, 3), (1, 7, 192), (1, 14, 640), (2, 14, 75264)],
    (4, 2, 3, 4): [(1, 1, 4), (1, 2, 64), (4, 2, 4096), (4, 2, 4096)],
    (12, 6, 6, 1): [(1, 1, 1), (1, 1, 1), (1, 3, 64), (1, 6, 64), (1, 6, 64), (6, 6, 13824), (12, 6, 27648)],
    (3, 9, 9, 3): [(1, 1, 3), (1, 1, 3), *[(1, 3, 64)] * 3, *[(1, 9, 256)] * 2, *[(3, 9, 46656)] * 3],
    (16, 10, 6, 4): [
        (1, 1, 4),
        (1, 10, 448),
        (1, 5, 128),
        (2, 10, 51200),
        (4, 10, 102400),
        (8, 10, 204800),
        (16, 10, 409600),
    ],
}


@pytest.mark.parametrize("tower", PLANS, ids=str)
def test_a_tower_goes_through_the_scales_that_transformers_plans(tower: tuple[int, int, int, int]) -> None:
    assert scales(*tower) == PLANS[tower]


@pytest.mark.parametrize(
    ("tower", "field"),
    [
        ((1, 40, 4, 3), "temporal_patch_size"),
        ((2, 1, 4, 3), "patch_size"),
        ((2, 10**12, 4, 3), "patch_size"),
        ((2, 40, 0, 3), "num_hidden_layers"),
        ((2, 40, 10**9, 3), "num_hidden_layers"),
        ((2, 40, 4, 0), "num_channels"),
    ],
)
def test_a_tower_that_torch_cannot_build_is_refused(tower: tuple[int, int, int, int], field: str) -> None:
    with pytest.raises(ConfigError) as raised:
        scales(*tower)
    assert (raised.value.code, raised.value.field) == ("FIELD_RANGE", field)


@st.composite
def tables(draw: DrawFn) -> list[list[float]]:
    columns = draw(st.integers(1, 5))
    distance = st.integers(0, 6).map(float)  # small whole numbers, so that many choices are equally good
    row = st.lists(distance, min_size=columns, max_size=columns)
    return draw(st.lists(row, min_size=1, max_size=columns))


@given(tables())
def test_no_other_choice_of_columns_is_less_distant(distances: list[list[float]]) -> None:
    chosen = least_distant(distances)
    best = min(
        sum(row[column] for row, column in zip(distances, columns, strict=True))
        for columns in permutations(range(len(distances[0])), len(distances))
    )
    assert len(set(chosen)) == len(distances)
    assert sum(row[column] for row, column in zip(distances, chosen, strict=True)) == best


@pytest.mark.parametrize(("side", "layers", "basis"), [(40, 4, "exact"), (14, 4, "exact"), (28, 3, "estimate")])
def test_a_plan_that_is_not_known_to_be_torch_s_is_an_estimate(side: int, layers: int, basis: str) -> None:
    vision = {"patch_size": side, "n_layers": layers}
    config = {"model_type": "inkling_mm_model", "text_config": {}, "vision_config": vision, "audio_config": {}}
    assert build(config).basis == basis
