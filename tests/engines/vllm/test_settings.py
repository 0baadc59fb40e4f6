from __future__ import annotations

from typing import Any

import pytest
from memory.configs import released

from budsim_widgets.architectures import build
from budsim_widgets.engines import VLLM, Workload, engine_of
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting import fit
from budsim_widgets.hardware import Accelerator, find
from budsim_widgets.memory import measure
from budsim_widgets.units import GIB

QWEN: dict[str, Any] = {
    "model_type": "qwen3_5_text",
    "vocab_size": 248320,
    "hidden_size": 5120,
    "intermediate_size": 17408,
    "num_hidden_layers": 64,
    "num_attention_heads": 24,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "linear_num_key_heads": 16,
    "linear_num_value_heads": 48,
    "linear_key_head_dim": 128,
    "linear_value_head_dim": 128,
    "linear_conv_kernel_dim": 4,
    "mamba_ssm_dtype": "float32",
    "max_position_embeddings": 262144,
    "dtype": "bfloat16",
}


def served(config: dict[str, Any], pool_bytes: int, *, tensor_parallel: int = 1, **settings: Any) -> tuple[Any, ...]:
    length = settings.pop("seq_length")
    workload = Workload(engine=VLLM(**settings), seq_length=length, tensor_parallel=tensor_parallel)
    return tuple(workload.engine.served(build(config), workload, "bf16", [pool_bytes] * tensor_parallel))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gpu_memory_utilization", 0),
        ("gpu_memory_utilization", 1.2),
        ("gpu_memory_utilization", float("nan")),
        ("gpu_memory_utilization", True),
        ("max_num_seqs", 0),
        ("max_num_batched_tokens", -5),
        ("max_num_batched_tokens", 2.5),
        ("enforce_eager", "yes"),
        ("prefix_caching", None),
        ("block_size", 10),
        ("block_size", 2**20),
        ("kv_cache_memory_bytes", -1),
        ("version", "newest"),
        ("version", 0.33),
    ],
)
def test_a_setting_out_of_range_is_refused_with_its_field(field: str, value: object) -> None:
    with pytest.raises(WorkloadError) as caught:
        engine_of({"name": "vllm", field: value})
    assert caught.value.field == field
    assert caught.value.next_step


@pytest.mark.parametrize("version", ["0.7.3", "0.10", "0.33", "v0.11.1rc2", "0.6.5.dev"])
def test_versions_are_written_as_vllm_writes_them(version: str) -> None:
    assert VLLM(version=version).version == version


def test_the_share_is_of_the_total_whatever_the_model() -> None:
    card = Accelerator(memory_gib=80)
    assert VLLM(gpu_memory_utilization=0.5).budget_bytes(card) == 40 * GIB


def test_defaults_follow_the_accelerator() -> None:
    llama = released("llama")
    reserved = {
        name: measure(llama, Workload(engine="vllm", accelerator=name)).activation_bytes
        for name in ("RTX 4090", "A100 80GB", "H100", "B200")
    }
    assert reserved["RTX 4090"] == reserved["A100 80GB"] < reserved["H100"] < reserved["B200"]


def test_the_same_is_reserved_for_every_workload() -> None:
    llama, vllm = released("llama"), engine_of("vllm")
    lengths = (1, 2048, 10**6)
    reserved = {vllm.activations(llama, Workload(engine=vllm, seq_length=n), "bf16").num_bytes for n in lengths}
    assert len(reserved) == 1


def test_fewer_sequences_and_no_graphs_leave_more_free() -> None:
    llama, card = released("llama"), find("H100")
    usual, few, eager = (
        fit(llama, Workload(engine=VLLM(**settings), accelerator=card), card).cache_tokens
        for settings in ({}, {"max_num_seqs": 64}, {"enforce_eager": True})
    )
    assert usual < few
    assert usual < eager


def test_a_log_of_a_hybrid_model_comes_out_to_the_token() -> None:
    """Qwen3.5-27B, vLLM 0.19 on an H20: 290,864 tokens and 33.04 requests of 32,768 (vllm-project/vllm#40691)."""
    blocks_bytes = 1487 * 16 * 784 * 4096
    tokens, requests = served(QWEN, blocks_bytes, seq_length=32768, version="0.19", prefix_caching=False)
    assert (tokens, round(requests, 2)) == (290_864, 33.04)


def test_a_state_is_kept_twice_where_prefixes_are_cached() -> None:
    pool = 20 * GIB
    _, with_prefixes = served(QWEN, pool, seq_length=32768, version="0.27")
    _, without = served(QWEN, pool, seq_length=32768, version="0.27", prefix_caching=False)
    assert without / with_prefixes == pytest.approx(48 / 45)


def test_latents_stand_whole_on_every_rank() -> None:
    """DeepSeek-R1 on 8 H200: 41.6 GiB hold 635,648 tokens of 70,272 bytes (log of 0.12)."""
    deepseek = {
        "model_type": "deepseek_v3",
        "kv_lora_rank": 512,
        "qk_rope_head_dim": 64,
        "num_hidden_layers": 61,
        "num_attention_heads": 128,
        "hidden_size": 7168,
        "vocab_size": 129280,
    }
    tokens, _ = served(deepseek, int(41.6 * GIB), seq_length=8192, version="0.12", block_size=64, tensor_parallel=8)
    assert tokens == pytest.approx(635_648, rel=2e-4)


def test_fewer_heads_than_ranks_are_repeated() -> None:
    four_heads = {**QWEN, "model_type": "qwen3", "num_attention_heads": 32, "num_key_value_heads": 4}
    on_four, on_eight = (served(four_heads, GIB, seq_length=4096, tensor_parallel=n)[0] for n in (4, 8))
    assert on_four == on_eight


def test_a_pool_of_its_own_sets_tokens_and_what_fits() -> None:
    llama, card = released("llama"), find("H100")
    workload = Workload(engine=VLLM(kv_cache_memory_bytes=GIB), accelerator=card, seq_length=4096)
    report = fit(llama, workload, card)
    assert report.cache_tokens == 8192
    assert report.max_batch_size == 1
    assert fit(llama, Workload(engine=workload.engine, seq_length=16384), card).verdict == "does_not_fit"


def test_the_checkpoint_says_the_format_of_the_cache() -> None:
    scheme = {"num_bits": 8, "type": "float", "dynamic": False}
    quantized = {"quant_method": "compressed-tensors", "format": "float-quantized", "kv_cache_scheme": scheme}
    plain, said = (
        VLLM().cache(build(config), Workload(engine="vllm"), "bf16")
        for config in (QWEN | {"model_type": "qwen3"}, QWEN | {"model_type": "qwen3", "quantization_config": quantized})
    )
    assert (plain.dtype, said.dtype) == ("bf16", "fp8")
    assert plain.kv_cache_bytes == 2 * said.kv_cache_bytes


def test_the_line_that_starts_it_has_just_these_settings() -> None:
    engine = VLLM(max_num_seqs=16, prefix_caching=False, gpu_memory_utilization=0.8, enforce_eager=True)
    workload = Workload(engine=engine, seq_length=8192, tensor_parallel=2, kv_cache_precision="fp8")
    assert engine.launch_command("org/model", workload) == (
        "vllm serve org/model --max-model-len 8192 --tensor-parallel-size 2 --max-num-seqs 16 "
        "--gpu-memory-utilization 0.8 --enforce-eager --no-enable-prefix-caching --kv-cache-dtype fp8"
    )
    assert VLLM().launch_command("org/model", Workload(engine="vllm")) == "vllm serve org/model --max-model-len 2048"


def test_tables_and_padding_are_added_on_load() -> None:
    llama = released("llama")
    added = measure(llama, Workload(engine="vllm")).weight_bytes - measure(llama, Workload()).weight_bytes
    assert added == 131072 * 128 * 2  # the table of rotations

    odd = {**released("llama").config, "vocab_size": 49159}
    weights = {engine: measure(build(odd), Workload(engine=engine)).weight_bytes for engine in ("vllm", "transformers")}
    assert weights["vllm"] - weights["transformers"] - added == 2 * 57 * 4096 * 2  # embedding and head, to 49,216 rows


def test_the_line_starts_no_more_sequences_than_there_are_pages_for_states() -> None:
    """Qwen3.5-27B has room for few blocks on an H100, where vLLM would start with 1,024 sequences and refuse."""
    card = find("H100")
    workload = Workload(engine="vllm", accelerator=card, seq_length=4096)
    command = fit(build(QWEN), workload, card).launch_command or ""
    sequences = int(command.partition("--max-num-seqs ")[2].split()[0])
    assert 100 < sequences < 1024
    assert "--max-num-seqs" not in (fit(released("llama"), workload, card).launch_command or "")


def test_deepseek_v4_takes_the_same_of_every_rank_and_little_for_each_token() -> None:
    """Windows and what waits to be compressed take most of a request: 3.4 KiB a token come on top."""
    config = {
        "model_type": "deepseek_v4",
        "num_hidden_layers": 43,
        "hidden_size": 4096,
        "num_attention_heads": 64,
        "vocab_size": 129280,
    }
    model = build(config)
    sizes = {
        (ranks, length): measure(model, Workload(engine="vllm", seq_length=length, tensor_parallel=ranks))
        .per_device[0]
        .kv_cache_bytes
        for ranks, length in ((1, 131_072), (8, 131_072), (1, 262_144))
    }
    assert sizes[1, 131_072] == sizes[8, 131_072]
    assert (sizes[1, 262_144] - sizes[1, 131_072]) / 131_072 == pytest.approx(3.7 * 1024, rel=0.1)


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_a_model_that_caches_nothing_serves_its_largest_batch(engine: str) -> None:
    bert = build(
        {
            "model_type": "bert",
            "vocab_size": 30522,
            "hidden_size": 768,
            "intermediate_size": 3072,
            "num_hidden_layers": 12,
            "num_attention_heads": 12,
        }
    )
    report = fit(bert, Workload(engine=engine, seq_length=512), find("RTX 4090"))
    assert (report.cache_tokens, report.max_concurrency) == (0, report.max_batch_size)


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_a_state_space_model_serves_as_many_as_its_states_have_room(engine: str) -> None:
    mamba = released("mamba")
    few, many = (
        fit(mamba, Workload(engine=engine, seq_length=2048, accelerator=name), find(name)).max_concurrency
        for name in ("RTX 3060", "RTX 4090")
    )
    assert 10 < few < many
