"""Write `data/config_classes.json`: which model_type each config class carries; for a Python that has transformers.

python tools/list_class_names.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[0])]

from needed import need

need("transformers")

import transformers
from transformers.models.auto.configuration_auto import CONFIG_MAPPING, CONFIG_MAPPING_NAMES

DATA = Path(__file__).parents[1] / "budsim_widgets" / "data"


def main() -> None:
    """Write the names of the classes whose defaults are known."""
    known = json.loads((DATA / "defaults.json").read_text(encoding="utf-8"))["types"]
    names = {
        CONFIG_MAPPING_NAMES[name]: CONFIG_MAPPING[name].model_type for name in CONFIG_MAPPING_NAMES if name in known
    }
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(names[name])}" for name in sorted(names))
    source = (
        f"Config classes of transformers {transformers.__version__} (Apache-2.0); made by tools/list_class_names.py"
    )
    text = f'{{\n"_source": {json.dumps(source)},\n"types": {{\n{rows}\n}}\n}}\n'
    (DATA / "config_classes.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
