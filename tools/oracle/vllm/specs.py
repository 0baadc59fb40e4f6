"""What vLLM's own classes keep for the layers of our descriptions, and the block size that it chooses for them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import torch
from vllm.model_executor.layers.mamba.mamba_utils import MambaStateDtypeCalculator, MambaStateShapeCalculator
from vllm.platforms.interface import Platform
from vllm.v1.attention.backend import MultipleOf
from vllm.v1.kv_cache_interface import (
    ChunkedLocalAttentionSpec,
    CrossAttentionSpec,
    FullAttentionSpec,
    KVCacheSpec,
    MambaSpec,
    MLAAttentionSpec,
    SlidingWindowMLASpec,
    SlidingWindowSpec,
    SparseCacheRole,
)
from vllm.v1.kv_cache_layout import KVCacheLayout

from budsim_widgets.architectures.cache import (
    AttentionCache,
    CompressedCache,
    CrossAttentionCache,
    IndexCache,
    LatentCache,
    SlidingWindowCache,
    StateCache,
)
from budsim_widgets.architectures.parts import Module, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Part

DTYPES = {"auto": torch.bfloat16, "fp8": torch.float8_e4m3fn}
UNFOLDED = {"minicpm3"}


class NotRunError(ValueError):
    """vLLM has no layer of this kind, or can't divide it over so many ranks."""


class Backend:
    """What FlashAttention says about blocks, without its kernels."""

    @staticmethod
    def get_supported_kernel_block_sizes(_spec: object = None) -> list[Any]:
        """Multiples of 16 tokens."""
        return [MultipleOf(16)]

    @staticmethod
    def customize_spec(spec: KVCacheSpec) -> KVCacheSpec:
        """The same: it packs nothing."""
        return spec


def layers_of(part: Part, index: int = 0) -> Iterator[tuple[int, LayerCache]]:
    """(index of the layer, what it keeps), kind by kind."""
    if isinstance(part, Stack):
        for layer, places in part.kinds:
            for place in places:
                yield from layers_of(layer, place)
    elif isinstance(part, Module):
        yield from ((index, cache) for cache in part.cache)
        for child in part.children.values():
            yield from layers_of(child, index)


def specs_of(architecture: Architecture, config: Any, fields: dict[str, Any]) -> dict[str, KVCacheSpec]:
    """The specs of vLLM by layer name, in the order of the layers; sets the block size in `config`."""
    caches = sorted(layers_of(architecture.root), key=lambda found: found[0])
    shapes = {cache: state_of(fields, config) for _, cache in caches if isinstance(cache, StateCache)}
    if any(isinstance(cache, CompressedCache) for _, cache in caches):
        return packed_specs(caches, config)
    if any(isinstance(cache, IndexCache) for _, cache in caches):
        raise NotRunError("a layout of its own")
    if shapes and any(isinstance(cache, (AttentionCache, LatentCache)) for _, cache in caches):
        align(config, caches, next(iter(shapes.values())))
    return {
        f"model.layers.{index}.{place}.{kind}": spec
        for place, (index, cache) in enumerate(caches)
        for kind, spec in specs_of_layer(cache, config, fields, shapes)
    }


def packed_specs(caches: list[tuple[int, LayerCache]], config: Any) -> dict[str, KVCacheSpec]:
    """DeepSeek-V4, as its attention, compressor, indexer and window caches make their specs for `fp8_ds_mla`."""
    config.cache_config.get_resolved_kv_cache_layout = lambda: KVCacheLayout.BLHNC
    config.cache_config.block_size = 256
    found: dict[str, KVCacheSpec] = {}
    shared = {"num_kv_heads": 1, "max_tp_shards": 1, "alignment": 576}
    for index, cache in caches:
        name = f"model.layers.{index}.attn"
        found[f"{name}.swa_cache"] = SlidingWindowMLASpec(
            **shared,
            block_size=64,
            head_size=512,
            dtype=torch.uint8,
            sliding_window=cache.window,
            state_content_bytes=584,
            model_version="deepseek_v4",
        )
        if not isinstance(cache, CompressedCache):
            continue
        found[name] = MLAAttentionSpec(
            **shared,
            block_size=256,
            head_size=512,
            dtype=torch.uint8,
            tokens_per_state=cache.rate,
            state_content_bytes=584,
            model_version="deepseek_v4",
        )
        found[f"{name}.compressor"] = compressor_spec(cache, 512)
        if len(cache.entry_dims) > 1:
            found[f"{name}.indexer.k_cache"] = MLAAttentionSpec(
                **shared, block_size=256, head_size=132, dtype=torch.uint8, tokens_per_state=cache.rate
            )
            found[f"{name}.indexer.compressor"] = compressor_spec(cache, 128)
    return found


def compressor_spec(cache: CompressedCache, head_dim: int) -> SlidingWindowMLASpec:
    """What `CompressorStateCache` says."""
    copies = 1 + (cache.rate == 4)  # noqa: PLR2004 - as there
    return SlidingWindowMLASpec(
        block_size=4 if copies > 1 else 8,
        num_kv_heads=1,
        max_tp_shards=1,
        head_size=2 * copies * head_dim,
        dtype=torch.float32,
        sliding_window=copies * cache.rate,
        alignment=576,
    )


def specs_of_layer(
    cache: LayerCache, config: Any, fields: dict[str, Any], shapes: dict[LayerCache, Any]
) -> Iterator[tuple[str, KVCacheSpec]]:
    """(part of the layer, vLLM's spec)."""
    block, ranks = config.cache_config.block_size, config.parallel_config.tensor_parallel_size
    dtype = DTYPES[config.cache_config.cache_dtype]
    if isinstance(cache, StateCache):
        shape, dtypes = shapes[cache]
        yield (
            "mixer",
            MambaSpec(
                shapes=shape,
                dtypes=dtypes,
                block_size=config.cache_config.mamba_block_size,
                page_size_padded=config.cache_config.mamba_page_size_padded,
                mamba_cache_mode=config.cache_config.mamba_cache_mode,
            ),
        )
    elif isinstance(cache, LatentCache):
        yield from latents(cache, config, fields, dtype)
    elif isinstance(cache, AttentionCache):
        if type(cache) not in (AttentionCache, SlidingWindowCache, CrossAttentionCache):
            raise NotRunError(type(cache).__name__)
        widths = {
            "block_size": block,
            "num_kv_heads": max(1, cache.num_key_value_heads // ranks),
            "head_size": cache.key_head_dim,
            "head_size_v": cache.value_head_dim,
            "dtype": dtype,
        }
        if isinstance(cache, CrossAttentionCache):
            yield "encoder_attn", CrossAttentionSpec(**widths)
        elif isinstance(cache, SlidingWindowCache) and fields.get("attention_chunk_size") == cache.window:
            yield "self_attn", ChunkedLocalAttentionSpec(**widths, attention_chunk_size=cache.window)
        elif isinstance(cache, SlidingWindowCache):
            yield "self_attn", SlidingWindowSpec(**widths, sliding_window=cache.window)
        else:
            yield "self_attn", FullAttentionSpec(**widths)
    else:
        raise NotRunError(type(cache).__name__)


def latents(
    cache: LatentCache, config: Any, fields: dict[str, Any], dtype: torch.dtype
) -> Iterator[tuple[str, KVCacheSpec]]:
    """As `MLAAttention.get_kv_cache_spec` and `DeepseekV32IndexerCache` make them on an H100."""
    block, ranks = config.cache_config.block_size, config.parallel_config.tensor_parallel_size
    if cache.window is not None:
        raise NotRunError("latents of a window")
    if fields["model_type"] in UNFOLDED:
        heads = max(1, fields["num_attention_heads"] // ranks)
        head_dim = fields["qk_nope_head_dim"] + fields["qk_rope_head_dim"]
        yield "self_attn", FullAttentionSpec(block_size=block, num_kv_heads=heads, head_size=head_dim, dtype=dtype)
        return
    is_packable = (cache.kv_lora_rank, cache.rope_head_dim) == (512, 64)  # the only ones that FlashMLA's kernel takes
    packed = is_packable and "index_topk" in fields and dtype == torch.float8_e4m3fn
    yield (
        "self_attn.attn",
        MLAAttentionSpec(
            block_size=block,
            num_kv_heads=1,
            head_size=cache.kv_lora_rank + cache.rope_head_dim,
            dtype=dtype,
            state_content_bytes=656 if packed else None,
            cache_dtype_str="fp8_ds_mla" if packed else "auto",
        ),
    )
    if cache.index_head_dim:
        yield (
            "self_attn.indexer.k_cache",
            MLAAttentionSpec(
                block_size=block,
                num_kv_heads=1,
                head_size=cache.index_head_dim + cache.index_head_dim // 128 * 4,
                dtype=torch.uint8,
                cache_role=SparseCacheRole.INDEXER,
            ),
        )


def state_of(fields: dict[str, Any], config: Any) -> tuple[Any, Any]:
    """Shapes and formats of a state, by vLLM's own calculators with the arguments that its model classes give."""
    ranks, kind = config.parallel_config.tensor_parallel_size, fields["model_type"]
    said = fields.get("mamba_ssm_dtype", fields.get("mamba_ssm_cache_dtype", "auto"))
    if kind in {"nemotron_h", "nemotron_h_omni"} and said == "auto":
        said = "float32"
    shapes, dtypes = MambaStateShapeCalculator, MambaStateDtypeCalculator
    given = (torch.bfloat16, "auto", said)
    if kind in {"mamba", "falcon_mamba"}:
        width = fields.get("intermediate_size") or int(fields["expand"] * fields["hidden_size"])
        found = shapes.mamba1_state_shape(ranks, width, fields["state_size"], fields["conv_kernel"])
        return found, dtypes.mamba1_state_dtype(*given)
    if kind == "jamba":
        width = fields["mamba_expand"] * fields["hidden_size"]
        found = shapes.mamba1_state_shape(ranks, width, fields["mamba_d_state"], fields["mamba_d_conv"])
        return found, dtypes.mamba1_state_dtype(*given)
    if kind in MAMBA2:
        width, groups, heads, head_dim, state, kernel = MAMBA2[kind](fields)
        return (
            shapes.mamba2_state_shape(ranks, width, groups, heads, head_dim, state, kernel),
            dtypes.mamba2_state_dtype(*given),
        )
    if kind in DELTA_NETS:
        found = shapes.gated_delta_net_state_shape(
            ranks,
            fields["linear_num_key_heads"],
            fields["linear_num_value_heads"],
            fields["linear_key_head_dim"],
            fields["linear_value_head_dim"],
            fields["linear_conv_kernel_dim"],
        )
        return found, dtypes.gated_delta_net_state_dtype(*given)
    if kind in {"kimi_linear", "glm5_next"}:
        found = shapes.kda_state_shape(
            ranks,
            fields["linear_num_heads"],
            fields["linear_head_dim"],
            conv_kernel_size=fields["linear_conv_kernel_dim"],
        )
        return found, dtypes.kda_state_dtype(torch.bfloat16, "auto")
    if kind in {"lfm2", "lfm2_moe", "lfm3"}:
        found = shapes.short_conv_state_shape(ranks, fields["hidden_size"], fields["conv_L_cache"])
        return found, dtypes.short_conv_state_dtype(torch.bfloat16, "auto")
    raise NotRunError(f"no state of {kind}")


DELTA_NETS = {
    "qwen3_next",
    *("qwen3_5", "qwen3_5_moe", "qwen3_5_text", "qwen3_5_moe_text"),
    *("olmo_hybrid", "minicpmv4_6", "minicpmv4_7"),
}

MAMBA2: dict[str, Any] = {
    "mamba2": lambda c: (
        int(c["expand"] * c["hidden_size"]),
        *(c["n_groups"], c["num_heads"], c["head_dim"], c["state_size"], c["conv_kernel"]),
    ),
    "zamba2": lambda c: (
        int(c["mamba_expand"] * c["hidden_size"]),
        *(c["mamba_ngroups"], c["n_mamba_heads"], c["mamba_headdim"], c["mamba_d_state"], c["mamba_d_conv"]),
    ),
    "nemotron_h": lambda c: (
        c["mamba_num_heads"] * c["mamba_head_dim"],
        *(c["n_groups"], c["mamba_num_heads"], c["mamba_head_dim"], c["ssm_state_size"], c["conv_kernel"]),
    ),
    "falcon_h1": lambda c: (
        int(c["mamba_expand"] * c["hidden_size"]) if c.get("mamba_d_ssm") is None else c["mamba_d_ssm"],
        *(c["mamba_n_groups"], c["mamba_n_heads"], c["mamba_d_head"], c["mamba_d_state"], c["mamba_d_conv"]),
    ),
}
for _kind in ("bamba", "granitemoehybrid"):
    MAMBA2[_kind] = lambda c: (
        int(c["mamba_expand"] * c["hidden_size"]),
        *(c["mamba_n_groups"], c["mamba_n_heads"], c["mamba_d_head"], c["mamba_d_state"], c["mamba_d_conv"]),
    )
for _kind in ("nemotron_h_omni", "nemo_speechlm"):
    MAMBA2[_kind] = MAMBA2["nemotron_h"]


def align(config: Any, caches: list[tuple[int, LayerCache]], state: tuple[Any, Any]) -> None:
    """`Platform._align_hybrid_block_size`, told of the model by its first attention layer and its state."""
    ranks = config.parallel_config.tensor_parallel_size
    first = next(cache for _, cache in caches if isinstance(cache, (AttentionCache, LatentCache)))
    model = config.model_config
    model.use_mla = isinstance(first, LatentCache)
    if isinstance(first, LatentCache):
        model.get_num_kv_heads = lambda _: 1
        model.get_head_size = lambda: first.kv_lora_rank + first.rope_head_dim
    else:
        model.get_num_kv_heads = lambda _: max(1, first.num_key_value_heads // ranks)
        model.get_head_size = lambda: first.key_head_dim
    shapes, dtypes = state
    model_class = SimpleNamespace(
        get_mamba_state_shape_from_config=lambda _: shapes, get_mamba_state_dtype_from_config=lambda _: dtypes
    )
    with (
        patch("vllm.model_executor.models.ModelRegistry.resolve_model_cls", lambda *_, **__: (model_class, "")),
        patch.object(Platform, "_find_non_ssm_backends", lambda _: [Backend]),
        patch("vllm.model_executor.layers.mamba.abstract.get_layers_from_vllm_config", lambda *_: {}),
        patch("vllm.config.vllm.set_current_vllm_config", lambda _: patch.dict({}, {})),
    ):
        Platform._align_hybrid_block_size(config, Backend)  # noqa: SLF001 - it has no public name
