"""Weights against what transformers holds when it quantizes the default models of all classes while it loads them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from architectures.oracle_rows import rows

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers
from budsim_widgets.errors import ConfigError
from budsim_widgets.memory.weights import weights_of

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture

_FILE = Path(__file__).parent / "quantized_weights.json.gz"
MEASURED: dict[str, dict[str, int]] = json.loads(gzip.decompress(_FILE.read_bytes()))["measured"]

# What is known to be off, and by how much at most: tied layers, which transformers leaves alone (Zamba, MobileBERT,
# Kyutai), the last layer, which it takes for the head (Gemma 4's assistant), what it makes in fp32 and then quantizes
# (Apertus 1.5's codebook), and layers of their own classes.
OFF = {
    "afmoe|AfmoeForCausalLM": 0.001,
    "apertus1p5|Apertus1p5ForConditionalGeneration": 0.01,
    "dots3_note|Dots3NoteForConditionalGeneration": 0.000001,
    "gemma3n_text|Gemma3nForCausalLM": 0.001,
    "gemma4_unified_assistant|Gemma4UnifiedAssistantForCausalLM": 0.006,
    "hy_v4|HYV4ForCausalLM": 0.001,
    "kyutai_speech_to_text|KyutaiSpeechToTextForConditionalGeneration": 0.06,
    "mobilebert|MobileBertForMaskedLM": 0.4,
    "nemo_speechlm|Nemotron3_5TranscribeForConditionalGeneration": 0.03,
    "neomme|NeoMMEForMaskedLM": 0.002,
    "nllb-moe|NllbMoeForConditionalGeneration": 0.001,
    "switch_transformers|SwitchTransformersForConditionalGeneration": 0.001,
    "voxtral_realtime|VoxtralRealtimeForConditionalGeneration": 0.005,
    "zamba2|Zamba2ForCausalLM": 0.2,
    "zamba|ZambaForCausalLM": 0.1,
}


def _architecture(row: dict[str, Any]) -> Architecture | None:
    plain = {"dtype": "bfloat16", "torch_dtype": "bfloat16", "quantization_config": None}
    try:
        found = build({**row["config"], **plain, "architectures": [row["architecture"]]})
    except ConfigError:
        return None
    return found if found.basis == "exact" else None


CASES = [
    (key, architecture)
    for row in rows("defaults")
    if (key := f"{row['model_type']}|{row['architecture']}") in MEASURED and (architecture := _architecture(row))
]


@pytest.mark.parametrize(("key", "architecture"), CASES, ids=[key for key, _ in CASES])
def test_weights_are_what_transformers_holds(key: str, architecture: Architecture) -> None:
    for precision, held in MEASURED[key].items():
        weights = weights_of(architecture, precision, Transformers())
        if weights.basis == "exact":  # not where experts are estimated
            assert abs(weights.num_bytes / held - 1) <= OFF.get(key, 0.0), precision


def test_nearly_all_are_exact() -> None:
    assert len(CASES) > 200
    assert len(OFF) < len(CASES) / 20
