"""What a model's layers keep in vLLM, and of which models that isn't known."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import budsim_widgets as bw
from budsim_widgets.architectures import build
from budsim_widgets.engines import Workload
from budsim_widgets.engines.vllm.layers import is_exact

DEFAULTS = Path(__file__).parents[2] / "architectures" / "oracle" / "defaults.jsonl.gz"
CONFIGS = {
    row["model_type"]: row["config"] for row in map(json.loads, gzip.decompress(DEFAULTS.read_bytes()).splitlines()[1:])
}


@pytest.mark.parametrize("model_type", ["minimax", "zamba", "mistral_large4", "xlstm", "bailing_hybrid"])
@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_models_whose_classes_keep_something_else_say_that_their_cache_is_an_estimate(
    model_type: str, engine: str
) -> None:
    architecture = build(CONFIGS[model_type])
    assert not is_exact(architecture)
    report = bw.calculate(CONFIGS[model_type], engine=engine)
    assert any("keeps what this model caches isn't known" in note for note in report.notes)


def test_attention_latents_and_states_of_known_classes_are_exact() -> None:
    for model_type in ("llama", "gemma2", "deepseek_v3", "mamba2"):
        architecture = build(CONFIGS[model_type])
        assert is_exact(architecture), model_type
        assert bw.VLLM().cache(architecture, Workload(engine="vllm"), "bf16").basis == "exact"
