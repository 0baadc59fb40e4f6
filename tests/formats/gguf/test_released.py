"""Sizes of files that were published, and of tensors as load logs print them."""

from __future__ import annotations

from typing import Any

import pytest
from memory.configs import LLAMA_8B, LLAMA_70B

from budsim_widgets.architectures import build
from budsim_widgets.formats.gguf.layout import file_layout

MIB = 2**20
ROPE = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
LLAMA_3_1_70B = build({**LLAMA_70B, "rope_scaling": ROPE})
PUBLISHED_GB = {
    "Q8_0": 74.98,
    "Q6_K": 57.89,
    "Q5_K_M": 49.95,
    "Q5_K_S": 48.66,
    "Q4_K_M": 42.52,
    "Q4_K_S": 40.35,
    "Q3_K_L": 37.14,
    "Q3_K_M": 34.27,
    "IQ3_M": 31.94,
    "Q3_K_S": 30.91,
}
"""Files of a tune of Llama-3.1-70B, as their card lists them, in GB to two decimals."""

PUBLISHED_WITH_IMPORTANCE_GB = {"Q4_0": 40.12, "IQ4_XS": 37.90}


@pytest.mark.parametrize("file_type", PUBLISHED_GB)
def test_the_range_of_a_file_holds_its_published_size(file_type: str) -> None:
    low, high = file_layout(LLAMA_3_1_70B, file_type).file_bytes_range
    assert low / 1e9 - 0.005 <= PUBLISHED_GB[file_type] <= high / 1e9 + 0.005


@pytest.mark.parametrize("file_type", PUBLISHED_WITH_IMPORTANCE_GB)
def test_an_importance_matrix_changes_what_it_is_said_to_change(file_type: str) -> None:
    layout = file_layout(LLAMA_3_1_70B, file_type)
    low, high = layout.file_bytes_range
    assert layout.importance_bytes is not None
    header = (low - layout.tensor_bytes, high - layout.tensor_bytes)
    published = PUBLISHED_WITH_IMPORTANCE_GB[file_type]
    assert (layout.importance_bytes + header[0]) / 1e9 - 0.005 <= published
    assert published <= (layout.importance_bytes + header[1]) / 1e9 + 0.005
    assert any("importance matrix" in note for note in layout.notes)


LOADED: list[tuple[str, str, float, dict[str, Any]]] = [
    (
        "Llama-3.2-3B",
        "Q4_K_M",
        1918.36,
        {
            **LLAMA_8B,
            "hidden_size": 3072,
            "intermediate_size": 8192,
            "num_hidden_layers": 28,
            "num_attention_heads": 24,
            "head_dim": 128,
            "tie_word_embeddings": True,
            "rope_scaling": ROPE,
        },
    ),
    (
        "pythia-2.8b",
        "F16",
        5295.33,
        {
            "model_type": "gpt_neox",
            "hidden_size": 2560,
            "intermediate_size": 10240,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "vocab_size": 50304,
        },
    ),
    ("Llama-3.3-70B", "Q8_0", 71494.28, {**LLAMA_70B, "rope_scaling": ROPE}),
    ("Llama-3-8B", "Q4_K_M", 4685.31, LLAMA_8B),
]


@pytest.mark.parametrize(("name", "file_type", "mib", "config"), LOADED, ids=[row[0] for row in LOADED])
def test_tensors_take_what_a_load_log_prints(name: str, file_type: str, mib: float, config: dict[str, Any]) -> None:
    """Logs add up buffers, each rounded."""
    assert file_layout(build(config), file_type).tensor_bytes / MIB == pytest.approx(mib, abs=0.011), name
