"""Print, as JSON, which class each sub-config of a config has: to be run with a Python that has transformers.

    python tools/list_sub_configs.py > sub_configs.json

`parts[model_type][key]` tells the `type` of the sub-config's class; whether the class is `fixed`, so that a
`model_type` inside the sub-config is ignored; whether the part is `optional`; and the `values` that the parent
gives it when the file doesn't mention it. `types` holds the declared defaults of those classes by type; a class
without a `model_type` of its own is called after its place (`mpt.attn_config`).
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import sys
from typing import Any

from transformers import PreTrainedConfig
from transformers.models.auto.configuration_auto import CONFIG_MAPPING, CONFIG_MAPPING_NAMES

# Made by their parents by hand, and so not declared in `sub_configs_defaults`.
UNDECLARED = {
    ("dbrx", "attn_config"): "dbrx.configuration_dbrx.DbrxAttentionConfig",
    ("dbrx", "ffn_config"): "dbrx.configuration_dbrx.DbrxFFNConfig",
    ("evolla", "protein_encoder_config"): "evolla.configuration_evolla.SaProtConfig",
    ("mpt", "attn_config"): "mpt.configuration_mpt.MptAttentionConfig",
}
BASE_FIELDS = {field.name for field in dataclasses.fields(PreTrainedConfig)}


def load(path: str) -> type:
    """The class at a path below `transformers.models`."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"transformers.models.{module}"), name)  # type: ignore[no-any-return]


def declared_defaults(config_class: type) -> dict[str, Any]:
    """The defaults of the fields that the class adds to the base class, as far as JSON can hold them."""
    return {
        field.name: field.default
        for field in dataclasses.fields(config_class)
        if field.name not in BASE_FIELDS and isinstance(field.default, (int, float, str, list, tuple, type(None)))
    }


def main() -> None:
    """Walk every config class that transformers knows, and print what it declares."""
    parts: dict[str, dict[str, Any]] = {}
    types: dict[str, dict[str, Any]] = {}

    def add(parent: str, key: str, config_class: type, *, model_type: str, **declaration: Any) -> None:
        fixed = issubclass(config_class, PreTrainedConfig)
        name = model_type or f"{parent}.{key}"
        parts.setdefault(parent, {})[key] = {"type": name, "fixed": fixed, **declaration}
        if fixed:
            types[name] = declared_defaults(config_class)
            walk(config_class)

    def walk(config_class: type) -> None:
        for key, spec in config_class.sub_configs_defaults.items():  # type: ignore[attr-defined]
            if key not in parts.get(config_class.model_type, {}):  # type: ignore[attr-defined]
                add(
                    config_class.model_type,  # type: ignore[attr-defined]
                    key,
                    spec.config_class,
                    model_type=spec.model_type,
                    optional=spec.optional,
                    values=spec.init_kwargs,
                )

    for name in CONFIG_MAPPING_NAMES:
        walk(CONFIG_MAPPING[name])
    for (parent, key), path in UNDECLARED.items():
        add(parent, key, load(path), model_type="", optional=False, values={})
    json.dump({"parts": parts, "types": types}, sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
