from __future__ import annotations

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers, Workload

MAMBA_2 = {
    "model_type": "mamba2", "architectures": ["Mamba2ForCausalLM"], "vocab_size": 1000, "hidden_size": 256,
    "num_hidden_layers": 2, "state_size": 64, "num_heads": 8, "head_dim": 64, "n_groups": 1, "conv_kernel": 4,
    "expand": 2, "chunk_size": 64,
}  # fmt: skip


def taken(seq_length: int, **changed: int) -> int:
    architecture = build({**MAMBA_2, **changed})
    return Transformers().activations(architecture, Workload(seq_length=seq_length), "bf16").num_bytes


def test_a_prompt_is_filled_up_to_whole_chunks() -> None:
    per_token = taken(128) - taken(127)
    assert taken(129) - taken(128) > 30 * per_token


def test_longer_chunks_take_more() -> None:
    assert taken(1024, chunk_size=256) > 1.3 * taken(1024, chunk_size=64)
