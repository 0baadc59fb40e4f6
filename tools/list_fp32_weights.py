"""Write `keep_fp32` of `data/weights.json`: what transformers keeps in fp32 of a model in 16 bits.

    python tools/list_fp32_weights.py [MODEL_TYPE…]

needs torch and transformers. Each described class is built from its default config and from the small random ones in
`tests/architectures/oracle/`, on the meta device and in bf16, as `from_pretrained` makes it before
it reads a file. Two things are kept: what the class lists (`_keep_in_fp32_modules_strict`: `always`, and
`_keep_in_fp32_modules`: `fp16`), and parameters that it makes in fp32 itself, whatever the format. Routers are turned
into fp32 while they are loaded (`loaded`); the files hold them in the format of the others.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import warnings
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent / "oracle"), str(Path(__file__).parent)]
warnings.filterwarnings("ignore")

from needed import need

need("torch", "transformers")

import torch
import transformers
from meta import RefusedError, own_part, parsed, refusals, time_limit
from rows import read_rows

ROOT = Path(__file__).parents[1]
ROWS = [ROOT / "tests" / "architectures" / "oracle" / f"{name}.jsonl.gz" for name in ("defaults", "perturbed")]
TABLE = ROOT / "budsim_widgets" / "data" / "weights.json"
KEYS = ("always", "fp16", "loaded")
BUILD_SECONDS = 60
ROUTER = re.compile(r"(^|[._\\])(gate|wg|router)\\?\.weight")


def main() -> None:
    """Measure the classes of the rows, or those of some types, and write their part of the table."""
    types = set(sys.argv[1:])
    logging.disable(logging.CRITICAL)
    found: dict[str, dict[str, set[str]]] = {}
    rows = (row for path in ROWS for row in read_rows(path)[1])
    for row in (row for row in rows if not types or row["model_type"] in types):
        kept = found.setdefault(f"{row['model_type']}|{row['architecture']}", {key: set() for key in KEYS})
        try:
            listed = kept_by(row["config"], row["architecture"])
        except RefusedError:
            continue
        for name, patterns in listed.items():
            kept[name] |= patterns
    table = json.loads(TABLE.read_text("utf-8"))
    measured = {name: {key: sorted(value) for key, value in kept.items() if value} for name, kept in found.items()}
    # A class that this transformers can't build, for want of another package, keeps its row.
    table["keep_fp32"] = {
        **{name: kept for name, kept in table["keep_fp32"].items() if name not in measured},
        **{name: kept for name, kept in measured.items() if kept},
    }
    table["source"] = re.sub(r"transformers [\d.]+", f"transformers {transformers.__version__}", table["source"])
    TABLE.write_text(written(table), encoding="utf-8")


def kept_by(config: dict[str, Any], architecture: str) -> dict[str, set[str]]:
    """The patterns of a class: those that it lists, and of the parameters that it makes in fp32.

    Raises:
        RefusedError: transformers doesn't build it.
    """
    with refusals(), time_limit(BUILD_SECONDS):
        model_class = getattr(transformers, architecture)
        with torch.device("meta"):
            model = model_class._from_config(own_part(parsed(config), model_class), dtype=torch.bfloat16)  # noqa: SLF001 - what from_pretrained calls
    always = {name.replace("*", ".*") for name in model._keep_in_fp32_modules_strict or ()}  # noqa: SLF001 - where it is listed
    fp16 = {name.replace("*", ".*") for name in model._keep_in_fp32_modules or ()}  # noqa: SLF001 - where it is listed
    held = {name: parameter.dtype == torch.float32 for name, parameter in model.named_parameters()}
    listed = re.compile("|".join(always)) if always else None
    made = [name for name, is_fp32 in held.items() if is_fp32 and not (listed and listed.search(name))]
    others = [name for name, is_fp32 in held.items() if not is_fp32 and not (listed and listed.search(name))]
    kept = always | {pattern_of(name, others) for name in made}
    loaded = {pattern for pattern in kept if ROUTER.search(pattern)}
    return {"always": kept - loaded, "fp16": fp16, "loaded": loaded}


def pattern_of(name: str, others: list[str]) -> str:
    """The shortest end of a name, from two words on, that none of the others has; layers stand for each other."""
    words = name.split(".")
    for count in range(2, len(words) + 1):
        pattern = re.sub(r"(?<=\\.)\d+(?=\\.|$)", r"\\d+", re.escape(".".join(words[-count:]))) + "$"
        if not any(re.search(pattern, other) for other in others):
            return pattern
    return f"^{re.escape(name)}$"


def written(table: dict[str, Any]) -> str:
    """The table as a file has it: one line a class."""
    parts = []
    for key, value in table.items():
        if key == "keep_fp32":
            lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(kept)}" for name, kept in sorted(value.items()))
            parts.append(f'"{key}": {{\n{lines}\n}}')
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
