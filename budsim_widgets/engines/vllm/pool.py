"""How a workload's cache is planned: from a model, an engine's settings and an accelerator to plan and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.engines.vllm.accelerator import BatchLimits, batch_limits, compute_capability
from budsim_widgets.engines.vllm.layer_specs import BLOCK_SIZE, SPARSE_BLOCK_SIZE, CacheFormat, has_latents, is_sparse
from budsim_widgets.engines.vllm.packing import has_packed_layers
from budsim_widgets.engines.vllm.plan import cache_plan
from budsim_widgets.engines.vllm.specs import RequestLimits
from budsim_widgets.engines.vllm.states import text_fields
from budsim_widgets.engines.vllm.versions import (
    FIRST_WITH_CHECKPOINTS,
    FIRST_WITH_GRAPHS_COUNTED,
    FIRST_WITH_GROUPS,
    FIRST_WITH_RUNNER_V2,
    version_of,
)
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.engine_workload import EngineWorkload
    from budsim_widgets.engines.vllm.plan import CachePlan
    from budsim_widgets.engines.vllm.settings import VLLMSettings
    from budsim_widgets.engines.vllm.versions import Version

_BLACKWELL: Final = 10
_HOPPER_MLA_BLOCK: Final = 64
_BLACKWELL_MLA_BLOCK: Final = 32
_FP8_BYTES: Final = 1
_DELTA_NET_DIM: Final = 128
_NO_CHECKPOINTS: Final = frozenset({"olmo_hybrid", "qwen4_exp"})
"""Models whose delta nets, or what stands beside them, don't keep such a page."""


class Pool(NamedTuple):
    """The cache of a workload.

    Attributes:
        plan: Groups and stages.
        limits: What a request may hold.
        version: The version of vLLM.
        kv_dtype: Format of keys and values.
        needed: Blocks that a request takes.
        of_states: Those of them that hold states.
    """

    plan: CachePlan
    limits: RequestLimits
    version: Version
    kv_dtype: str
    needed: int
    of_states: int

    def num_blocks(self, requests: int) -> int:
        """Blocks that must be there for so many requests; one more, which vLLM never hands out."""
        return requests * self.needed + 1 if self.needed else 0

    def stage_bytes(self, num_blocks: int) -> list[tuple[int, int]]:
        """(keys and values, states) in bytes on a rank of each stage, of so many blocks.

        A block belongs to whoever takes it; the part of states is the one that their groups take of a request.
        """
        needed, of_states = self.needed, self.of_states
        sums = [num_blocks * size for size in self.plan.block_bytes]
        states = [total * of_states // needed if needed else 0 for total in sums]
        return [(total - state, state) for total, state in zip(sums, states, strict=True)]

    def tokens_and_requests(self, pool_bytes: Sequence[int]) -> tuple[int, float]:
        """The two numbers that the log prints, of a pool on a rank of each stage."""
        num_blocks = self.plan.num_blocks(pool_bytes)
        return (
            self.plan.cache_tokens(num_blocks, self.limits, self.version),
            self.plan.max_concurrency(num_blocks, self.limits),
        )


def pool_of(architecture: Architecture, workload: EngineWorkload, settings: VLLMSettings, compute_dtype: str) -> Pool:
    """How the cache of a workload is planned.

    Args:
        architecture: The model.
        workload: How it runs.
        settings: vLLM's.
        compute_dtype: Format of the computation.
    """
    # All but the batch: it is asked for twice in a report, and for one batch after the other.
    asked = (
        *(workload.accelerator, settings, compute_dtype, workload.kv_cache_precision, workload.seq_length),
        *(workload.tensor_parallel, workload.pipeline_parallel),
    )
    last = architecture.computed.get(pool_of)
    if last is None or last[0] != asked:
        last = architecture.computed[pool_of] = asked, _planned(architecture, workload, settings, compute_dtype)
    pool: Pool = last[1]
    return pool


def _planned(architecture: Architecture, workload: EngineWorkload, settings: VLLMSettings, compute_dtype: str) -> Pool:
    version, stages = version_of(settings.version), workload.pipeline_parallel
    kv_dtype = kv_dtype_of(architecture, workload, compute_dtype)
    form = CacheFormat(
        kv_bytes=DTYPE_BITS[kv_dtype] // 8,
        dtype_bytes=DTYPE_BITS[compute_dtype] // 8,
        ranks=workload.tensor_parallel,
        block_size=settings.block_size or _block_size(architecture, workload, kv_dtype),
        packs_latents=compute_capability(workload.accelerator) != _BLACKWELL,
        keeps_all=version < FIRST_WITH_GROUPS,
    )
    batches = batches_in_flight(version, stages)
    tokens = limits_of(workload, settings).max_num_batched_tokens
    limits = RequestLimits(
        max_model_len=workload.seq_length,
        max_in_flight_tokens=batches * tokens,
        max_num_encoder_input_tokens=tokens,
        state_pages=_state_pages(architecture, workload, settings, version),
    )
    plan = cache_plan(architecture, form, stages)
    needed, of_states = plan.blocks_per_request(limits), plan.state_blocks_per_request(limits)
    return Pool(plan, limits, version, kv_dtype, needed, of_states)


def limits_of(workload: EngineWorkload, settings: VLLMSettings) -> BatchLimits:
    """Tokens and sequences at once: those of the settings, else what vLLM chooses."""
    chosen = batch_limits(workload.accelerator, version_of(settings.version), workload.seq_length)
    tokens = settings.max_num_batched_tokens or chosen.max_num_batched_tokens
    return BatchLimits(tokens, min(settings.max_num_seqs or chosen.max_num_seqs, tokens))


def batches_in_flight(version: Version, stages: int) -> int:
    """Batches whose blocks aren't freed yet (`VllmConfig.max_concurrent_batches`); one before 0.21."""
    if version >= FIRST_WITH_RUNNER_V2:
        return stages + 1
    return max(2, stages) if version >= FIRST_WITH_GRAPHS_COUNTED else 1


def kv_dtype_of(architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> str:
    """Format of keys and values: what is asked for, else what the checkpoint says, else that of the computation.

    Checkpoints of Model Optimizer and llm-compressor say it (`get_kv_cache_quant_algo_string`, and `kv_cache_scheme`
    in `attention.py` of vLLM 0.33).
    """
    if has_packed_layers(architecture):
        return "fp8"  # there is no other layout
    if workload.kv_cache_precision != "auto":
        return workload.kv_cache_precision
    quantized = architecture.config.get("quantization_config")
    if not isinstance(quantized, dict):
        return compute_dtype
    places = [place for place in (quantized.get("quantization"), quantized) if isinstance(place, dict)]
    said = [place.get(name) for place in places for name in ("kv_cache_scheme", "kv_cache_quant_algo")]
    return "fp8" if any(_is_fp8(scheme) for scheme in said) else compute_dtype


def _is_fp8(scheme: object) -> bool:
    if isinstance(scheme, dict):
        return scheme.get("num_bits") == DTYPE_BITS["fp8"] and scheme.get("type") == "float"
    return isinstance(scheme, str) and scheme.lower() == "fp8"


def _block_size(architecture: Architecture, workload: EngineWorkload, kv_dtype: str) -> int:
    """Tokens of a block that the kernels of the attention want (`get_preferred_block_size`)."""
    if is_sparse(architecture):
        return SPARSE_BLOCK_SIZE
    if not has_latents(architecture):
        return BLOCK_SIZE
    capability = compute_capability(workload.accelerator)
    if capability == _BLACKWELL:
        return _BLACKWELL_MLA_BLOCK
    return _HOPPER_MLA_BLOCK if DTYPE_BITS[kv_dtype] // 8 == _FP8_BYTES else BLOCK_SIZE


def _state_pages(architecture: Architecture, workload: EngineWorkload, settings: VLLMSettings, version: Version) -> int:
    """Pages of a state for each request: one, or where prefixes are cached the one before too.

    Gated delta nets whose prompts FlashInfer reads keep a third one, from which a prefix can go on.
    """
    if not settings.prefix_caching or architecture.kind == "state-space":
        return 1
    fields = text_fields(architecture.config)
    exports = fields.get("linear_key_head_dim") == _DELTA_NET_DIM and fields.get("model_type") not in _NO_CHECKPOINTS
    if exports and compute_capability(workload.accelerator) is not None and version >= FIRST_WITH_CHECKPOINTS:
        return 3
    return 2
