"""Bytes of a recurrent layer's state on one rank, by `MambaStateShapeCalculator` of vLLM 0.33.

The description of a model says what transformers keeps: the last K inputs of a convolution of K, and a state in fp32.
vLLM keeps K - 1 inputs, and the state in the format of the model unless its config or its class says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.units import DTYPE_BITS, short_dtype

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import StateCache

_KERNELS: Final = ("conv_kernel", "mamba_d_conv", "linear_conv_kernel_dim", "conv_L_cache")
_GROUPS: Final = ("n_groups", "mamba_n_groups", "mamba_ngroups")
_STATE_SIZES: Final = ("ssm_state_size", "mamba_d_state", "state_size")
_TEXTS: Final = ("text_config", "llm_config", "language_config", "thinker_config")

_FP32_STATES: Final = frozenset({"kimi_linear", "kimi_k3", "glm5_next", "glm5_next_text", "bailing_hybrid"})
"""Kimi Delta Attention keeps its state in fp32 (`kda_state_dtype`)."""

_STATE_DTYPE_FIELDS: Final = ("mamba_ssm_dtype", "mamba_ssm_cache_dtype")
"""Qwen3.5 and Nemotron-H say the format in their config; see `vllm/model_executor/models/config.py`."""

_FP32_UNLESS_SAID: Final = frozenset({"nemotron_h", "nemotron_h_omni"})


def text_fields(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of the part of a config that describes the decoder."""
    inner = next((config[name] for name in _TEXTS if isinstance(config.get(name), dict)), None)
    return text_fields(inner) if inner is not None else config


def state_bytes(architecture: Architecture, cache: StateCache, dtype_bytes: int, ranks: int) -> int:
    """Bytes of one layer's state on one of the tensor-parallel ranks.

    Args:
        architecture: The model.
        cache: What the layer keeps, as transformers has it.
        dtype_bytes: Width of the computation's format.
        ranks: Devices that share the layer.

    Example:
        Qwen3.5-27B: a convolution over 2 · 16 · 128 + 48 · 128 = 10,240 channels, of which three inputs are kept in
        bf16, and 48 matrices of 128 by 128 in fp32: 61,440 + 3,145,728.

        >>> from budsim_widgets.architectures.cache import StateCache
        >>> from types import SimpleNamespace
        >>> fields = {"model_type": "qwen3_5", "linear_conv_kernel_dim": 4, "mamba_ssm_dtype": "float32"}
        >>> state_bytes(
        ...     SimpleNamespace(config=fields, model_type="qwen3_5"),
        ...     StateCache(conv_elements=4 * 10240, recurrent_elements=48 * 128 * 128), 2, 1,
        ... )
        3207168
    """
    width = _recurrent_width(architecture, text_fields(architecture.config), dtype_bytes)
    return convolution_inputs(architecture, cache, ranks) * dtype_bytes + cache.recurrent_elements // ranks * width


def convolution_inputs(architecture: Architecture, cache: StateCache, ranks: int) -> int:
    """Numbers that a convolution of K keeps on one rank: the last K - 1 inputs."""
    fields = text_fields(architecture.config)
    kernel = _first(fields, _KERNELS) or _kernel_of_linear_attention(fields)
    if not kernel:
        return cache.conv_elements // ranks
    channels = cache.conv_elements // kernel + _repeated_channels(fields, ranks)
    return (kernel - 1) * channels // ranks


def _repeated_channels(fields: Mapping[str, Any], ranks: int) -> int:
    """Mamba-2's groups are repeated where they can't be divided over the ranks."""
    groups, state_size = _first(fields, _GROUPS), _first(fields, _STATE_SIZES)
    return 2 * (ranks - groups) * state_size if groups and groups % ranks else 0


def _recurrent_width(architecture: Architecture, fields: Mapping[str, Any], dtype_bytes: int) -> int:
    types = {architecture.model_type, fields.get("model_type")}
    if types & _FP32_STATES:
        return DTYPE_BITS["fp32"] // 8
    said = next((fields[name] for name in _STATE_DTYPE_FIELDS if isinstance(fields.get(name), str)), None)
    bits = DTYPE_BITS.get(short_dtype(said) or "") if said else None
    if bits is None and types & _FP32_UNLESS_SAID:
        bits = DTYPE_BITS["fp32"]
    return bits // 8 if bits else dtype_bytes


def _kernel_of_linear_attention(fields: Mapping[str, Any]) -> int:
    inner = fields.get("linear_attn_config")
    return _first(inner, ("short_conv_kernel_size",)) if isinstance(inner, dict) else 0


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return next((value for name in names if isinstance(value := fields.get(name), int) and value > 0), 0)
