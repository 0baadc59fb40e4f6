"""Models on the meta device: any width costs nothing."""

from __future__ import annotations

from typing import Any

import torch
import transformers
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

LAYER_FIELDS = ("num_hidden_layers", "num_layers", "n_layer", "n_layers", "decoder_layers", "encoder_layers")


DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}


def build_model(config: dict[str, Any], attention: str, dtype: str = "bf16") -> Any:
    """The model of a config, without memory for its weights.

    Args:
        config: As a config.json has it, with `architectures`.
        attention: `sdpa` or `eager`; what the class refuses is an error of transformers.
        dtype: A key of `DTYPES`.
    """
    fields = dict(config)
    (name, *_) = fields.pop("architectures")
    made = CONFIG_MAPPING[fields.pop("model_type")].from_dict(fields)
    made._attn_implementation = attention  # noqa: SLF001 - what `from_pretrained(attn_implementation=)` sets
    with torch.device("meta"):
        return getattr(transformers, name)._from_config(made, dtype=DTYPES[dtype]).eval()  # noqa: SLF001 - as above


def shortened(config: dict[str, Any], num_layers: int) -> dict[str, Any]:
    """A config with fewer layers, in every sub-config; lists with one entry a layer are cut."""
    cut = dict(config)
    depth = next((cut[name] for name in LAYER_FIELDS if isinstance(cut.get(name), int)), None)
    for name, value in config.items():
        if isinstance(value, dict):
            cut[name] = shortened(value, num_layers)
        elif name in LAYER_FIELDS and isinstance(value, int):
            cut[name] = min(value, num_layers)
        elif isinstance(value, list) and depth is not None and len(value) == depth and depth > num_layers:
            cut[name] = value[:num_layers]
    return cut
