"""Every type of file of models that llama-quantize itself was asked about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from engines.llama_cpp.test_library import config_of

from budsim_widgets.architectures import build
from budsim_widgets.formats.gguf.file_types import FILE_TYPES
from budsim_widgets.formats.gguf.layout import file_layout

ANSWERS: dict[str, Any] = json.loads((Path(__file__).parent / "quantizer.json").read_text(encoding="utf-8"))["models"]
MIB = 2**20


@pytest.mark.parametrize("model", ANSWERS)
def test_the_tensors_of_every_file_type_take_what_the_quantizer_says(model: str) -> None:
    architecture = build(config_of(model))
    ours = {name: f"{file_layout(architecture, name).tensor_bytes / MIB:.2f}" for name in ANSWERS[model]}
    assert ours == {name: f"{mib:.2f}" for name, mib in ANSWERS[model].items()}
    assert len(ours) == sum(not kind.is_plain for kind in FILE_TYPES.values())
