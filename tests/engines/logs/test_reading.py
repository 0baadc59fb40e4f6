"""What engines print is read: lines of our own making in the forms of each program's releases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.engines.logs import LOG_FORMATS, MAX_CHARACTERS, read_log
from budsim_widgets.errors import WorkloadError

GIB = 2**30
MIB = 2**20

V0_4 = """
INFO 05-02 10:11:12 model_runner.py:146] Loading model weights took 13.4966 GB
INFO 05-02 10:11:20 gpu_executor.py:81] # GPU blocks: 7462, # CPU blocks: 512
"""
V0_6_3 = """
INFO worker.py:232] Memory profiling results: total_gpu_memory=44.53GiB non_torch_memory=0.19GiB kv_cache_size=23.80GiB
INFO distributed_gpu_executor.py:61] Maximum concurrency for 4096 tokens per request: 12.19x
"""
V0_7 = """
INFO worker.py:267] the current vLLM instance can use total_gpu_memory (23.64GiB) x gpu_memory_utilization (0.90) = \
21.28GiB
INFO worker.py:267] model weights take 14.99GiB; non_torch_memory takes 0.09GiB; PyTorch activation peak memory takes \
1.20GiB; the rest of the memory reserved for KV Cache is 5.00GiB.
INFO model_runner.py:1500] Graph capturing finished in 14 secs, took 0.26 GiB
"""
V0_10 = """
\x1b[1;36m(EngineCore_0 pid=7)\x1b[0;0m INFO [core.py:71] Initializing a V1 LLM engine (v0.10.1) with config: \
model='org/model', max_seq_len=16384, tensor_parallel_size=2, pipeline_parallel_size=1, kv_cache_dtype=auto, \
enforce_eager=True
(VllmWorker TP0) INFO [gpu_model_runner.py:1742] Model loading took 7.5051 GiB and 4.20 seconds
(VllmWorker TP1) INFO [gpu_model_runner.py:1742] Model loading took 7.4984 GiB and 4.31 seconds
(VllmWorker TP0) INFO [gpu_worker.py:227] Available KV cache memory: 12.40 GiB
(VllmWorker TP1) INFO [gpu_worker.py:227] Available KV cache memory: 12.38 GiB
INFO [kv_cache_utils.py:833] GPU KV cache size: 202,752 tokens
INFO [kv_cache_utils.py:837] Maximum concurrency for 16,384 tokens per request: 12.37x
"""
V0_27 = """
INFO [gpu_worker.py:575] Free memory on device cuda:0 (78.80/79.11 GiB) on startup. Desired GPU memory utilization is \
(0.92, 72.78 GiB). Actual usage is 14.99 GiB for weight, 2.10 GiB for peak activation, 0.11 GiB for non-torch memory, \
and 0.52 GiB for CUDAGraph memory.
"""
SGLANG = """
[TP0] Load weight end. type=LlamaForCausalLM, dtype=torch.bfloat16, avail mem=63.50 GB, mem usage=15.02 GB.
[TP0] KV Cache is allocated. #tokens: 367404, K size: 8.20 GB, V size: 8.30 GB
[TP0] Capture cuda graph end. Time elapsed: 4.51 s. mem usage=0.94 GB. avail mem=7.44 GB.
[TP0] max_total_num_tokens=367404, chunked_prefill_size=8192, max_running_requests=2048, context_len=131072
"""
LLAMA_CPP = """
llama_model_loader: loaded meta data with 30 key-value pairs and 291 tensors (version GGUF V3)
print_info: file type   = Q4_K - Medium
print_info: file size   = 4.58 GiB (4.89 BPW)
load_tensors: offloaded 30/33 layers to GPU
load_tensors:        CUDA0 model buffer size =  2000.25 MiB
load_tensors:        CUDA1 model buffer size =  1999.75 MiB
load_tensors:   CPU_Mapped model buffer size =   281.81 MiB
llama_context: n_seq_max     = 4
llama_context: n_ctx         = 32768
llama_context: n_ubatch      = 512
llama_context: flash_attn    = enabled
llama_kv_cache:      CUDA0 KV buffer size =  2048.00 MiB
llama_kv_cache:      CUDA1 KV buffer size =  2048.00 MiB
llama_kv_cache: size = 4096.00 MiB ( 32768 cells,  32 layers,  4/1 seqs), K (f16): 2048.00 MiB, V (f16): 2048.00 MiB
llama_context:      CUDA0 compute buffer size =   258.50 MiB
llama_context:  CUDA_Host compute buffer size =    72.01 MiB
"""
OLLAMA = """
level=INFO source=backend.go:315 msg="model weights" device=CUDA0 size="4.3 GiB"
level=INFO source=backend.go:320 msg="model weights" device=CPU size="292.4 MiB"
level=INFO source=backend.go:326 msg="kv cache" device=CUDA0 size="512.0 MiB"
level=INFO source=backend.go:337 msg="compute graph" device=CUDA0 size="258.5 MiB"
level=INFO source=backend.go:342 msg="total memory" size="5.3 GiB"
"""
OLLAMA_PS = """NAME           ID              SIZE      PROCESSOR    CONTEXT    UNTIL
llama3.1:8b    46e0c10c039e    6.2 GB    100% GPU     4096       4 minutes from now
"""
OUT_OF_MEMORY = """torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 256.00 MiB. GPU 0 has a total \
capacity of 23.64 GiB of which 111.00 MiB is free. Of the allocated memory 22.80 GiB is allocated by PyTorch."""
OLD_OUT_OF_MEMORY = """RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 23.69 GiB total capacity; \
22.80 GiB already allocated; 14.69 MiB free; 22.96 GiB reserved in total by PyTorch)"""
NVIDIA_SMI = "| 31%   28C    P8              21W / 450W |  20393MiB / 24564MiB |      0%      Default |"


@pytest.mark.parametrize(
    ("text", "label", "figures"),
    [
        (V0_4, "vLLM", {"weights": 13.4966 * GIB}),
        (V0_6_3, "vLLM", {"non_torch": 0.19 * GIB, "kv_cache": 23.80 * GIB, "max_concurrency": 12.19}),
        (
            V0_7,
            "vLLM",
            {
                "weights": 14.99 * GIB,
                "activations": 1.20 * GIB,
                "non_torch": 0.09 * GIB,
                "graphs": 0.26 * GIB,
                "kv_cache": 5.00 * GIB,
                "total": 23.64 * GIB,
            },
        ),
        (
            V0_10,
            "vLLM",
            {"weights": 7.5051 * GIB, "kv_cache": 12.38 * GIB, "cache_tokens": 202_752, "max_concurrency": 12.37},
        ),
        (
            V0_27,
            "vLLM",
            {
                "weights": 14.99 * GIB,
                "activations": 2.10 * GIB,
                "non_torch": 0.11 * GIB,
                "graphs": 0.52 * GIB,
                "total": 79.11 * GIB,
            },
        ),
        (
            SGLANG,
            "SGLang",
            {
                "weights": 15.02 * GIB,
                "kv_cache": 16.5 * GIB,
                "cache_tokens": 367_404,
                "graphs": 0.94 * GIB,
                "free": 7.44 * GIB,
            },
        ),
        (
            LLAMA_CPP,
            "llama.cpp",
            {
                "weights": 4000 * MIB,
                "host_weights": 281.81 * MIB,
                "kv_cache": 4096 * MIB,
                "compute": 258.5 * MIB,
                "file": 4.58 * GIB,
            },
        ),
        (
            OLLAMA,
            "Ollama",
            {
                "weights": 4.3 * GIB,
                "host_weights": 292.4 * MIB,
                "kv_cache": 512 * MIB,
                "compute": 258.5 * MIB,
                "total": 5.3 * GIB,
            },
        ),
        (OLLAMA_PS, "Ollama", {"total": 6.2e9}),
        (
            OUT_OF_MEMORY,
            "CUDA out of memory",
            {
                "tried_to_allocate": 256 * MIB,
                "total": 23.64 * GIB,
                "free": 111 * MIB,
                "allocated": 22.8 * GIB,
            },
        ),
        (
            OLD_OUT_OF_MEMORY,
            "CUDA out of memory",
            {
                "tried_to_allocate": 20 * MIB,
                "total": 23.69 * GIB,
                "free": 14.69 * MIB,
                "allocated": 22.8 * GIB,
            },
        ),
        (NVIDIA_SMI, "nvidia-smi", {"used": 20_393 * MIB, "total": 24_564 * MIB}),
    ],
)
def test_every_figure_of_a_log_is_read(text: str, label: str, figures: dict[str, float]) -> None:
    reading = read_log(text)
    assert reading is not None
    assert reading.label == label
    assert {part: figure.value for part, figure in reading.figures.items()} == pytest.approx(figures)


def test_settings_are_those_of_a_workload_and_its_engine() -> None:
    reading = read_log(V0_10)
    assert reading is not None
    assert reading.version == "0.10.1"
    assert reading.settings["tensor_parallel"] == 2
    assert (reading.settings["seq_length"], reading.settings["enforce_eager"]) == (16_384, True)
    reading = read_log(LLAMA_CPP)
    assert reading is not None
    assert (reading.settings["batch_size"], reading.settings["seq_length"]) == (4, 8_192)
    assert reading.settings["flash_attention"] is True
    assert reading.settings["gpu_layers"] == 30


def test_of_several_loads_the_last_one_counts() -> None:
    again = LLAMA_CPP.replace("2000.25", "1000.25")
    reading = read_log(LLAMA_CPP + again)
    assert reading is not None
    assert reading.figures["weights"].value == 3000 * MIB


@pytest.mark.parametrize("text", ["", "hello", "Traceback (most recent call last):\n  File", '{"model_type": "llama"}'])
def test_what_is_no_log_is_none(text: str) -> None:
    assert read_log(text) is None


@pytest.mark.parametrize("wrong", [None, 7, ["a"], "x" * (MAX_CHARACTERS + 1)], ids=["None", "7", "list", "long"])
def test_what_is_no_text_is_refused_with_the_field(wrong: object) -> None:
    with pytest.raises(WorkloadError) as caught:
        read_log(wrong)  # type: ignore[arg-type]
    assert caught.value.field == "text"


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    keys = "".join(f"{form.key}{text}\n" for one in LOG_FORMATS for form in (*one.figures, *one.settings))
    read_log(text)
    read_log(keys)


@given(cut=st.integers(0, len(V0_10)))
def test_a_log_that_is_cut_off_shows_nothing_else_than_the_whole(cut: int) -> None:
    whole, reading = read_log(V0_10), read_log(V0_10[:cut])
    assert whole is not None
    if reading is not None:
        assert set(reading.figures) <= set(whole.figures)
