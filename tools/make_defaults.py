"""Make `budsim_widgets/data/defaults.json`: what transformers' config classes declare.

    python tools/list_sub_configs.py > sub_configs.json      # with a Python that has transformers
    python tools/make_defaults.py defaults_compact.json attribute_maps.json sub_configs.json OUT

The first two files hold, by model_type, the declared defaults of the fields that change shapes or cache, and the
`attribute_map`s. The table that comes out has

    types    by model_type: field → declared default
    aliases  by model_type: other name → the name that the class stores
    parts    by model_type: key of a sub-config → its class, and what the parent gives it when it is absent
    flat     by model_type: the sub-config whose fields older files write at the top level
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SOURCE = "Declared defaults of the config classes of transformers 5.23.0 (Apache-2.0); made by tools/make_defaults.py"

# They are declared, but change neither a shape nor what is cached. (An infinite limit isn't JSON, either.)
WITHOUT_EFFECT = {
    "architectures",
    "chunk_size_feed_forward",
    "dtype",
    "id2label",
    "is_encoder_decoder",
    "label2id",
    "problem_type",
    "rope_parameters",
    "time_step_limit",
    "use_cache",
}

# Read off the `__post_init__` of each: with no `text_config` in the file, it is made of the top level's fields.
FLAT = {
    "dots3_note": "text_config",
    "fuyu": "text_config",
    "glm5_next": "text_config",
    "hunyuan_vl": "text_config",
    "paddleocr_vl": "text_config",
    "qwen2_5_vl": "text_config",
    "qwen2_vl": "text_config",
}

# Renamed in `__post_init__` instead of the attribute_map.
MORE_ALIASES = {
    "unlimited_ocr": {"language_config": "text_config"},
}

Table = dict[str, dict[str, Any]]


def merge_types(compact: Table, classes: Table) -> Table:
    """All types with their fields; sub-configs are left to `parts`."""
    # A class that the compact table lacks is kept whole: nobody has sorted its fields yet.
    fields = {**{name: _numbers(defaults) for name, defaults in classes.items()}, **compact}
    return {
        name: {
            field: default
            for field, default in sorted(defaults.items())
            if field not in WITHOUT_EFFECT and not isinstance(default, dict)
        }
        for name, defaults in sorted(fields.items())
    }


def _numbers(defaults: dict[str, Any]) -> dict[str, Any]:
    """Fields that can change a shape: whole numbers, flags, lists and what is derived from others."""
    return {field: value for field, value in defaults.items() if not isinstance(value, (float, str))}


def merge_parts(parts: Table, types: Table) -> Table:
    """The sub-configs of each type in the table, with only those given values that change shapes or cache."""
    return {
        parent: {key: _part(part, types) for key, part in sorted(declared.items())}
        for parent, declared in sorted(parts.items())
        if parent in types
    }


def _part(part: dict[str, Any], types: Table) -> dict[str, Any]:
    known = types.get(part["type"], {})
    values = {field: value for field, value in part["values"].items() if field in known and known[field] != value}
    kept: dict[str, Any] = {"type": part["type"]}
    kept.update({flag: True for flag in ("fixed", "optional") if part[flag]})
    return {**kept, "values": values} if values else kept


def used_types(types: Table, compact: Table, parts: Table) -> Table:
    """The types of the compact table and those that their sub-configs lead to."""
    wanted = set(compact)
    while True:
        found = {part["type"] for name in wanted for part in parts.get(name, {}).values()} - wanted
        if not found:
            return {name: fields for name, fields in types.items() if name in wanted}
        wanted |= found


def main(compact_path: str, aliases_path: str, sub_configs_path: str, out_path: str) -> None:
    """Read the three files and write the table, one line a model_type."""
    compact, aliases, sub_configs = (
        json.loads(Path(path).read_text("utf-8")) for path in (compact_path, aliases_path, sub_configs_path)
    )
    types = merge_types(compact, sub_configs["types"])
    parts = merge_parts(sub_configs["parts"], types)
    types = used_types(types, compact, parts)
    table = {
        "types": types,
        "aliases": {name: {**aliases.get(name, {}), **more} for name, more in {**aliases, **MORE_ALIASES}.items()},
        "parts": {name: declared for name, declared in parts.items() if name in types},
        "flat": FLAT,
    }
    sections = [f'"{name}": {_lines(section)}' for name, section in table.items()]
    text = ",\n".join([f'"_source": {json.dumps(SOURCE)}', *sections])
    Path(out_path).write_text("{\n" + text + "\n}\n", "utf-8")


def _lines(section: dict[str, Any]) -> str:
    entries = (
        f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'), allow_nan=False)}"
        for name, value in sorted(section.items())
    )
    return "{\n" + ",\n".join(entries) + "\n}"


if __name__ == "__main__":
    main(*sys.argv[1:])
