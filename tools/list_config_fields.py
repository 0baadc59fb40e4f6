"""Write `data/config_fields.json`: the other fields of each config class; for a Python that has transformers.

`data/defaults.json` holds the fields that a model is built from. A guard (`architectures/unread.py`) also has to know
the rest, so that it doesn't take a field of the class for a part that nobody described.

python tools/list_config_fields.py
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from needed import need

need("transformers")

import transformers
from transformers import PretrainedConfig
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

DATA = Path(__file__).parents[1] / "budsim_widgets" / "data"


def main() -> None:
    """Write the fields of the classes whose defaults are known."""
    table = json.loads((DATA / "defaults.json").read_text(encoding="utf-8"))
    common = _names(PretrainedConfig)
    rows = []
    for model_type, config_class in sorted(_classes().items()):
        known = table["types"].get(model_type)
        if known is not None:
            others = _names(config_class) - common - known.keys() - table["aliases"].get(model_type, {}).keys()
            rows.append(f"{json.dumps(model_type)}: {json.dumps(' '.join(sorted(others)))}")
    source = (
        f"Config classes of transformers {transformers.__version__} (Apache-2.0); made by tools/list_config_fields.py"
    )
    lines = ",\n".join(rows)
    common_line = json.dumps(" ".join(sorted(common)))
    text = f'{{\n"_source": {json.dumps(source)},\n"*": {common_line},\n"types": {{\n{lines}\n}}\n}}\n'
    (DATA / "config_fields.json").write_text(text, encoding="utf-8")


def _classes() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for model_type in CONFIG_MAPPING:
        config_class = CONFIG_MAPPING[model_type]
        found[model_type] = config_class
        for part in (getattr(config_class, "sub_configs", None) or {}).values():
            name = getattr(part, "model_type", "")
            if name and inspect.isclass(part) and issubclass(part, PretrainedConfig):
                found.setdefault(name, part)
    return found


def _names(config_class: Any) -> set[str]:
    names = {*getattr(config_class, "__dataclass_fields__", ()), *inspect.signature(config_class.__init__).parameters}
    aliases = config_class.attribute_map or {}
    return {*names, *aliases, *aliases.values(), *_written(config_class)} - {"self", "kwargs", "args"}


def _written(config_class: Any) -> set[str]:
    """What it writes into a file of its defaults, where it has some."""
    try:
        return set(config_class().to_dict())
    except Exception:  # noqa: BLE001 - whatever hundreds of classes raise where they have no default
        return set()


if __name__ == "__main__":
    main()
