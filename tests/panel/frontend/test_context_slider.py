"""The slider of the context length is the same as its number, and each octave is as long as the next."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pytest

from budsim_widgets.panel.frontend.context_slider import positions

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.panel import MemoryPanel


def test_its_positions_are_spread_evenly_over_the_octaves() -> None:
    found = positions()
    assert (found[0], found[-1]) == (256, 2**20)
    assert found == sorted(set(found))
    steps = [math.log2(after / before) for before, after in itertools.pairwise(found)]
    assert max(steps) < 1 / 3
    assert {2**exponent for exponent in range(8, 21)} <= set(found)


def test_the_slider_and_the_number_move_each_other(panel: MemoryPanel) -> None:
    panel.context_slider.value = 32_768
    assert panel.seq_length_input.value == 32_768
    panel.seq_length_input.value = 12_345
    assert panel.context_slider.value == 12_345


async def test_a_result_follows_the_slider(panel: MemoryPanel) -> None:
    panel.model_input.value = "Qwen/Qwen2.5-7B"
    panel.calculate_button.click()
    await panel.idle()
    panel.context_slider.value = 65_536
    assert panel.result.workload.seq_length == 65_536


@pytest.mark.parametrize("length", [1, 100, 5_000_000])
def test_a_length_beyond_its_ends_stays_as_it_is_given(make_panel: Callable[..., MemoryPanel], length: int) -> None:
    panel = make_panel(seq_length=length)
    assert panel.context_slider.value == panel.seq_length_input.value == length


def test_it_has_a_name_of_its_own(panel: MemoryPanel) -> None:
    assert panel.context_slider.label == "Context length, slider"
    assert "{tokens}" in panel.context_slider.unit
