"""The table of what was read in the code of model types."""

from __future__ import annotations

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.data import load_table
from budsim_widgets.engines import Transformers, Workload
from budsim_widgets.engines.working_sets.code import Code, code_of
from budsim_widgets.engines.working_sets.feed_forward import activation_copies
from budsim_widgets.engines.working_sets.layers import FRAMES
from budsim_widgets.errors import WorkloadError

TABLE = load_table("working_sets")
CHOICES = {
    "frame": set(FRAMES),
    "norm": {"rms", "fp32_layer_norm"},
    "rotates": {"all", "windowed"},
    "rotary": {"halves", "none", "fp32", "fp32_apart", "fp32_products"},
    "softmax": {"fp32", "16 bits", "fp32 scores", "fp32 sinks"},
    "routing": {"fp32", "16 bits"},
    "keeps_scores": {"layer", "next", "after", "not"},
    "masks": {"window", "always", "never"},
    "experts": {"grouped", "all"},
    "learned_positions": {"", "once", "sequence"},
}
GEMMA_2 = {
    "model_type": "gemma2", "architectures": ["Gemma2ForCausalLM"], "vocab_size": 1000, "hidden_size": 64,
    "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "head_dim": 16,
}  # fmt: skip
LLAVA = {
    "model_type": "llava",
    "text_config": {**GEMMA_2, "model_type": "mamba2"},
    "vocab_size": 1000,
}


@pytest.mark.parametrize("model_type", TABLE["model_types"])
def test_a_row_of_the_table_holds_what_the_code_knows(model_type: str) -> None:
    code = Code.parsed(TABLE["model_types"][model_type])
    assert all(getattr(code, field) in known for field, known in CHOICES.items())
    assert not code.activation or activation_copies(code.activation) > 1


@pytest.mark.parametrize("attention", ["sdpa", "flash"])
def test_an_attention_that_a_class_lacks_is_refused_with_the_way_out(attention: str) -> None:
    lacking = TABLE["without_sdpa" if attention == "sdpa" else "without_flash"]
    name = "BloomForCausalLM"
    assert name in lacking
    bloom = build(
        {"model_type": "bloom", "architectures": [name], "vocab_size": 1000, "hidden_size": 64, "n_layer": 2,
         "n_head": 4}
    )  # fmt: skip
    with pytest.raises(WorkloadError, match=f"{name} has no {attention} attention") as caught:
        Transformers(attention=attention).activations(bloom, Workload(), "bf16")
    assert caught.value.field == "attention"


def test_auto_is_what_transformers_chooses_for_the_class() -> None:
    gemma = build(GEMMA_2)
    auto, eager = (
        Transformers(attention=attention).activations(gemma, Workload(seq_length=4096), "bf16")
        for attention in ("auto", "eager")
    )
    assert auto.num_bytes == eager.num_bytes
    assert any("no fused attention kernel" in note for note in auto.notes)
    assert not any("no fused attention kernel" in note for note in eager.notes)


def test_an_unknown_attention_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(WorkloadError) as caught:
        Transformers(attention="egaer")
    assert caught.value.field == "attention"
    assert "eager" in (caught.value.next_step or "")


def test_eager_grows_with_the_square_of_the_length_and_fused_kernels_dont() -> None:
    llama = build({**GEMMA_2, "model_type": "llama", "architectures": ["LlamaForCausalLM"]})

    def taken(attention: str, seq_length: int) -> int:
        workload = Workload(seq_length=seq_length)
        return Transformers(attention=attention).activations(llama, workload, "bf16").num_bytes

    assert taken("eager", 8192) > 3.5 * taken("eager", 4096)
    assert taken("flash", 8192) <= taken("sdpa", 8192) <= 2.01 * taken("sdpa", 4096)


def test_a_wrapper_is_described_by_its_text_model() -> None:
    assert code_of(build({**GEMMA_2, "model_type": "llama", "architectures": ["LlamaForCausalLM"]})) == Code()
