"""Change one field of a config at a time, and say where a description that claims to be exact isn't.

Starts from a saved random config of each class, whose description is exact. Fields that the description reads are
left out unless `--all` is given: random configs vary those. Run it with a Python that has torch and transformers.

    python tools/oracle/fields.py llama gemma3
    python tools/oracle/fields.py --all --out build/fields.jsonl
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
warnings.filterwarnings("ignore")

from needed import need

need("torch", "transformers")

import torch
import transformers
from compare import judge
from meta import RefusedError, build
from one_field import variants
from rows import read_rows

from budsim_widgets.architectures import build as described
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.registry import find_family
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import resolve_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from one_field import Variant

ROWS = Path(__file__).parents[2] / "tests" / "architectures" / "oracle" / "perturbed.jsonl.gz"


def bases(types: list[str], nth: int) -> Iterator[dict[str, Any]]:
    """Of each class the saved row with the most kinds of tensors, or the next ones."""
    by_class: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in read_rows(ROWS)[1]:
        if not types or row["model_type"] in types:
            by_class.setdefault((row["model_type"], row["architecture"]), []).append(row)
    for rows in by_class.values():
        ranked = sorted(rows, key=lambda row: -len(row["groups"]))
        yield from ranked[nth : nth + 1]


def reads(row: dict[str, Any]) -> frozenset[str]:
    """Where the fields stand that the description of a row reads."""
    c = Config(resolve_fields(row["config"]))
    family, _ = find_family(row["model_type"], row["architecture"])
    if family is not None:
        family.describe(c)
    return c.reads


def tried(row: dict[str, Any], *, is_all: bool) -> Iterator[tuple[Variant, str, list[str]]]:
    """Each variant of a row with the verdict of `compare.judge`; `unbuildable` is one that transformers refuses alone.

    A star says that the variant has other tensors than the row.
    """
    for variant in variants(row["config"], () if is_all else reads(row)):
        yield variant, *judged(row, variant.config)


def judged(row: dict[str, Any], config: dict[str, Any]) -> tuple[str, list[str]]:
    """The verdict on a row with another config, as `tried` has it, and what differs."""
    try:
        built = build(config, row["architecture"]).row()
    except RefusedError as refusal:
        return _without_model(config), [str(refusal)]
    verdict, details = judge({**row, **built, "config": config})
    return verdict + ("*" if built["digest"] != row["digest"] else ""), details


def _without_model(config: dict[str, Any]) -> str:
    try:
        return f"unbuildable, {described(config).basis}"
    except ConfigError:
        return "refused by both"


def main() -> None:
    """Read the command line, and try."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("types", nargs="*", help="model types; none: all")
    parser.add_argument("--all", action="store_true", help="the fields too that the description reads")
    parser.add_argument("--nth", type=int, default=0, help="start from another row of each class")
    parser.add_argument("--out", type=Path, help="a file for a line of JSON for each variant that isn't exact")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    logging.disable(logging.CRITICAL)
    torch.set_num_threads(1)
    for row in bases(arguments.types, arguments.nth):
        verdicts: Counter[str] = Counter()
        for variant, verdict, details in tried(row, is_all=arguments.all):
            verdicts[verdict] += 1
            if verdict.startswith(("wrong", "crash")):
                _print(f"   {variant.path} = {variant.value!r}: {verdict}", *details)
            if arguments.out and not verdict.startswith("exact"):
                _append(arguments.out, row, variant, verdict, details)
        _print(f"{row['model_type']} {row['architecture']}: {dict(verdicts)}")


def _append(path: Path, row: dict[str, Any], variant: Variant, verdict: str, details: list[str]) -> None:
    said = {"model_type": row["model_type"], "architecture": row["architecture"], "path": variant.path}
    line = {**said, "value": variant.value, "verdict": verdict, "details": details[:4], "config": variant.config}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _print(*lines: str) -> None:
    sys.stdout.write("\n      ".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
