"""How the vocabulary is scored."""

from __future__ import annotations

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines.working_sets.head import Head, head_of

LINE = {"vocab_size": 1000, "d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4}
BF16_BYTES = 2


def head(model_type: str, name: str, **fields: object) -> Head:
    """How a class scores in bf16."""
    return head_of(build({"model_type": model_type, "architectures": [name], **fields}), BF16_BYTES)


def test_a_bias_on_all_scores_makes_them_twice() -> None:
    bart = head("bart", "BartForConditionalGeneration", **LINE)
    assert bart.scores_all
    assert bart.peak_bytes(1, 100, 0, 1000) == 2 * 100 * 1000 * BF16_BYTES


@pytest.mark.parametrize("seq_length", [1, 100, 2048])
def test_a_class_that_scores_the_last_token_needs_no_more_for_longer_prompts(seq_length: int) -> None:
    fields = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
    llama = head("llama", "LlamaForCausalLM", vocab_size=1000, **fields)
    assert llama.peak_bytes(3, seq_length, 0, 1000) == 3 * 1000 * (BF16_BYTES + 4)


def test_nobody_samples_from_an_encoder() -> None:
    fields = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
    bert = head("bert", "BertForMaskedLM", vocab_size=1000, **fields)
    assert bert.peak_bytes(1, 100, 128, 1000) == 100 * (2 * 128 + 1000 * BF16_BYTES)
