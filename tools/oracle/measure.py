"""What transformers builds, as rows; and whether the descriptions of budsim_widgets agree.

Run it with a Python that has torch and transformers; budsim_widgets itself is found beside this folder.

    python tools/oracle/measure.py regenerate
    python tools/oracle/measure.py news
    python tools/oracle/measure.py add granite
    python tools/oracle/measure.py perturb --seed 1 --count 20 llama gemma3 > rows.jsonl
    python tools/oracle/measure.py try --seed 1 --count 20 llama gemma3
    python tools/oracle/measure.py try --seed 1 --count 20 --runs llama gemma3
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import warnings
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
warnings.filterwarnings("ignore")

from needed import need

need("torch", "transformers")

import torch
import transformers
from adding import merged
from compare import judge, judge_run
from defaults import default_row, news
from drift import tables_of_others
from meta import RefusedError, as_saved, build, classes_of, pairs
from perturb import perturbed
from rows import read_rows, write_rows
from runs import Run, TooLargeError, run_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Measure = Callable[[dict[str, Any], str, Random], dict[str, Any]]

FOLDER = Path(__file__).parents[2] / "tests" / "architectures" / "oracle"
SAVED = FOLDER / "defaults.jsonl.gz"
DATA = Path(__file__).parents[2] / "budsim_widgets" / "data"
SAVED_SEED, SAVED_CONFIGS, SAVED_RUNS = 1, 6, 4
TRIES_PER_ROW = 8
SAVED_SHARE = 0.15  # of the configs stand as save_pretrained would write them


def perturbed_rows(model_type: str, architecture: str, seed: int, count: int) -> Iterator[dict[str, Any]]:
    """`count` rows of random configs; those that transformers refuses are passed over."""
    yield from islice(_rows(model_type, architecture, f"{seed}", count, _built_row), count)


def run_rows(model_type: str, architecture: str, seed: int, count: int) -> Iterator[dict[str, Any]]:
    """`count` rows of what small random models hold in their caches."""
    yield from islice(_rows(model_type, architecture, f"run {seed}", count, _run_row), count)


def _rows(model_type: str, architecture: str, seed: str, count: int, measure: Measure) -> Iterator[dict[str, Any]]:
    for index in range(count * TRIES_PER_ROW):
        random = Random(f"{seed}:{architecture}:{index}")  # noqa: S311 - reproducible, not secret
        config = {**perturbed(model_type, random), "architectures": [architecture]}
        try:
            measured = measure(config, architecture, random)
        except (RefusedError, TooLargeError) as refusal:
            logging.getLogger("oracle").info("%s %s: %s", architecture, index, refusal)
            continue
        names = {"model_type": model_type, "architecture": architecture, "seed": seed, "index": index}
        yield {**names, "config": config, **measured}


def _built_row(config: dict[str, Any], architecture: str, random: Random) -> dict[str, Any]:
    if random.random() < SAVED_SHARE:
        config = as_saved(config)
    return {"config": config, **build(config, architecture).row()}


def _run_row(config: dict[str, Any], architecture: str, random: Random) -> dict[str, Any]:
    return run_row(config, architecture, Run.drawn(random))


def command_regenerate(arguments: argparse.Namespace) -> None:
    """Write the default model of every class to a file."""
    rows = [row for pair in _wanted(arguments.types) if (row := _row_or_none(*pair))]
    _print(f"{write_rows(arguments.out, _source(), rows)} rows")


def without_text() -> set[str]:
    """The types that have no vocabulary, as the table of defaults lists them."""
    return set(json.loads((DATA / "defaults.json").read_text("utf-8"))["without_text"])


def _row_or_none(model_type: str, architecture: str) -> dict[str, Any] | None:
    try:
        return default_row(model_type, architecture)
    except RefusedError as refusal:
        _print(f"{model_type} {architecture} left out: {refusal}")
        return None


def command_add(arguments: argparse.Namespace) -> None:
    """Measure model types, and put their rows into the files that the tests read."""
    wanted = _wanted(arguments.types)
    fresh = {
        # Only models that somebody asks for alone: a codec or a tower is a part of them.
        "defaults": [row for pair in wanted if pair[0] not in without_text() and (row := _row_or_none(*pair))],
        "perturbed": [row for pair in wanted for row in perturbed_rows(*pair, SAVED_SEED, SAVED_CONFIGS)],
        "perturbed_runs": [row for pair in wanted for row in run_rows(*pair, SAVED_SEED, SAVED_RUNS)],
    }
    for name, rows in fresh.items():
        path = arguments.folder / f"{name}.jsonl.gz"
        source, saved = read_rows(path)
        total = write_rows(path, source, merged(source, saved, rows, _source()))
        _print(f"{path.name}: {len(rows)} rows measured, {total} in all")


def command_news(arguments: argparse.Namespace) -> None:
    """Say which classes are new, gone or changed since a file was written, and which tables are of another version."""
    source, saved = read_rows(arguments.saved)
    _print(f"saved: {source}", f"installed: {_source()}")
    for line in (*tables_of_others(DATA, transformers.__version__), *news(saved)):
        _print(line)


def _source() -> dict[str, str]:
    return {"transformers": transformers.__version__, "torch": torch.__version__}


def command_perturb(arguments: argparse.Namespace) -> None:
    """Print, or write to a file, rows of random configs: their tensors, or with --runs what their caches hold."""
    measure = run_rows if arguments.runs else perturbed_rows
    rows = (row for pair in _wanted(arguments.types) for row in measure(*pair, arguments.seed, arguments.count))
    if arguments.out:
        _print(f"{write_rows(arguments.out, {**_source(), 'seed': arguments.seed}, rows)} rows")
        return
    for row in rows:
        _print(json.dumps(row, separators=(",", ":")))


def command_try(arguments: argparse.Namespace) -> None:
    """Compare random configs with the descriptions, and say what differs."""
    rows, compare = (run_rows, judge_run) if arguments.runs else (perturbed_rows, judge)
    for model_type, architecture in _wanted(arguments.types):
        verdicts: dict[str, int] = {}
        for row in rows(model_type, architecture, arguments.seed, arguments.count):
            verdict, details = compare(row)
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
            if verdict != "exact":
                _print(f"{architecture} {row['seed']}:{row['index']} {verdict}", json.dumps(row["config"]), *details)
        _print(f"{model_type} {architecture}: {verdicts}")


def _wanted(types: list[str]) -> list[tuple[str, str]]:
    return [(name, cls) for name in types for cls in classes_of(name)] if types else list(pairs())


def _print(*lines: str) -> None:
    sys.stdout.write("\n   ".join(lines) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the command line and run a command."""
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.ERROR, format="%(message)s")
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    arguments.run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verbose", action="store_true", help="say what transformers refuses")
    commands = parser.add_subparsers(required=True)
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.__doc__)
        sub.set_defaults(run=command)
        if name == "add":
            sub.add_argument("types", nargs="+", help="model types")
            sub.add_argument("--folder", type=Path, default=FOLDER)
            continue
        if name == "news":
            sub.add_argument("saved", type=Path, nargs="?", default=SAVED)
            continue
        sub.add_argument("types", nargs="*", help="model types; none: all")
        if name == "regenerate":
            sub.add_argument("--out", type=Path, default=SAVED)
            continue
        sub.add_argument("--seed", type=int, default=1)
        sub.add_argument("--count", type=int, default=20, help="configs for each class")
        if name == "perturb":
            sub.add_argument("--out", type=Path)
        sub.add_argument("--runs", action="store_true", help="run small models for real, and look at their caches")
    return parser


COMMANDS = {
    "perturb": command_perturb,
    "try": command_try,
    "regenerate": command_regenerate,
    "news": command_news,
    "add": command_add,
}

if __name__ == "__main__":
    main()
