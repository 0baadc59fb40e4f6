"""hf_quant_config.json: where Model Optimizer writes the quantization that config.json says nothing of."""

from __future__ import annotations

import json
import re
from typing import Any, Final

QUANTIZATION_FILE: Final = "hf_quant_config.json"

_DECLARES: Final = (
    *(b'"quantization_config"', b'"compression_config"', b'"quantization"', b'"quantization_bit"'),
    b'"quant_method"',
)
_CALLED_QUANTIZED: Final = re.compile(
    r"(?:^|[-_/.])(?:nv|mx)?(?:fp|int|w|q)[-_]?[2-8](?:a\d+)?(?:$|[-_.])|awq|quant|modelopt", re.IGNORECASE
)
_IS_MODEL: Final = (b'"model_type"', b'"architectures"')


def is_called_quantized(model_id: str) -> bool:
    """Whether an id says that the weights are quantized; only then is another file asked for.

    Example:
        >>> is_called_quantized("nvidia/Qwen3-235B-A22B-NVFP4"), is_called_quantized("Qwen/Qwen3-235B-A22B")
        (True, False)
    """
    return _CALLED_QUANTIZED.search(model_id) is not None


def lacks_quantization(content: bytes) -> bool:
    """Whether a config.json is that of a model, and names no quantization anywhere.

    Example:
        >>> lacks_quantization(b'{"model_type": "llama"}')
        True
    """
    return any(name in content for name in _IS_MODEL) and not any(name in content for name in _DECLARES)


def with_quantization(content: bytes, quantization_file: bytes) -> bytes | None:
    """A config.json with the quantization of the file beside it; None where one of them can't be read.

    Example:
        >>> with_quantization(b'{"model_type": "llama"}', b'{"quantization": {"quant_algo": "FP8"}}')
        b'{"model_type": "llama", "quantization_config": {"quant_method": "modelopt", "quant_algo": "FP8"}}'
    """
    config, beside = _object(content), _object(quantization_file)
    quantization = beside.get("quantization")
    if not config or not isinstance(quantization, dict) or not quantization.get("quant_algo"):
        return None
    merged = {**config, "quantization_config": {"quant_method": "modelopt", **quantization}}
    return json.dumps(merged, ensure_ascii=False).encode()


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
