"""Measures what transformers holds when it quantizes a model while it loads, on the meta device.

    python tools/measure_quantized.py defaults.jsonl.gz tests/memory/quantized_weights.json.gz

needs torch and transformers. The first file has a line for each model with `model_type`, `architecture` and `config`.
For fp8 the model is converted; for bitsandbytes, which may be missing, the layers that would be converted are found as
`replace_with_bnb_linear` finds them, and their bytes follow from its formats.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[0])]

from needed import need

need("torch", "transformers")

import torch
import transformers
from torch import nn
from transformers.integrations.finegrained_fp8 import replace_with_fp8_linear
from transformers.pytorch_utils import Conv1D
from transformers.quantizers.base import get_keys_to_not_convert
from transformers.quantizers.quantizers_utils import should_convert_module


def build_model(row: dict[str, Any]) -> Any:
    """The model of a row, without memory for its weights."""
    model_class = getattr(transformers, row["architecture"])
    config = model_class.config_class.from_dict(dict(row["config"]))
    with torch.device("meta"):
        model = model_class._from_config(config, dtype=torch.bfloat16)  # noqa: SLF001 - what from_pretrained calls
    model.tie_weights()
    return model


def total_bytes(model: Any) -> int:
    """Bytes of all parameters, tied ones once; in fp32 those that `from_pretrained` keeps so."""
    strict = model._keep_in_fp32_modules_strict  # noqa: SLF001 - as loading does
    kept = re.compile("|".join(strict)) if strict else None
    return sum(
        tensor.numel() * (4 if kept and kept.search(name) else tensor.element_size())
        for name, tensor in model.named_parameters()
    )


def matrices(model: Any, skipped: list[str]) -> list[tuple[int, int]]:
    """[out, in] of the layers that bitsandbytes converts; a tied weight once."""
    found: dict[int, tuple[int, int]] = {}
    for name, module in model.named_modules():
        if should_convert_module(name, skipped) and (isinstance(module, Conv1D) or type(module) is nn.Linear):
            rows, columns = module.weight.shape[::-1] if isinstance(module, Conv1D) else module.weight.shape
            found[id(module.weight)] = (rows, columns)
    return list(found.values())


def measure(row: dict[str, Any]) -> dict[str, int]:
    """Bytes by precision."""
    model = build_model(row)
    kept_in_fp32 = set(model._keep_in_fp32_modules or [])  # noqa: SLF001 - as the quantizers do
    skipped = list(set(get_keys_to_not_convert(model)) | kept_in_fp32)
    converted, plain = matrices(model, skipped), total_bytes(model)
    rest = plain - sum(2 * rows * columns for rows, columns in converted)
    int8 = rest + sum(rows * columns + 4 * rows for rows, columns in converted)
    int4 = rest + sum((n + 1) // 2 + 64 + -(-n // 64) * 4 for n in (rows * columns for rows, columns in converted))
    config = transformers.FineGrainedFP8Config()
    try:
        replace_with_fp8_linear(model, skipped, config, pre_quantized=False)
    except (AssertionError, AttributeError, RecursionError, TypeError):
        return {"bf16": plain, "int8": int8, "int4": int4}  # experts that its fp8 doesn't know
    return {"bf16": plain, "int8": int8, "int4": int4, "fp8": total_bytes(model)}


def main() -> None:
    """Writes a row for each model that can be built."""
    source, target = sys.argv[1:]
    transformers.logging.set_verbosity_error()
    torch.set_default_dtype(torch.bfloat16)  # so that biases made while converting are as those of a loaded model
    measured = {}
    for line in gzip.decompress(Path(source).read_bytes()).splitlines():
        row = json.loads(line)
        if "config" not in row:
            continue
        try:
            measured[f"{row['model_type']}|{row['architecture']}"] = measure(row)
        except Exception as error:  # noqa: BLE001 - some classes can't be built alone, in many ways
            print(f"{row['model_type']}: {error!r:.100}", file=sys.stderr)  # noqa: T201 - the report
    text = json.dumps({"source": f"transformers {transformers.__version__}", "measured": measured})
    Path(target).write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
