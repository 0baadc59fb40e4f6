"""Change two or three fields of a config at once, at random, and say where a description that claims to be exact isn't.

`fields.py` changes one at a time; a field that matters only beside another comes to light here. Starts from the saved
random configs of each class. Run it with a Python that has torch and transformers.

    python tools/oracle/field_sets.py --seed 1 --count 30 llama gemma3
    python tools/oracle/field_sets.py --seed 2 --count 20 --out build/field_sets.jsonl
    python tools/oracle/field_sets.py --seed 3 --count 8 --rows tests/architectures/oracle/field_sets.jsonl.gz
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from needed import need

need("torch", "transformers")

import torch
import transformers
from compare import CRASHES
from fields import ROWS, judged
from meta import build
from one_field import changed, variants
from rows import read_rows, write_rows

from budsim_widgets.architectures import build as described
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from one_field import Variant

SIZES = (2, 2, 3)
MOST_OTHERS = 12
"""Times the count, how many configs are drawn at most that are not compared."""
SAVED_ROWS = 2
"""Of each class, how many configs with other tensors are saved, beside those that are wrong."""


def rows_of(types: list[str]) -> Iterator[list[dict[str, Any]]]:
    """The saved rows of each class."""
    by_class: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in read_rows(ROWS)[1]:
        if not types or row["model_type"] in types:
            by_class.setdefault((row["model_type"], row["architecture"]), []).append(row)
    yield from by_class.values()


def drawn(
    rows: list[dict[str, Any]], random: Random
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Without end: a row, the fields that are changed with their values, and the config with them."""
    known: dict[int, dict[str, list[Variant]]] = {}
    while True:
        index = random.randrange(len(rows))
        by_path = known.setdefault(index, _by_path(rows[index]["config"]))
        paths = random.sample(sorted(by_path), k=min(random.choice(SIZES), len(by_path)))
        values = {path: random.choice(by_path[path]).value for path in paths}
        yield rows[index], values, changed(rows[index]["config"], values)


def _by_path(config: dict[str, Any]) -> dict[str, list[Variant]]:
    found: dict[str, list[Variant]] = {}
    for variant in variants(config):
        found.setdefault(variant.path, []).append(variant)
    return found


def tried(rows: list[dict[str, Any]], random: Random, count: int) -> Iterator[tuple[dict[str, Any], str]]:
    """`count` configs of a class that a description claims and transformers builds, with the verdict of each.

    Of the others, which need not be built to be compared, the verdict alone.
    """
    compared = others = 0
    for row, values, config in drawn(rows, random):
        said = {"model_type": row["model_type"], "architecture": row["architecture"], "changed": values}
        unclaimed = _unclaimed(config)
        verdict, details = (unclaimed, []) if unclaimed else judged(row, config)
        is_compared = not unclaimed and not verdict.startswith(("unbuildable", "refused"))
        compared, others = compared + is_compared, others + (not is_compared)
        yield {**said, "details": details[:4], "config": config}, verdict
        if compared >= count or others >= MOST_OTHERS * count:
            return


def _unclaimed(config: dict[str, Any]) -> str | None:
    """What a description says that doesn't claim to be exact; None where it does, and of what no one asks for alone."""
    try:
        return None if described(config).basis == "exact" else "estimate, not built"
    except ConfigError as error:
        return None if (error.code, error.field) == ("UNSUPPORTED", "model_type") else "refused, not built"
    except CRASHES:
        return None


def main() -> None:
    """Read the command line, and try."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("types", nargs="*", help="model types; none: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20, help="configs of a class that transformers builds")
    parser.add_argument("--out", type=Path, help="a file for a line of JSON for each config that is wrong or crashes")
    parser.add_argument("--rows", type=Path, help="a file for rows as the tests read them, a few of each class")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    logging.disable(logging.CRITICAL)
    torch.set_num_threads(1)
    total: Counter[str] = Counter()
    saved: list[dict[str, Any]] = []
    for rows in rows_of(arguments.types):
        name = f"{rows[0]['model_type']} {rows[0]['architecture']}"
        verdicts: Counter[str] = Counter()
        others: list[dict[str, Any]] = []
        random = Random(f"{arguments.seed} {name}")  # noqa: S311 - the same configs for the same seed, no secrets
        for said, verdict in tried(rows, random, arguments.count):
            verdicts[verdict] += 1
            if verdict.startswith("wrong") or (verdict == "exact*" and len(others) < SAVED_ROWS):
                others.append(_row(said))
            if verdict.startswith(("wrong", "crash")):
                _print(f"   {said['changed']}: {verdict}", *said["details"])
                if arguments.out:
                    with arguments.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps({**said, "verdict": verdict}) + "\n")
        _print(f"{name}: {dict(verdicts)}")
        total += verdicts
        saved += others
    _print(f"all: {dict(total)}")
    if arguments.rows:
        source = {"transformers": transformers.__version__, "torch": torch.__version__, "seed": arguments.seed}
        _print(f"{write_rows(arguments.rows, source, saved)} rows")


def _row(said: dict[str, Any]) -> dict[str, Any]:
    """A config with what transformers builds from it."""
    named = {name: said[name] for name in ("model_type", "architecture", "changed", "config")}
    return {**named, **build(said["config"], said["architecture"]).row()}


def _print(*lines: str) -> None:
    sys.stdout.write("\n      ".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
