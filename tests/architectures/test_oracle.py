"""Every description against what transformers 5.24 builds and keeps (oracle/README.md tells how it was measured)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from architectures.oracle_rows import FOLDER, by_pair, cache_verdict, tasks, tensors_verdict
from architectures.summary import tally
from budsim_widgets.architectures import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from architectures.oracle_rows import Pair, Row, Verdict

COMPARISONS: dict[str, tuple[str, Callable[[Row], tuple[Verdict, str]]]] = {
    "default models": ("defaults", tensors_verdict),
    "perturbed models": ("perturbed", tensors_verdict),
    "fields changed together": ("field_sets", tensors_verdict),
    "cache runs": ("cache_runs", cache_verdict),
    "perturbed cache runs": ("perturbed_runs", cache_verdict),
}
CASES = [
    pytest.param(kind, pair, id=f"{name}-{'-'.join(pair)}")
    for kind, (name, _) in COMPARISONS.items()
    for pair in by_pair(name)
]
PUBLISHED = [json.loads(line) for line in (FOLDER / "published.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("kind", "pair"), CASES)
def test_a_description_is_exact_or_says_that_it_is_none(
    kind: str, pair: Pair, record_property: Callable[[str, object], None]
) -> None:
    name, judge = COMPARISONS[kind]
    judged = [(row, *judge(row)) for row in by_pair(name)[pair]]
    tally(record_property, kind, tasks().get(pair, []), [verdict for _, verdict, _ in judged])
    wrong = [f"{json.dumps(row['config'])}\n{difference}" for row, verdict, difference in judged if verdict == "wrong"]
    assert not wrong, f"{len(wrong)} of {len(judged)} are wrong\n" + "\n".join(wrong[:3])


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published["model"])
def test_released_models_have_the_published_number_of_parameters(published: dict[str, Any]) -> None:
    architecture = build(published["config"])
    if architecture.basis == "estimate":
        pytest.skip(f"{architecture.model_type} isn't described")
    assert architecture.num_parameters == published["num_parameters"]
