"""Number formats of weights, each laid out as its files lay it out.

A module a family of formats. Each holds the formats as frozen values (`tensors` is the layout, with a worked number)
and a `read` that makes one from a `quantization_config`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.formats.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.formats.base import QuantizedFormat

READERS: Final[dict[str, str]] = {
    "aqlm": "aqlm.read",
    "auto-round": "gptq.read_auto_round",
    "awq": "awq.read",
    "bitnet": "bitnet.read",
    "bitsandbytes": "bitsandbytes.read",
    "compressed-tensors": "compressed_tensors.read",
    "eetq": "eetq.read",
    "exl2": "exllama.read",
    "exl3": "exllama.read",
    "fbgemm_fp8": "finegrained_fp8.read_fbgemm",
    "fouroversix": "engine_methods.read_four_over_six",
    "fp8": "finegrained_fp8.read",
    "fp_quant": "fp_quant.read",
    "gemma": "gemma.read",
    "gguf": "engine_methods.read_gguf",
    "gptq": "gptq.read_gptq",
    "higgs": "higgs.read",
    "hqq": "hqq.read",
    "metal": "metal.read",
    "mlx": "mlx.read",
    "modelopt": "modelopt.read",
    "mxfp4": "microscaling.read_mxfp4",
    "mxfp8": "finegrained_fp8.read_mxfp8",
    "quanto": "quanto.read",
    "quark": "quark.read",
    "sinq": "sinq.read",
    "spqr": "spqr.read",
    "torchao": "torchao.configs.read",
    "vptq": "vptq.read",
    **dict.fromkeys(
        (
            "auto-round-int8",
            "deepgemm_fp8",
            "experts_int8",
            "fp8_per_block",
            "fp8_per_channel",
            "fp8_per_tensor",
            "int8_per_channel_weight_only",
            "mxfp_w4a8",
            "nvfp4",
            "nvfp4_online",
            "ptpc_fp8",
            "quark_mxfp4",
            "tpu_int8",
            "w8a8_fp8",
            "w8a8_int8",
        ),
        "engine_methods.read",
    ),
}
"""`quant_method` → module and function that read such a config: loaded with the first that declares it."""

_OTHER_NAMES: Final = {
    "auto_awq": "awq",
    "auto_gptq": "gptq",
    "autoround": "auto-round",
    "awq_marlin": "awq",
    "bitsandbytes_4bit": "bitsandbytes",
    "bitsandbytes_8bit": "bitsandbytes",
    "compressed_tensors": "compressed-tensors",
    "cpu_awq": "awq",
    "deepseek_v4_fp8": "fp8",
    "gpt_oss_mxfp4": "mxfp4",
    "gptq_bitblas": "gptq",
    "gptq_marlin": "gptq",
    "gptqmodel": "gptq",
    "inc": "auto-round",
    "intel/auto-round": "auto-round",
    "modelopt_fp4": "modelopt",
    "modelopt_fp8": "modelopt",
    "minimax_m3_nvfp4": "modelopt",
    "modelopt_mixed": "modelopt",
    "modelopt_mxfp8": "modelopt",
    "petit_nvfp4": "modelopt",
}


def read_format(quantization_config: Mapping[str, Any], place: str = "quantization_config") -> QuantizedFormat:
    """The format that a `quantization_config` describes; an estimate for one that isn't known.

    Args:
        quantization_config: The fields.
        place: Where they stand in the config, for messages.

    Raises:
        ConfigError: A value that the format's own library refuses, with its field.

    Example:
        >>> read_format({"quant_method": "awq", "bits": 4, "group_size": 128}).label
        'int4 (AWQ, groups of 128)'
    """
    fields = Fields(quantization_config, place)
    method = method_of(fields)
    form = _reader(READERS.get(method, "generic.read"))(fields)
    return form if method == "modelopt" else _reader("modelopt.with_experts")(fields, form)


def _reader(name: str) -> Callable[..., QuantizedFormat]:
    module, _, function = name.rpartition(".")
    reader: Callable[..., QuantizedFormat] = getattr(import_module(f"{__name__}.{module}"), function)
    return reader


def method_of(fields: Fields) -> str:
    """The library whose fields these are, by the name that it has in `READERS`; empty for none that is known.

    Example:
        >>> method_of(Fields({"load_in_4bit": True})), method_of(Fields({"quant_method": "gptq_marlin"}))
        ('bitsandbytes', 'gptq')
    """
    method = fields.method or _method_of(fields)
    return _OTHER_NAMES.get(method, method)


def _method_of(fields: Fields) -> str:
    """Whose config it is that names no method: files of several libraries, and of their first versions, don't."""
    if "load_in_4bit" in fields or "load_in_8bit" in fields:
        return "bitsandbytes"
    if "quant_algo" in fields or "producer" in fields:
        return "modelopt"
    if "config_groups" in fields:
        return "compressed-tensors"
    return "mlx" if "bits" in fields and "group_size" in fields else ""
