from __future__ import annotations

from typing import Any

import pytest
from memory.configs import released

from budsim_widgets.architectures import build
from budsim_widgets.engines import SGLang, Workload, engine_of
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting import fit
from budsim_widgets.hardware import Accelerator, find
from budsim_widgets.memory import measure
from budsim_widgets.units import GIB

QWEN_235B = {
    "model_type": "qwen3_moe",
    "vocab_size": 151936,
    "hidden_size": 4096,
    "intermediate_size": 12288,
    "moe_intermediate_size": 1536,
    "num_hidden_layers": 94,
    "num_attention_heads": 64,
    "num_key_value_heads": 4,
    "head_dim": 128,
    "num_experts": 128,
    "num_experts_per_tok": 8,
}
DEEPSEEK_V3 = {
    "model_type": "deepseek_v3",
    "vocab_size": 129280,
    "hidden_size": 7168,
    "num_hidden_layers": 61,
    "num_attention_heads": 128,
    "kv_lora_rank": 512,
    "qk_rope_head_dim": 64,
}
GLM = {
    "model_type": "glm_moe_dsa",
    "vocab_size": 154880,
    "hidden_size": 6144,
    "num_hidden_layers": 78,
    "num_attention_heads": 64,
    "kv_lora_rank": 512,
    "qk_rope_head_dim": 64,
    "index_head_dim": 128,
}
HYBRID = {
    "model_type": "qwen3_5_text",
    "vocab_size": 248320,
    "hidden_size": 5120,
    "num_hidden_layers": 64,
    "num_attention_heads": 24,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "linear_num_key_heads": 16,
    "linear_num_value_heads": 48,
    "linear_key_head_dim": 128,
    "linear_value_head_dim": 128,
    "linear_conv_kernel_dim": 4,
}


def served(config: dict[str, Any], rest_bytes: int, **workload: Any) -> tuple[int, float]:
    asked = Workload(**{"engine": "sglang", **workload})
    found = asked.engine.served(build(config), asked, "bf16", [rest_bytes] * asked.num_devices)
    return found.cache_tokens, found.max_concurrency or 0.0


@pytest.mark.parametrize(
    ("config", "pool_gib", "workload", "logged"),
    [
        (QWEN_235B, 16.46, {"tensor_parallel": 4}, 367_404),  # vllm-project/vllm#21348
        (DEEPSEEK_V3, 17.16, {"kv_cache_precision": "fp8"}, 524_288),
        (GLM, 7.51, {"kv_cache_precision": "fp8"}, 131_072),
    ],
)
def test_tokens_of_a_pool_are_those_of_the_logs(
    config: dict[str, Any], pool_gib: float, workload: dict[str, Any], logged: int
) -> None:
    tokens, _ = served(config, int(pool_gib * GIB), **workload)
    assert tokens == pytest.approx(logged, rel=0.001)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mem_fraction_static", 0),
        ("mem_fraction_static", 1.2),
        ("mem_fraction_static", True),
        ("chunked_prefill_size", -1),
        ("max_running_requests", 0),
        ("max_running_requests", 1.5),
    ],
)
def test_a_setting_out_of_range_is_refused_with_its_field(field: str, value: object) -> None:
    with pytest.raises(WorkloadError) as caught:
        engine_of({"name": "sglang", field: value})
    assert caught.value.field == field
    assert caught.value.next_step


def test_what_is_kept_free_follows_the_device_and_not_the_model() -> None:
    """An H100 keeps (81,559 - 13,904) / 81,559 = 0.83 for weights and pools."""
    card = find("H100")
    small, large = (
        measure(build(config), Workload(engine="sglang", accelerator=card)).activation_bytes
        for config in (QWEN_235B, {**QWEN_235B, "num_hidden_layers": 2})
    )
    assert small == large
    assert small / (card.usable_bytes - GIB // 2) == pytest.approx(0.17, abs=0.001)


def test_a_larger_share_leaves_more_for_tokens() -> None:
    llama, card = released("llama"), find("H100")
    tokens = [
        fit(llama, Workload(engine=SGLang(mem_fraction_static=share), accelerator=card), card).cache_tokens
        for share in (0.7, 0.8, 0.9)
    ]
    assert tokens == sorted(tokens)
    assert tokens[2] - tokens[1] == pytest.approx(0.1 * (card.usable_bytes - GIB / 2) / 131072, rel=0.01)


def test_requests_at_once_are_limited_by_the_setting() -> None:
    llama = released("llama")
    workload = Workload(engine=SGLang(max_running_requests=3), seq_length=1000)
    assert workload.engine.served(llama, workload, "bf16", [10 * GIB]).max_concurrency == 3.0


def test_states_have_a_pool_of_their_own_that_limits_requests() -> None:
    tokens, requests = served(HYBRID, 20 * GIB, seq_length=2048)
    state_bytes = 48 * (3 * 10240 * 2 + 48 * 128 * 128 * 4)
    states = int((20 * GIB * 0.9 / 1.9 - state_bytes) // state_bytes)
    assert requests == states // 3
    assert tokens == int((20 * GIB - (states + 1) * state_bytes) // (16 * 4096))


def test_what_a_batch_needs_is_what_serves_it() -> None:
    """The pools that a report shows hold the requests that it is about, of every kind of model."""
    for name, config in {"plain": QWEN_235B, "latents": GLM, "hybrid": HYBRID}.items():
        for batch, length in ((1, 100), (5, 4096), (16, 30_000)):
            workload = Workload(engine="sglang", batch_size=batch, seq_length=length)
            cache = workload.engine.cache(build(config), workload, "bf16")
            _, requests = served(config, cache.kv_cache_bytes + cache.state_bytes, seq_length=length)
            assert requests >= batch, (name, batch, length)


def test_windows_take_a_pool_in_a_fixed_ratio() -> None:
    gpt_oss = released("gpt_oss")
    workload = Workload(engine="sglang", seq_length=8192)
    tokens = workload.engine.served(gpt_oss, workload, "bf16", [10 * GIB]).cache_tokens
    assert tokens == int(10 * GIB // (12 * 2048 * 1.8))


def test_the_line_that_starts_it_has_just_these_settings() -> None:
    engine = SGLang(mem_fraction_static=0.85, max_running_requests=16)
    workload = Workload(engine=engine, seq_length=8192, tensor_parallel=2, kv_cache_precision="fp8")
    assert engine.launch_command("org/model", workload) == (
        "python -m sglang.launch_server --model-path org/model --context-length 8192 --tp-size 2 "
        "--mem-fraction-static 0.85 --max-running-requests 16 --kv-cache-dtype fp8_e4m3"
    )


def test_a_card_of_ones_own_is_reserved_for_by_its_memory() -> None:
    llama = released("llama")
    kept = [
        measure(llama, Workload(engine="sglang", accelerator=Accelerator(memory_gib=gib))).activation_bytes
        for gib in (16, 24, 48, 80, 192)
    ]
    assert kept == sorted(kept)
