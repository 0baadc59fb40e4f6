"""What is answered about models whose config has been found."""

from __future__ import annotations

import pytest

from budsim_widgets.actions.model_cache import DescribedModels
from budsim_widgets.actions.reports import DEFAULT_SEQ_LENGTHS, analysis_of, lengths_of, row_of
from budsim_widgets.engines import Workload
from budsim_widgets.errors import WorkloadError
from budsim_widgets.resolver import Resolver

CONFIG = {
    "model_type": "llama",
    "vocab_size": 128,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 4096,
}


@pytest.fixture
def models() -> DescribedModels:
    return DescribedModels(Resolver())


def test_lengths_are_each_asked_once_the_shortest_first() -> None:
    assert [load.seq_length for load in lengths_of((4096, 16, 4096))] == [16, 4096]


def test_no_length_is_refused_with_the_field() -> None:
    with pytest.raises(WorkloadError) as caught:
        lengths_of(())
    assert caught.value.field == "seq_lengths"


@pytest.mark.parametrize(("within_limit", "longest"), [(True, 4096), (False, 131072)])
def test_lengths_beyond_the_model_s_limit_are_left_out_where_they_are_the_default(
    models: DescribedModels, *, within_limit: bool, longest: int
) -> None:
    workloads = lengths_of(DEFAULT_SEQ_LENGTHS)
    analysis = analysis_of(models.get(CONFIG), workloads, within_limit=within_limit)
    assert analysis.reports[-1].workload.seq_length == longest


def test_of_lengths_that_are_all_beyond_the_limit_the_shortest_stays(models: DescribedModels) -> None:
    analysis = analysis_of(models.get(CONFIG), lengths_of((8192, 16384)), within_limit=True)
    assert [report.workload.seq_length for report in analysis.reports] == [8192]


def test_a_model_that_fails_is_a_row_with_the_reason(models: DescribedModels) -> None:
    row = row_of(models, {"model_type": "llama"}, Workload())
    assert row.report is None
    assert row.error is not None
    assert row.model_id == "llama"
