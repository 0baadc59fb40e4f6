"""Configs that other tools write around a model's own: TensorRT-LLM's engines and checkpoints, MLC's."""

from __future__ import annotations

import re
from typing import Any, Final

from budsim_widgets.intake.known_files import MODEL_FIELDS
from budsim_widgets.intake.readers.json_text import Parsed

_MLC_QUANTIZATION: Final = re.compile(r"q(\d)f(16|32)(?:_\w+)?\Z")
_MLC_GROUP: Final = 32
_MLC_FP8: Final = ("e4m3", "e5m2")
"""How MLC's names of 8-bit floating point begin: `e4m3_e4m3_f16`."""

_AS_IT_IS: Final = "0"
"""The bits in MLC's names of what it leaves in 16 or 32: `q0f16`."""

_TENSORRT_FIELDS: Final = ("hidden_size", "num_hidden_layers", "num_attention_heads")
_DTYPES: Final = frozenset({"float16", "bfloat16", "float32"})


def is_other_tool(fields: dict[str, Any]) -> bool:
    """Whether an object is such a config.

    Example:
        >>> is_other_tool({"model_type": "llama", "hidden_size": 64})
        False
    """
    return _is_tensorrt(_pretrained(fields)) or _is_mlc(fields)


def convert(fields: dict[str, Any]) -> Parsed:
    """The config of the model inside, in the format of transformers.

    Example:
        >>> mlc = {"model_type": "llama", "quantization": "q4f16_1", "model_config": {"hidden_size": 64}}
        >>> convert(mlc).value["quantization_config"]
        {'quant_method': 'mlc', 'bits': 4, 'group_size': 32}
    """
    if _is_mlc(fields):
        return Parsed(_from_mlc(fields), "json", ("took the model's config out of MLC's",))
    which = "engine's" if "pretrained_config" in fields else "checkpoint's"
    config = _from_tensorrt(_pretrained(fields))
    return Parsed(config, "json", (f"converted from a TensorRT-LLM {which} config",))


def _pretrained(fields: dict[str, Any]) -> dict[str, Any]:
    inner = fields.get("pretrained_config")
    return inner if isinstance(inner, dict) and "build_config" in fields else fields


def _is_tensorrt(fields: dict[str, Any]) -> bool:
    return (
        isinstance(fields.get("architecture"), str)
        and "architectures" not in fields
        and all(name in fields for name in _TENSORRT_FIELDS)
    )


def _is_mlc(fields: dict[str, Any]) -> bool:
    inner = fields.get("model_config")
    return isinstance(inner, dict) and "model_type" in fields and bool(MODEL_FIELDS & inner.keys())


def _from_mlc(fields: dict[str, Any]) -> dict[str, Any]:
    config = {**fields["model_config"], "model_type": fields["model_type"]}
    named = _MLC_QUANTIZATION.match(str(fields.get("quantization", "")))
    if named:
        config = {name: value for name, value in config.items() if name != "dtype"} | {
            "torch_dtype": f"float{named[2]}"
        }
    if named and named[1] != _AS_IT_IS:
        config["quantization_config"] = {"quant_method": "mlc", "bits": int(named[1]), "group_size": _MLC_GROUP}
    elif not named and fields.get("quantization"):
        is_fp8 = str(fields["quantization"]).startswith(_MLC_FP8)
        config["quantization_config"] = {"quant_method": "mlc", **({"bits": 8} if is_fp8 else {})}
    return config


def _from_tensorrt(fields: dict[str, Any]) -> dict[str, Any]:
    config = {name: value for name, value in fields.items() if name not in {"architecture", "dtype", "quantization"}}
    config["architectures"] = [fields["architecture"]]
    if isinstance(fields.get("dtype"), str) and fields["dtype"] in _DTYPES:
        config["torch_dtype"] = fields["dtype"]
    quantization = fields.get("quantization")
    if isinstance(quantization, dict) and quantization.get("quant_algo"):
        config["quantization_config"] = {"quant_method": "modelopt", **quantization}
    elif quantization and not isinstance(quantization, dict):
        # No engine writes that; whatever it means, the weights aren't those of the unquantized model for sure.
        config["quantization_config"] = {"quant_method": "modelopt", "quant_algo": str(quantization)[:40]}
    return config
