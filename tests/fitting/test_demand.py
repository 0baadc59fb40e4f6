from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory.configs import LLAMA_70B, released

from budsim_widgets.architectures import build
from budsim_widgets.engines import Workload
from budsim_widgets.fitting import fits
from budsim_widgets.fitting.demand import DEVICE_COUNTS, Demand
from budsim_widgets.hardware import accelerators, find
from budsim_widgets.memory import measure

sizes = st.integers(0, 10**13)


@given(divided=sizes, repeated=sizes, usable=st.integers(1, 2 * 10**11))
def test_the_number_of_devices_is_the_least_that_holds_it(divided: int, repeated: int, usable: int) -> None:
    count = Demand(divided, repeated, divided + repeated).devices_needed(usable)
    holds = [n for n in DEVICE_COUNTS if divided / n + repeated <= usable]
    assert count == (holds[0] if holds else None)


@pytest.mark.parametrize("accelerator", accelerators(), ids=lambda accelerator: accelerator.name)
@pytest.mark.parametrize("length", [1024, 32_768, 1_000_000])
def test_what_fits_needs_one_device_and_leaves_something_free(accelerator: object, length: int) -> None:
    fit = fits(measure(released("llama"), Workload(seq_length=length)), accelerator)  # type: ignore[arg-type]
    assert fit.fits is (fit.devices_needed == 1) is (fit.free_bytes >= 0) is (fit.share <= 1)


def test_llama_70b_in_bf16_needs_two_h100() -> None:
    fit = fits(measure(build(LLAMA_70B), Workload()), find("H100"))
    assert (fit.fits, fit.devices_needed) == (False, 2)


def test_a_workload_for_several_devices_is_judged_by_the_fullest_of_them() -> None:
    report = measure(build(LLAMA_70B), Workload(tensor_parallel=2))
    fit = fits(report, find("H100"))
    assert fit.fits
    assert fit.free_bytes == find("H100").usable_bytes - max(device.total_bytes for device in report.per_device)


def test_activations_that_no_device_holds_fit_on_no_number_of_them() -> None:
    report = measure(released("llama"), Workload(seq_length=100_000_000))
    assert fits(report, find("H100")).devices_needed is None
