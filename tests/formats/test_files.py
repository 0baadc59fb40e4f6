"""Bytes of files: released ones, and those that the formats' own libraries write for small models.

`quantized_files.jsonl.gz` holds configs with the bytes of their tensors, or of their files with headers (a few hundred
KB). Sources: the Hub's pages and indexes of the models named; compressed-tensors 0.20, bitsandbytes, torchao 0.18 and
transformers 5.24 for the others.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers
from budsim_widgets.memory.weights import files_of

_ROWS = [
    json.loads(line)
    for line in gzip.decompress((Path(__file__).parent / "quantized_files.jsonl.gz").read_bytes()).splitlines()
]


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row["id"])
def test_a_file_has_the_bytes_that_its_format_says_and_is_exact_only_where_it_has_no_others(
    row: dict[str, Any],
) -> None:
    files = files_of(build(row["config"]), "auto", Transformers())
    if files.basis == "exact":
        assert (files.least_bytes, files.num_bytes, files.most_bytes) == (row["bytes"],) * 3
    else:
        assert files.least_bytes <= row["bytes"] <= files.most_bytes
        assert files.num_bytes == pytest.approx(row["bytes"], rel=0.0015)


def test_most_of_the_files_that_libraries_write_are_exact() -> None:
    bases = [files_of(build(row["config"]), "auto", Transformers()).basis for row in _ROWS]
    assert bases.count("exact") >= 26
