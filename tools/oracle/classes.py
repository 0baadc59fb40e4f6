"""Every class that transformers builds from the config of a described type, beside what budsim_widgets says of it.

`measure.py` looks at the classes that generate text. Here are all of them: those of every `MODEL_FOR_…_MAPPING` and the
public ones of the type's own module, with other heads, without one, encoders and towers; each with its default config
and with random ones that differ in numbers of labels, ways to name them and tied embeddings, too. A class for text
alone takes the text's part of a multimodal config.

    python tools/oracle/classes.py measure --seed 5 --count 3 --out rows.jsonl [llama t5 …]
    python tools/oracle/classes.py compare rows.jsonl
"""

from __future__ import annotations

import argparse
import inspect
import json
import logging
import sys
import warnings
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
warnings.filterwarnings("ignore")

from needed import need

need("torch", "transformers")

import torch
import transformers
from defaults import relevant
from meta import RefusedError, build, config_class, plain, refusals
from perturb import perturbed
from transformers.models.auto import modeling_auto

from budsim_widgets.architectures import build as described
from budsim_widgets.architectures import families
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_MODEL = ("PreTrainedModel", "PretrainedModel", "Backbone")
LABELS = (1, 3, 5, 6)
TRIES = 4


def classes_of(model_type: str) -> list[str]:
    """The classes of a type: those that a mapping lists, and the public ones of its module for the same config."""
    listed = {
        name
        for mapping in _mappings()
        for name in _several(mapping.get(model_type))
        if inspect.isclass(getattr(transformers, name, None))
    }
    wanted = config_class(model_type)
    try:
        module = import_module(wanted.__module__.replace("configuration_", "modeling_"))
    except ImportError:
        return sorted(listed)
    public = {
        name
        for name in getattr(module, "__all__", ())
        if inspect.isclass(found := getattr(module, name, None))
        and issubclass(found, transformers.PreTrainedModel)
        and found.config_class is wanted
    }
    return sorted(name for name in listed | public if not name.endswith(NO_MODEL))


def _mappings() -> list[dict[str, Any]]:
    named = vars(modeling_auto).items()
    return [dict(value) for name, value in named if name.startswith("MODEL_") and name.endswith("MAPPING_NAMES")]


def _several(names: Any) -> tuple[str, ...]:
    return () if names is None else tuple(names) if isinstance(names, (tuple, list)) else (names,)


def rows(model_type: str, seed: int, count: int) -> Iterator[dict[str, Any]]:
    """A row for the default config of a type and `count` for random ones: what each class builds."""
    names = classes_of(model_type)
    with_default = _default(model_type)
    if with_default is not None:
        yield _row(model_type, "default", with_default, names)
    kept = 0
    for index in range(count * TRIES):
        random = Random(f"{seed}:{model_type}:{index}")  # noqa: S311 - reproducible, not secret
        row = _row(model_type, f"{seed}:{index}", {**perturbed(model_type, random), **_labels(random)}, names)
        if row["classes"]:
            yield row
            kept += 1
        if kept == count:
            return


def _default(model_type: str) -> dict[str, Any] | None:
    try:
        with refusals():
            written = plain(config_class(model_type)(), use_diff=False)
    except RefusedError:
        return None
    return {**relevant(written), "model_type": model_type}


def _labels(random: Random) -> dict[str, Any]:
    count = random.choice(LABELS)
    names = {str(index): f"LABEL_{index}" for index in range(count)}
    return random.choice(({}, {"num_labels": count}, {"id2label": names}, {"num_labels": count, "id2label": names}))


def _row(model_type: str, name: str, config: dict[str, Any], names: list[str]) -> dict[str, Any]:
    counts = {architecture: _count(config, architecture) for architecture in names}
    built = {architecture: count for architecture, count in counts.items() if count is not None}
    return {"model_type": model_type, "name": name, "config": config, "classes": built}


def _count(config: dict[str, Any], architecture: str) -> int | None:
    """The parameters of a class, or None where it isn't built from this config."""
    try:
        return build({**config, "architectures": [architecture]}, architecture).num_parameters
    except RefusedError as refusal:
        logging.getLogger("oracle").info("%s: %s", architecture, refusal)
        return None


def verdict(config: dict[str, Any], architecture: str, num_parameters: int) -> str:
    """What the descriptions say of a class: exact, wrong (and called exact), an estimate with its error, or refused."""
    try:
        found = described({**config, "architectures": [architecture]})
    except ConfigError as refusal:
        return f"refused {refusal.message}"
    if found.basis == "exact":
        right = found.num_parameters == num_parameters and found.architecture == architecture
        return "exact" if right else f"wrong {found.num_parameters - num_parameters:+,} as {found.architecture}"
    return f"estimate {100 * (found.num_parameters / max(1, num_parameters) - 1):+.2f} %"


def command_measure(arguments: argparse.Namespace) -> None:
    """Write what every class of the types builds, a line for each config."""
    types = arguments.types or sorted(families.modules().keys() & transformers.CONFIG_MAPPING.keys())
    with arguments.out.open("w", encoding="utf-8") as out:
        for model_type in types:
            for row in rows(model_type, arguments.seed, arguments.count):
                out.write(json.dumps(row, separators=(",", ":")) + "\n")
            out.flush()


def command_compare(arguments: argparse.Namespace) -> None:
    """Say of every class that isn't exact what it is, and how many of each there are."""
    counts: dict[str, int] = {}
    for line in arguments.rows.read_text("utf-8").splitlines():
        row = json.loads(line)
        for architecture, num_parameters in row["classes"].items():
            said = verdict(row["config"], architecture, num_parameters)
            kind = said.partition(" ")[0]
            counts[kind] = counts.get(kind, 0) + 1
            if kind != "exact":
                sys.stdout.write(f"{row['model_type']} {architecture} {row['name']} {num_parameters:,}: {said}\n")
    sys.stdout.write(f"{counts}\n")


def main() -> None:
    """Read the command line and run a command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verbose", action="store_true", help="say what transformers refuses")
    commands = parser.add_subparsers(required=True)
    measure = commands.add_parser("measure", help=command_measure.__doc__)
    measure.add_argument("types", nargs="*", help="model types; none: all that are described")
    measure.add_argument("--seed", type=int, default=5)
    measure.add_argument("--count", type=int, default=3, help="random configs for each type")
    measure.add_argument("--out", type=Path, required=True)
    measure.set_defaults(run=command_measure)
    compare = commands.add_parser("compare", help=command_compare.__doc__)
    compare.add_argument("rows", type=Path)
    compare.set_defaults(run=command_compare)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.ERROR, format="%(message)s")
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    arguments.run(arguments)


if __name__ == "__main__":
    main()
