from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.engines import LlamaCpp, Workload
from budsim_widgets.errors import WorkloadError
from budsim_widgets.formats.gguf.file_types import FILE_TYPES
from budsim_widgets.formats.gguf.labels import other_label


@pytest.mark.parametrize(
    ("label", "nearest", "why"),
    [
        ("UD-Q4_K_XL", "Q4_K_M", "own mixture"),
        ("Q4_K_XL", "Q4_K_M", "own mixture"),
        ("ud-iq2_xxs", "IQ2_XXS", "own mixture"),
        ("Q6_K_L", "Q6_K", "own mixture"),
        ("Q2_K_L", "Q2_K", "own mixture"),
        ("UD-Q8_K_XL", "Q8_0", "own mixture"),
        ("IQ4_NL_4_4", "IQ4_NL", "any more"),
        ("Q4_0_8_8", "Q4_0", "any more"),
        ("q4", "Q4_K_M", "no type"),
        ("Q4_K_M.gguf", "Q4_K_M", "no type"),
    ],
)
def test_a_label_of_published_files_is_refused_by_what_it_is(label: str, nearest: str, why: str) -> None:
    with pytest.raises(WorkloadError, match=why) as refused:
        Workload(engine="llama.cpp", precision=label)
    assert refused.value.field == "precision"
    assert nearest in str(refused.value.next_step).split(",")[0]


def test_an_engine_that_runs_no_such_files_names_its_own() -> None:
    with pytest.raises(WorkloadError) as refused:
        Workload(engine="vllm", precision="UD-Q4_K_XL")
    assert "fp8" in str(refused.value.next_step)


@given(st.text(max_size=30))
def test_whatever_is_written_is_known_or_refused(text: str) -> None:
    label = other_label(text)
    assert label is None or label.nearest in FILE_TYPES
    assert label is None or label.nearest in LlamaCpp.weight_precisions or FILE_TYPES[label.nearest].is_plain
