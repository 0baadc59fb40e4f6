"""The pools of tokens and states that SGLang divides what is left into (`pool_configurator.py`, 0.5.23)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.engines.vllm.layer_specs import CacheFormat, has_latents, is_sparse, layer_specs
from budsim_widgets.engines.vllm.layers import caches_in_order, num_decoder_layers
from budsim_widgets.engines.vllm.plan import stage_ranges
from budsim_widgets.engines.vllm.specs import AttentionSpec, ChunkedLocalAttentionSpec, SlidingWindowSpec
from budsim_widgets.engines.vllm.states import convolution_inputs, text_fields
from budsim_widgets.formats.stored_tensor import ceil_div
from budsim_widgets.units import DTYPE_BITS, short_dtype

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.engines.vllm.specs import KVCacheSpec

SPARSE_PAGE_SIZE: Final = 64
WINDOW_RATIO: Final = 0.8
"""Tokens that layers with a window keep for each that the others do (`swa_full_tokens_ratio`)."""

STATE_RATIO: Final = 0.9
"""Memory of states for that of keys and values (`mamba_full_memory_ratio`)."""

STATES_PER_REQUEST: Final = 3
"""States that a request may take where prefixes are cached (`MAMBA_CACHE_SIZE_MAX_RUNNING_REQUESTS_RATIO`)."""

_BF16_BYTES: Final = 2
_FP32_BYTES: Final = 4
_FEWEST_REQUESTS: Final = 2_048
_MOST_REQUESTS: Final = 4_096
_REQUESTS_PER_CONTEXT: Final = 512

_WITH_WINDOW_POOL: Final = frozenset(
    {
        *("llama4", "llama4_text", "gpt_oss", "beam", "laguna", "mellum"),
        *("gemma4", "gemma4_text", "gemma4_unified", "gemma4_unified_text"),
        *("mimo_v2", "mimo_v2_flash", "step3p5", "step3p7", "muse_glimmer"),
        *("inkling_mm_model", "inkling_text", "granite_swa", "granitemoe_swa"),
    }
)
"""Models whose layers with a window have a pool of their own (`is_hybrid_swa_model`); others keep every token."""


class TokenPools(NamedTuple):
    """What a token and a request take on a rank, in bytes; of the largest pipeline stage.

    Attributes:
        full_bytes: A token, of layers that keep every one.
        window_bytes: A token, of layers with a window in a pool of their own.
        state_bytes: The states of a request.
        window: The window; 0: no such pool.
        page_size: Tokens that are handed out together.
    """

    full_bytes: int
    window_bytes: int
    state_bytes: int
    window: int
    page_size: int

    @property
    def token_bytes(self) -> float:
        """What a token takes of both pools."""
        return self.full_bytes + self.window_bytes * self._window_ratio

    @property
    def _window_ratio(self) -> float:
        return WINDOW_RATIO if self.full_bytes else 1.0

    def tokens(self, rest_bytes: int) -> int:
        """Tokens that the pool of keys and values holds of what is left (`max_total_num_tokens`)."""
        for_tokens = rest_bytes - self.num_states(rest_bytes, padding=1) * self.state_bytes
        if self.token_bytes <= 0:
            return 0
        return max(0, int(for_tokens // self.token_bytes) // self.page_size * self.page_size)

    def window_tokens(self, tokens: int) -> int:
        """Tokens of the pool of the layers with a window, beside so many of the others."""
        return int(tokens * self._window_ratio) // self.page_size * self.page_size

    def num_states(self, rest_bytes: int, padding: int = 0) -> int:
        """States that the pool of states holds; one more is kept as padding."""
        if not self.state_bytes:
            return 0
        budget = rest_bytes * STATE_RATIO / (1 + STATE_RATIO)
        return max(0, int((budget - self.state_bytes) // self.state_bytes)) + padding

    def rest_bytes(self, requests: int, seq_length: int) -> int:
        """What must be left so that so many requests of so many tokens fit."""
        tokens = requests * ceil_div(seq_length, self.page_size) * self.page_size
        if self.window:
            held = requests * (min(seq_length, self.window) + self.page_size)
            tokens = max(tokens, ceil_div(int(held * 1000), int(self._window_ratio * 1000)))
        for_tokens = int(tokens * self.token_bytes) + 1 if self.token_bytes else 0
        if not self.state_bytes:
            return for_tokens
        states = requests * STATES_PER_REQUEST + 2
        by_states = int(states * self.state_bytes * (1 + STATE_RATIO) / STATE_RATIO) + 1
        return max(int(for_tokens * (1 + STATE_RATIO)) + 2 * self.state_bytes, by_states)

    def split(self, rest_bytes: int) -> tuple[int, int]:
        """(keys and values, states) of what is left."""
        states = self.num_states(rest_bytes, padding=1) * self.state_bytes
        return max(0, rest_bytes - states), min(states, rest_bytes)

    def max_requests(self, rest_bytes: int, context_length: int, asked: int | None) -> int:
        """Requests that run at once at most (`resolve_max_num_reqs`).

        Args:
            rest_bytes: What is left for the pools.
            context_length: Tokens of a request at most.
            asked: `max_running_requests`.
        """
        tokens = self.tokens(rest_bytes)
        estimated = max(min(int(tokens / context_length * _REQUESTS_PER_CONTEXT), _MOST_REQUESTS), _FEWEST_REQUESTS)
        most = min(asked or estimated, tokens // 2)
        return min(most, self.num_states(rest_bytes) // STATES_PER_REQUEST) if self.state_bytes else most


@kept_with_architecture
def token_pools(architecture: Architecture, form: CacheFormat, stages: int = 1) -> TokenPools:
    """What a token and a request of a model take.

    Args:
        architecture: The model.
        form: How keys, values and states are kept, of blocks of one token.
        stages: Pipeline stages.

    Example:
        GLM-5 in fp8: 78 layers of 656 and 132 bytes a token, as its log says.

        >>> from budsim_widgets.architectures import build
        >>> glm = build({"model_type": "glm_moe_dsa", "num_hidden_layers": 78, "kv_lora_rank": 512,
        ...     "qk_rope_head_dim": 64, "index_head_dim": 128, "hidden_size": 6144, "num_attention_heads": 64,
        ...     "vocab_size": 154880})
        >>> token_pools(glm, CacheFormat(kv_bytes=1, dtype_bytes=2, block_size=1)).full_bytes == 78 * (656 + 132)
        True
    """
    caches = caches_in_order(architecture.root)
    layers = num_decoder_layers(architecture)
    of_stages = [
        _pools(architecture, [cache for place, cache in caches if first <= place < last], form)
        for first, last in stage_ranges(layers, stages)
    ]
    return max(of_stages, key=lambda pools: (pools.token_bytes, pools.state_bytes))


def _pools(architecture: Architecture, caches: list[LayerCache], form: CacheFormat) -> TokenPools:
    full = window_bytes = states = window = 0
    for cache in caches:
        if isinstance(cache, StateCache):
            states += _state_bytes(architecture, cache, form)
            continue
        for spec in layer_specs(architecture, cache, form):
            reach = _reach(architecture, spec)
            if reach:
                window_bytes, window = window_bytes + spec.page_size_bytes, max(window, reach)
            elif isinstance(spec, AttentionSpec):
                full += spec.page_size_bytes
    page = SPARSE_PAGE_SIZE if is_sparse(architecture) and has_latents(architecture) else 1
    return TokenPools(full, window_bytes, states, window, page)


def _reach(architecture: Architecture, spec: KVCacheSpec) -> int:
    types = {architecture.model_type, text_fields(architecture.config).get("model_type")}
    if not types & _WITH_WINDOW_POOL:
        return 0
    if isinstance(spec, SlidingWindowSpec):
        return spec.sliding_window
    return spec.attention_chunk_size if isinstance(spec, ChunkedLocalAttentionSpec) else 0


def _state_bytes(architecture: Architecture, cache: StateCache, form: CacheFormat) -> int:
    """A convolution in bf16, and a state in fp32 unless the config says otherwise (`mamba2_state_dtype`)."""
    said = short_dtype(text_fields(architecture.config).get("mamba_ssm_dtype"))
    width = DTYPE_BITS[said] // 8 if said else _FP32_BYTES
    inputs = convolution_inputs(architecture, cache, form.ranks) * _BF16_BYTES
    return inputs + cache.recurrent_elements // form.ranks * width
