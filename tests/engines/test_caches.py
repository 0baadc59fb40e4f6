from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from memory.configs import RELEASED, released

from budsim_widgets.engines import Workload
from budsim_widgets.memory import measure

ATTENDING = sorted(set(RELEASED) - {"mamba"})

names = st.sampled_from(sorted(RELEASED))
batches = st.integers(1, 64)
lengths = st.integers(1, 200_000)


def test_llama_8b_holds_128_kib_a_token() -> None:
    report = measure(released("llama"), Workload(seq_length=8192))
    assert report.kv_cache_bytes == 8192 * 131_072
    assert report.basis == "exact"


def test_deepseek_v3_holds_the_latent_alone() -> None:
    assert measure(released("deepseek_v3"), Workload(seq_length=1000)).kv_cache_bytes == 61 * 1000 * 576 * 2


def test_mamba_holds_states_that_do_not_grow() -> None:
    short, long = (measure(released("mamba"), Workload(seq_length=n)) for n in (1, 100_000))
    assert short.kv_cache_bytes == long.kv_cache_bytes == 0
    assert short.state_bytes == long.state_bytes == 64 * (5120 * 4 * 2 + 5120 * 16 * 4)


def has_window(name: str) -> bool:
    return any(hasattr(cache, "window") and cache.window for cache, _ in released(name).layer_caches)


@given(name=names, batch=batches, length=lengths)
def test_the_cache_is_what_the_architecture_says_of_it(name: str, batch: int, length: int) -> None:
    report = measure(released(name), Workload(batch_size=batch, seq_length=length, precision="bf16"))
    assert (report.kv_cache_bytes, report.state_bytes) == released(name).cache(batch, length)


@given(name=names, batch=batches, length=lengths)
def test_twice_the_batch_takes_twice_the_cache(name: str, batch: int, length: int) -> None:
    once, twice = (measure(released(name), Workload(batch_size=n, seq_length=length)) for n in (batch, 2 * batch))
    assert twice.kv_cache_bytes == 2 * once.kv_cache_bytes
    assert twice.state_bytes == 2 * once.state_bytes


@given(name=st.sampled_from(ATTENDING), length=lengths)
def test_narrower_keys_take_less_and_are_estimates(name: str, length: int) -> None:
    plain = measure(released(name), Workload(seq_length=length, precision="bf16"))
    smaller = [
        measure(released(name), Workload(seq_length=length, precision="bf16", kv_cache_precision=narrow))
        for narrow in ("int8", "int4")
    ]
    sizes = [plain.kv_cache_bytes, *(report.kv_cache_bytes for report in smaller)]
    assert sizes == sorted(sizes, reverse=True)
    assert all(report.basis == "estimate" and len(report.notes) > len(plain.notes) for report in smaller)
    assert all(report.weight_bytes == plain.weight_bytes for report in smaller)


def test_an_fp32_cache_takes_twice_a_bf16_one_and_is_exact() -> None:
    wide = measure(released("llama"), Workload(kv_cache_precision="fp32"))
    assert wide.kv_cache_bytes == 2 * measure(released("llama"), Workload()).kv_cache_bytes
    assert wide.basis == "exact"


def test_auto_is_the_format_of_the_computation_also_where_weights_are_quantized() -> None:
    sizes = {measure(released("llama"), Workload(precision=p)).kv_cache_bytes for p in ("bf16", "int4", "fp8")}
    assert len(sizes) == 1


@given(name=st.sampled_from([name for name in ATTENDING if not has_window(name)]), length=lengths)
def test_vllm_holds_whole_blocks_of_16_tokens_and_one_that_it_never_hands_out(name: str, length: int) -> None:
    whole = -(-length // 16) * 16 + 16
    vllm = measure(released(name), Workload(seq_length=length, engine="vllm"))
    assert vllm.kv_cache_bytes == measure(released(name), Workload(seq_length=whole)).kv_cache_bytes
    assert vllm.basis == "estimate"
