from __future__ import annotations

import pytest

from budsim_widgets.engines import LlamaCpp, Workload


def test_the_command_starts_the_server_with_the_workload() -> None:
    engine = LlamaCpp(gpu_layers=20, cpu_moe_layers=4, swa_full=True)
    workload = Workload(engine=engine, precision="Q4_K_M", batch_size=2, seq_length=8192, kv_cache_precision="q8_0")
    line = engine.launch_command("bartowski/Qwen_Qwen3-4B-GGUF", workload)
    assert line is not None
    assert line.startswith("llama-server -hf bartowski/Qwen_Qwen3-4B-GGUF:Q4_K_M -c 16384 -np 2 -ngl 20")
    assert "--n-cpu-moe 4" in line
    assert "--cache-type-k q8_0" in line


@pytest.mark.parametrize(
    ("model_id", "precision", "file"),
    [
        ("unsloth/Qwen3-4B-GGUF", "Q6_K", "-hf unsloth/Qwen3-4B-GGUF:Q6_K"),
        ("unsloth/Qwen3-4B-GGUF", "auto", "-hf unsloth/Qwen3-4B-GGUF"),
        ("Qwen/Qwen3-4B", "Q6_K", "-m Qwen3-4B-Q6_K.gguf"),
        ("Qwen/Qwen3-4B", "bf16", "-m Qwen3-4B-BF16.gguf"),
        ("MODEL", "auto", "-m MODEL.gguf"),
    ],
)
def test_the_command_names_a_repository_only_where_it_holds_gguf_files(
    model_id: str, precision: str, file: str
) -> None:
    line = LlamaCpp().launch_command(model_id, Workload(engine="llama.cpp", precision=precision))
    assert line is not None
    assert line.startswith(f"llama-server {file} -c ")
