"""Make `tests/intake/default_configs.json.gz`: the whole default configs of transformers, for the tests.

    python tools/make_default_configs.py defaults.jsonl.gz tests/intake/default_configs.json.gz

The first file holds a line for each model that transformers builds from the default config of its class, with that
`config`. Kept are the fields that the table `data/defaults.json` knows, in the config and in its parts.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

TABLE = json.loads((Path(__file__).parents[1] / "budsim_widgets/data/defaults.json").read_text("utf-8"))


def kept(config: dict[str, Any], model_type: str) -> dict[str, Any]:
    """The fields that the table knows."""
    parts = TABLE["parts"].get(model_type, {})
    names = {"model_type", *TABLE["types"].get(model_type, {})}
    fields = {name: value for name, value in config.items() if name in names and name not in parts}
    for key, part in parts.items():
        if isinstance(config.get(key), dict):
            fields[key] = kept(config[key], config[key].get("model_type") or part["type"])
    return fields


def main(models_path: str, out_path: str) -> None:
    """Read the models and write their configs, one for each type."""
    with gzip.open(models_path, "rt", encoding="utf-8") as lines:
        models = [json.loads(line) for line in lines]
    configs = {model["model_type"]: kept(model["config"], model["model_type"]) for model in models}
    text = json.dumps(configs, separators=(",", ":"), sort_keys=True, allow_nan=False)
    Path(out_path).write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
