"""compressed-tensors: one config that describes many layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.formats import assumed
from budsim_widgets.formats.base import FP16_BYTES
from budsim_widgets.formats.exceptions import listed_modules
from budsim_widgets.formats.fp8 import BlockFP8, ScaledFP8, is_block
from budsim_widgets.formats.grouped import Grouped, IntPerRow
from budsim_widgets.formats.microscaling import NVFP4

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.formats.base import QuantizedFormat

_SHAPE_BYTES = 16
_BYTE = 8


def read(config: Mapping[str, Any]) -> QuantizedFormat:
    """The format of `quant_method: compressed-tensors`: that of its first group of layers.

    Source: `QuantizationScheme` and `CompressionFormat` of compressed-tensors 0.15.
    """
    group = _first_group(config)
    weights = group.get("weights")
    if not isinstance(weights, dict) or not isinstance(weights.get("num_bits"), int):
        return assumed.read(config)
    keeps = listed_modules(config, "ignore") or ()
    layout = str(group.get("format") or config.get("format") or "")
    if layout.startswith("nvfp4"):
        return NVFP4(keeps=keeps)
    if weights.get("type") == "float" and weights["num_bits"] == _BYTE:
        return _float8(weights, group, keeps)
    if layout == "pack-quantized":
        return _packed(weights, keeps)
    if layout == "int-quantized" and weights["num_bits"] == _BYTE:
        return IntPerRow(keeps=keeps)
    return assumed.read({**config, "bits": weights["num_bits"]})


def _first_group(config: Mapping[str, Any]) -> Mapping[str, Any]:
    groups = config.get("config_groups")
    first = next(iter(groups.values()), None) if isinstance(groups, dict) else None
    return first if isinstance(first, dict) else {}


def _float8(weights: Mapping[str, Any], group: Mapping[str, Any], keeps: tuple[str, ...]) -> QuantizedFormat:
    block = weights.get("block_structure")
    if block is not None and is_block(block):
        return BlockFP8(keeps=keeps, block=(block[0], block[1]), scale_bytes=FP16_BYTES)
    inputs = group.get("input_activations")
    is_static = isinstance(inputs, dict) and inputs.get("dynamic") is False
    per = "row" if weights.get("strategy") == "channel" else "tensor"
    return ScaledFP8(keeps=keeps, per=per, scale_bytes=FP16_BYTES, has_input_scale=is_static)  # type: ignore[arg-type]


def _packed(weights: Mapping[str, Any], keeps: tuple[str, ...]) -> QuantizedFormat:
    group_size = weights.get("group_size")
    return Grouped(
        keeps=keeps,
        method="compressed-tensors",
        bits=weights["num_bits"],
        group_size=group_size if type(group_size) is int and group_size > 0 else None,
        has_zeros=weights.get("symmetric") is False,
        shape_bytes=_SHAPE_BYTES,
    )
