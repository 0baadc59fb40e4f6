"""What layers keep between tokens, for sizes that no run has tried."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.architectures import build
from budsim_widgets.architectures.cache import (
    AttentionCache,
    FixedLengthCache,
    LatentCache,
    PromptedCache,
    RepeatedCache,
    SlidingWindowCache,
    StateCache,
)
from budsim_widgets.errors import ConfigError

TOKENS = st.integers(0, 100_000)
LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 100,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
MAMBA: dict[str, Any] = {"model_type": "mamba", "vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 4}


def _attention(**more: int) -> dict[str, int]:
    return {"num_attention_heads": 8, "num_key_value_heads": 2, "key_head_dim": 16, "value_head_dim": 8, **more}


@given(TOKENS)
def test_keys_and_values_grow_with_every_token(tokens: int) -> None:
    cache = AttentionCache(**_attention())
    assert cache.kv_elements(tokens, 0) == tokens * 2 * (16 + 8)


@given(TOKENS, st.integers(2, 10_000))
def test_a_window_keeps_all_but_the_newest_of_its_tokens(tokens: int, window: int) -> None:
    cache = SlidingWindowCache(**_attention(window=window))
    assert cache.held_tokens(tokens) == min(tokens, window - 1)


def test_a_window_of_one_token_keeps_every_token_as_transformers_does() -> None:
    mistral = build({**LLAMA, "model_type": "mistral", "sliding_window": 1})
    assert mistral.cache(1, 13) == build(LLAMA).cache(1, 13)


def test_a_window_without_a_token_is_refused_rather_than_counted_below_zero() -> None:
    with pytest.raises(ConfigError, match="a window of 0 tokens"):
        build({**LLAMA, "model_type": "mistral", "sliding_window": 0})


@given(TOKENS, st.integers(0, 1_000))
def test_a_learned_prompt_is_kept_beside_the_text(tokens: int, prompt: int) -> None:
    cache = PromptedCache(**_attention(prompt_length=prompt))
    assert cache.kv_elements(tokens, 0) == (prompt + tokens) * 2 * (16 + 8)


@given(TOKENS, st.integers(0, 100))
def test_a_plan_takes_as_much_whatever_was_read(tokens: int, planned: int) -> None:
    cache = FixedLengthCache(**_attention(tokens=planned))
    assert cache.kv_elements(tokens, 0) == planned * 2 * (16 + 8)


@given(TOKENS, st.integers(0, 100))
def test_a_layer_that_is_passed_several_times_keeps_every_pass(tokens: int, passes: int) -> None:
    cache = RepeatedCache(**_attention(passes=passes))
    assert cache.kv_elements(tokens, 0) == passes * AttentionCache(**_attention()).kv_elements(tokens, 0)


@given(TOKENS)
def test_a_latent_is_shared_by_all_heads_and_an_indexer_keeps_its_own_keys(tokens: int) -> None:
    cache = LatentCache(kv_lora_rank=512, rope_head_dim=64, index_head_dim=128)
    assert (cache.kv_elements(tokens, 0), cache.state_elements(tokens)) == (tokens * 576, tokens * 128)


@given(TOKENS)
def test_a_state_is_as_large_after_any_number_of_tokens(tokens: int) -> None:
    cache = StateCache(conv_elements=12, recurrent_elements=34)
    assert (cache.kv_elements(tokens, tokens), cache.state_elements(tokens), cache.fp32_elements) == (0, 12, 34)


@given(st.integers(1, 64), TOKENS)
def test_every_sequence_of_a_batch_has_its_own_cache(batch_size: int, tokens: int) -> None:
    llama = build(LLAMA)
    assert llama.cache(batch_size, tokens).kv_cache_bytes == batch_size * llama.cache(1, tokens).kv_cache_bytes


@pytest.mark.parametrize(
    ("bytes_per_element", "expected"), [(4.0, 204_800), (2.0, 102_400), (1.0, 51_200), (0.5, 25_600)]
)
def test_a_narrower_format_makes_keys_and_values_smaller(bytes_per_element: float, expected: int) -> None:
    assert build(LLAMA).cache(1, 200, kv_bytes_per_element=bytes_per_element).kv_cache_bytes == expected


def test_a_recurrent_state_stays_in_fp32_whatever_the_format() -> None:
    mamba = build(MAMBA)
    narrow, wide = (mamba.cache(1, 10, state_bytes_per_element=width).state_bytes for width in (2.0, 4.0))
    conv_elements = 4 * 128 * 4
    assert wide - narrow == 2 * conv_elements


def test_identical_layers_are_asked_once() -> None:
    assert [count for _, count in build({**LLAMA, "num_hidden_layers": 80}).layer_caches] == [80]


def test_a_planner_keeps_the_state_and_one_plan_beside_what_was_read() -> None:
    """As transformers 5.23 holds it after a step of pi0: two of the reader's three layers are the planner's as well."""
    small = {"model_type": "gemma", "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16}
    text = {**small, "vocab_size": 99, "hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 3}
    planner = {**small, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
    config = {"model_type": "pi0", "chunk_size": 5, "vlm_config": {"text_config": text}, "dit_config": planner}
    assert build(config).cache(2, 9) == (2 * (15 + 15 + 9) * 2 * 2 * 16 * 2, 0)
