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
from budsim_widgets.memory.weights import weights_of

_ROWS = [
    json.loads(line)
    for line in gzip.decompress((Path(__file__).parent / "quantized_files.jsonl.gz").read_bytes()).splitlines()
]
_NOT_TENSORS = ("header", "file size", "shards")
"""Words by which a row tells that its bytes aren't those of tensors alone."""

_BESIDE = ("bnb", "DeepSeek-V3/R1 AWQ", "Qwen3-32B-FP8")
"""Records of bitsandbytes' own state, correction biases, and 16-bit scales where transformers makes fp32."""


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row["id"])
def test_a_file_has_the_bytes_that_its_format_says(row: dict[str, Any]) -> None:
    weights = weights_of(build(row["config"]), "auto", Transformers())
    is_exact = not any(word in row["what"] for word in _NOT_TENSORS) and not any(name in row["id"] for name in _BESIDE)
    if is_exact:
        assert weights.file_bytes == row["bytes"]
    else:
        assert weights.file_bytes == pytest.approx(row["bytes"], rel=0.001)
