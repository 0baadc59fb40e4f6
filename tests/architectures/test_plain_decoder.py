"""Which configs of undescribed types speak of plain attention, so that what they keep has a floor."""

from __future__ import annotations

from typing import Any

import pytest

import budsim_widgets as bw
from architectures.oracle_rows import rows
from budsim_widgets.architectures import build
from budsim_widgets.architectures.plain_decoder import is_plain_decoder
from budsim_widgets.architectures.uncertainty import PLAIN_DECODER, UNDESCRIBED

PLAIN = {
    "model_type": "a_new_one", "architectures": ["NewForCausalLM"], "vocab_size": 32000, "hidden_size": 2048,
    "intermediate_size": 5504, "num_hidden_layers": 8, "num_attention_heads": 16, "num_key_value_heads": 4,
    "head_dim": 128, "use_cache": True, "dtype": "bfloat16",
}  # fmt: skip
HALF_OF_LAYERS = ["full_attention", "sliding_attention"] * 4


@pytest.mark.parametrize(
    "harmless",
    [
        {},
        {"sliding_window": None, "kv_lora_rank": None, "layer_types": ["full_attention"] * 8},
        {"sliding_window": 4096, "use_sliding_window": False, "max_window_layers": 8},
        {"sliding_window": 512, "layer_types": HALF_OF_LAYERS},
        {"num_shared_experts": 1, "num_local_experts": 8, "moe_block_type": "a", "n_group": 2, "topk_group": 1},
        {"is_decoder": True, "rope_scaling": {"type": "linear", "factor": 2.0}, "eoi_token_index": 3},
        {"quantization_config": {"quant_method": "fp8"}},
    ],
    ids=str,
)
def test_a_config_of_plain_attention_alone_is_a_plain_decoder(harmless: dict[str, Any]) -> None:
    assert is_plain_decoder({**PLAIN, **harmless})
    assert build({**PLAIN, **harmless}).uncertainty == PLAIN_DECODER


@pytest.mark.parametrize(
    "other",
    [
        {"kv_lora_rank": 512},
        {"qk_nope_head_dim": 64},
        {"v_head_dim": 64},
        {"sliding_window": 512},
        {"attention_chunk_size": 8192},
        {"layer_types": HALF_OF_LAYERS},
        {"layer_types": ["linear_attention", "full_attention"] * 4},
        {"layer_types": [*HALF_OF_LAYERS[1:], "conv"], "sliding_window": 512},
        {"mamba_d_state": 16},
        {"linear_num_key_heads": 16},
        {"full_attn_idxs": [1], "rwkv_head_size": 64},
        {"multi_query": True},
        {"num_query_groups": 2},
        {"num_kv_shared_layers": 4},
        {"index_topk": 2048},
        {"is_decoder": False},
        {"type_vocab_size": 2},
        {"add_cross_attention": True},
        {"encoder_layers": 8},
        {"vision_config": {"hidden_size": 64}},
        {"architectures": ["NewForMaskedLM"]},
        {"architectures": ["NewModel"]},
        {"architectures": None},
        {"use_cache": False},
        {"num_attention_heads": [16] * 8},
    ],
    ids=str,
)
def test_a_field_that_may_mean_another_cache_takes_the_floor_away(other: dict[str, Any]) -> None:
    assert not is_plain_decoder({**PLAIN, **other})


def test_a_config_that_names_no_cache_is_no_plain_decoder() -> None:
    """Classes that keep nothing, such as those of GPT-1 and XLM, have no `use_cache`."""
    assert not is_plain_decoder({name: value for name, value in PLAIN.items() if name != "use_cache"})


def test_the_total_of_a_plain_decoder_holds_its_whole_cache() -> None:
    """2 x 8 layers x 4 heads x 128 elements of 2 bytes a token; the low end loses none of them."""

    def lowest(fields: dict[str, Any], seq_length: int) -> int:
        return bw.calculate(fields, engine="vllm", seq_length=seq_length).total_bytes_range[0]

    cached = 2 * 8 * 4 * 128 * 2 * 16384
    plain, other = ([lowest({**PLAIN, **more}, length) for length in (1, 16385)] for more in ({}, {"mem_len": 1}))
    assert plain[1] - plain[0] == cached
    assert other[1] - other[0] == 0


def test_no_default_model_of_which_nothing_is_kept_is_a_plain_decoder() -> None:
    found = 0
    for row in rows("defaults"):
        architecture = build({**row["config"], "architectures": [row["architecture"]]})
        if is_plain_decoder(architecture.config):
            found += 1
            assert sum(architecture.cache(1, 128)), row["model_type"]
    assert found


def test_an_undescribed_type_with_latent_keys_keeps_its_wide_range() -> None:
    assert build({**PLAIN, "kv_lora_rank": 512}).uncertainty == UNDESCRIBED
