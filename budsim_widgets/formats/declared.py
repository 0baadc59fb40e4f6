"""Where configs declare that their weights are quantized: each library has a place of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.formats import method_of, read_format
from budsim_widgets.formats.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.formats.base import QuantizedFormat

_PLACES: Final = ("quantization_config", "compression_config", "quantization")
"""transformers; compressed-tensors before transformers knew it; MLX, and TensorRT-LLM's checkpoints."""

_CHATGLM: Final = "quantization_bit"
_TEXT_PARTS: Final = ("text_config", "llm_config", "language_config")
_EXPERT_DTYPES: Final = ("fp8", "fp4")


def declared_format(config: Mapping[str, Any]) -> QuantizedFormat | None:
    """The format that a config declares for its weights; None where it declares none.

    Raises:
        ConfigError: A value that the format's own library refuses, with its field.

    Example:
        >>> declared_format({"quantization": {"group_size": 64, "bits": 4}}).label
        '4 bits (MLX, groups of 64)'
        >>> declared_format({"torch_dtype": "bfloat16"}) is None
        True
    """
    for fields, prefix in _parts(config):
        for name in _PLACES:
            value = fields.get(name)
            if isinstance(value, dict) and value and not _is_plain(value):
                with config_errors(last_read=lambda place=prefix + name: place):  # type: ignore[misc] # a default binds it
                    return read_format(_completed(value, config, fields), prefix + name)
        bits = fields.get(_CHATGLM)
        if bits:
            return _chatglm(fields, prefix)
    return None


def _is_plain(quantization: Mapping[str, Any]) -> bool:
    """Whether weights stay as they are: only the cache is quantized, or nothing at all."""
    groups = quantization.get("config_groups")
    if groups or quantization.get("quantized_layers"):
        own = groups.values() if isinstance(groups, dict) else ()
        return bool(own) and all(isinstance(group, dict) and group.get("weights", group) is None for group in own)
    sparsity = quantization.get("sparsity_config")
    if isinstance(sparsity, dict) and sparsity.get("format") not in {None, "dense"}:
        return False
    is_dense = quantization.get("format") == "dense" or quantization.get("config_groups") == {}
    inner = quantization.get("quantization", quantization)
    names_no_algorithm = isinstance(inner, dict) and "quant_algo" in inner and inner["quant_algo"] is None
    return is_dense or (names_no_algorithm and "kv_cache_quant_algo" in inner)


def declared_method(config: Mapping[str, Any]) -> str:
    """The library whose quantization a config declares, as `quant_method` or its fields name it; empty for none.

    Example:
        >>> declared_method({"quantization_config": {"config_groups": {}, "format": "pack-quantized"}})
        'compressed-tensors'
    """
    for fields, _ in _parts(config):
        for name in _PLACES:
            value = fields.get(name)
            if isinstance(value, dict) and value:
                return method_of(Fields(value))
    return ""


def _parts(config: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The config, and its language model."""
    yield config, ""
    for name in _TEXT_PARTS:
        if isinstance(config.get(name), dict):
            yield config[name], f"{name}."


def _completed(
    quantization: Mapping[str, Any], config: Mapping[str, Any], fields: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The quantization with what the config says of it elsewhere.

    DeepSeek-V4 names the format of its experts beside its quantization; transformers moves it there (`expert_dtype`,
    `DeepseekV4Config.__post_init__`). Which version wrote a file of bitsandbytes decides on its experts.
    """
    beside = {"transformers_version": config.get("transformers_version")}
    if fields.get("expert_dtype") in _EXPERT_DTYPES:
        beside["expert_dtype"] = fields["expert_dtype"]
    return {**beside, **quantization}


def _chatglm(fields: Mapping[str, Any], prefix: str) -> QuantizedFormat:
    """ChatGLM's own quantization: whole numbers of 4 or 8 bits, and a 16-bit scale a row."""
    bits = Fields(fields, prefix.rstrip(".") or "config").number(_CHATGLM, 8, choices=(4, 8))
    from budsim_widgets.formats.generic import GenericQuantization  # noqa: PLC0415 - few configs declare it

    return GenericQuantization(method="ChatGLM", bits=bits, group_size=None, is_declared=True)
