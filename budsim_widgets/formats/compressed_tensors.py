"""compressed-tensors: one config that describes many layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from budsim_widgets.formats import generic
from budsim_widgets.formats.fp8 import BlockFP8, ScaledFP8, is_block
from budsim_widgets.formats.integers import GroupQuantized, IntPerRow
from budsim_widgets.formats.microscaling import NVFP4
from budsim_widgets.formats.skip_modules import listed_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.formats.base import QuantizedFormat

_BYTE = 8


def read(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format of `quant_method: compressed-tensors`: that of its first group of layers.

    Source: `QuantizationScheme` and `CompressionFormat` of compressed-tensors 0.15.
    """
    group = _first_group(config)
    weights = group.get("weights")
    if not isinstance(weights, dict) or not isinstance(weights.get("num_bits"), int):
        return generic.read(config)
    skip_modules = listed_modules(config, "ignore") or ()
    layout = str(group.get("format") or config.get("format") or "")
    if layout.startswith("nvfp4"):
        return NVFP4(skip_modules=skip_modules)
    if weights.get("type") == "float" and weights["num_bits"] == _BYTE:
        return _float8(weights, group, skip_modules)
    if layout == "pack-quantized":
        return _packed(weights, skip_modules)
    if layout == "int-quantized" and weights["num_bits"] == _BYTE:
        return IntPerRow(skip_modules=skip_modules)
    return generic.read({**config, "bits": weights["num_bits"]})


def _first_group(config: Mapping[str, Any]) -> Mapping[str, Any]:
    groups = config.get("config_groups")
    first = next(iter(groups.values()), None) if isinstance(groups, dict) else None
    return first if isinstance(first, dict) else {}


def _float8(weights: Mapping[str, Any], group: Mapping[str, Any], skip_modules: tuple[str, ...]) -> QuantizedFormat:
    block = weights.get("block_structure")
    if block is not None and is_block(block):
        return BlockFP8(skip_modules=skip_modules, block=(block[0], block[1]), scale_dtype="F16")
    inputs = group.get("input_activations")
    is_static = isinstance(inputs, dict) and inputs.get("dynamic") is False
    per: Literal["row", "tensor"] = "row" if weights.get("strategy") == "channel" else "tensor"
    return ScaledFP8(skip_modules=skip_modules, per=per, scale_dtype="F16", has_input_scale=is_static)


def _packed(weights: Mapping[str, Any], skip_modules: tuple[str, ...]) -> QuantizedFormat:
    group_size = weights.get("group_size")
    return GroupQuantized(
        skip_modules=skip_modules,
        key="compressed-tensors",
        bits=weights["num_bits"],
        group_size=group_size if type(group_size) is int and group_size > 0 else None,
        has_zeros=weights.get("symmetric") is False,
        has_shape=True,
    )
