"""SeamlessM4T's classes that speak against what transformers 5.24 builds on the meta device.

`seamless.jsonl.gz` holds the default config of each class and seven small ones with random sizes, and the tensors.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.errors import ConfigError

ROWS = [
    json.loads(line)
    for line in gzip.decompress((Path(__file__).parent / "seamless.jsonl.gz").read_bytes()).splitlines()
]


@pytest.mark.parametrize("name", sorted({row["config"]["architectures"][0] for row in ROWS}))
def test_a_class_that_speaks_has_the_tensors_that_transformers_builds(name: str) -> None:
    rows = [row for row in ROWS if row["config"]["architectures"] == [name]]
    for row in rows:
        built = {key: tuple(shape) for key, shape in row["tensors"].items()}
        assert {tensor.name: tensor.shape for tensor in build(row["config"]).tensors()} == built
    assert len(rows) == 8


def model(**changes: Any) -> dict[str, Any]:
    row = next(row for row in ROWS if row["config"]["architectures"] == ["SeamlessM4TModel"])
    return {**row["config"], **changes}


def test_parameters_are_certain_and_the_cache_of_speech_is_not() -> None:
    architecture = build(model())
    assert architecture.num_parameters == 2_359_990_658
    assert architecture.uncertainty.around(architecture.num_parameters) == (2_359_990_658, 2_359_990_658)
    assert (architecture.basis, architecture.uncertainty.most_cache) == ("estimate", 1.25)
    assert any("becomes speech" in note for note in architecture.notes)


def test_version_2_keeps_nothing_while_it_speaks_and_is_exact() -> None:
    row = next(row for row in ROWS if row["config"]["architectures"] == ["SeamlessM4Tv2Model"])
    assert (build(row["config"]).num_parameters, build(row["config"]).basis) == (2_309_249_669, "exact")


@pytest.mark.parametrize(
    "changes",
    [
        {"upsample_initial_channel": 8},
        {"upsample_kernel_sizes": []},
        {"t2u_vocab_size": "many"},
        {"t2u_encoder_layers": -1},
        {"resblock_dilation_sizes": 3},
    ],
)
def test_sizes_of_a_vocoder_that_can_not_be_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        build(model(**changes))
