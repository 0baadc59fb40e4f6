"""Write `data/heads.json`: what other classes of a model type have beside a described one; for a Python with torch.

A class such as `LlamaForSequenceClassification` is a part of a described class (`model` of `LlamaForCausalLM`) under
a name of its own, without some of its tensors, and with a few more, whose sizes are fields of the config. Which part,
and which fields, is found by building each class from several small random configs, with a tied head and without: what
holds for all of them is written down. A class whose other tensors can't be told so stays undescribed.

    python tools/oracle/heads.py > heads.json
    python tools/oracle/heads.py llama t5
"""

from __future__ import annotations

import inspect
import json
import logging
import re
import sys
import warnings
from collections import Counter
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
warnings.filterwarnings("ignore")

from needed import need

need("torch", "transformers")

import torch
import transformers
from classes import classes_of as all_classes_of
from meta import CONFIG_MAPPING, RefusedError, own_part, parsed, refusals
from perturb import perturbed
from transformers.utils import logging as hf_logging

from budsim_widgets.architectures import families
from budsim_widgets.architectures.build import build
from budsim_widgets.architectures.registry import classes_of

SEED, NUM_CONFIGS, TRIES = 1, 3, 60
FEWEST_CONFIGS = 4
LABELS = (5, 7, 11, 13, 17, 19)
USUAL_LABELS = (2,) * len(LABELS)
TEXT_PARTS = ("text_config", "llm_config", "language_config", "thinker_config", "decoder")
MOST_TENSORS = 24
MOST_REMOVED = 6
MOST_DEPTH = 2
FACTORS = (1, 2, 3, 4)
CONSTANTS = frozenset({1, 2, 3, 4, 5})
PREFERRED = (
    *("num_labels", "hidden_size", "d_model", "n_embd", "dim", "emb_dim", "embedding_size", "vocab_size"),
    *("intermediate_size", "classifier_proj_size", "num_attention_heads"),
)

Shapes = dict[str, tuple[int, ...]]


def main() -> None:
    """Write the table, type by type."""
    hf_logging.set_verbosity_error()
    logging.disable(logging.CRITICAL)
    found: dict[str, dict[str, Any]] = {}
    for model_type in sys.argv[1:] or sorted(families.modules().keys() & CONFIG_MAPPING.keys()):
        rows = _of_type(model_type, _configs(model_type))
        if rows:
            found[model_type] = rows
        sys.stderr.write(f"{model_type} {len(rows)}\n")
    source = f"Classes of transformers {transformers.__version__} (Apache-2.0); made by tools/oracle/heads.py"
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(rows, sort_keys=True)}" for name, rows in found.items())
    sys.stdout.write(f'{{\n"_source": {json.dumps(source)},\n"types": {{\n{lines}\n}}\n}}\n')


def _configs(model_type: str) -> list[dict[str, Any]]:
    """Small configs of a type that our description builds: some as they are, and the same with the head tied or not."""
    kept: list[dict[str, Any]] = []
    for index in range(TRIES):
        config = perturbed(model_type, Random(f"heads {SEED}:{model_type}:{index}"))  # noqa: S311 - reproducible
        is_ours = _ours(model_type, config, LABELS[0])["classes"]
        if is_ours and any(_built(known, model_type, config, LABELS[0]) for known in _known(model_type)):
            kept.append(config)
        if len(kept) == NUM_CONFIGS:
            break
    return [*kept, *(_tied(config, tied=index % 2 == 1) for index, config in enumerate(kept))]


def _known(model_type: str) -> list[Any]:
    """The described classes of a type that transformers has."""
    return [found for name in classes_of(model_type) if (found := getattr(transformers, name, None)) is not None]


def _classes(model_type: str) -> dict[str, Any]:
    """The classes of a type: those that mappings list or its module exports, and its encoders and decoders."""
    listed = {name: getattr(transformers, name) for name in all_classes_of(model_type)}
    wanted = CONFIG_MAPPING[model_type]
    try:
        module = import_module(wanted.__module__.replace("configuration_", "modeling_"))
    except ImportError:
        return listed
    own = {
        name: value
        for name, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, transformers.PreTrainedModel)
        and value.__module__ == module.__name__
        and getattr(value, "config_class", None) is wanted
        and "PreTrained" not in name.removesuffix("ForPreTraining")
        and not name.endswith(("Stack", "Wrapper", "Layer"))
    }
    return {**own, **listed}


def _tied(config: dict[str, Any], *, tied: bool) -> dict[str, Any]:
    """The same config with its head tied to the embedding, or apart, wherever the text's fields stand."""
    parts = {name: config[name] for name in TEXT_PARTS if isinstance(config.get(name), dict)}
    return {**config, "tie_word_embeddings": tied, **{name: _tied(part, tied=tied) for name, part in parts.items()}}


def _of_type(model_type: str, configs: list[dict[str, Any]]) -> dict[str, Any]:
    ours = [_ours(model_type, config, labels) for config, labels in zip(configs, LABELS, strict=False)]
    known = classes_of(model_type)
    found = {}
    for architecture, model_class in sorted(_classes(model_type).items()):
        if architecture in known:
            continue
        for all_labels in (LABELS, USUAL_LABELS):  # some classes take two labels alone
            pairs = [
                (shapes, one)
                for one, config, labels in zip(ours, configs, all_labels, strict=False)
                if (shapes := _built(model_class, model_type, config, labels)) is not None
            ]
            row = _told(*map(list, zip(*pairs, strict=True))) if len(pairs) >= FEWEST_CONFIGS else None
            if row is not None:
                found[architecture] = row
                break
    return found


def _built(model_class: Any, model_type: str, config: dict[str, Any], labels: int) -> Shapes | None:
    """The parameters of a class, once each, or None where it refuses the config."""
    try:
        with refusals():
            whole = parsed({**config, "model_type": model_type})
            whole.num_labels = labels
            with torch.device("meta"):
                model = model_class(own_part(whole, model_class))
            model.tie_weights()
    except RefusedError:
        return None
    return {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}


def _ours(model_type: str, config: dict[str, Any], labels: int) -> dict[str, Any]:
    """What the described classes of a type build, and the config's numbers."""
    built = {}
    for architecture in classes_of(model_type):
        try:
            made = build({**config, "architectures": [architecture], "num_labels": labels})
        except Exception:  # noqa: BLE001, S112 - a class that needs other fields
            continue
        built[architecture] = {tensor.name: tensor.shape for tensor in made.tensors()}
        built["config"] = made.config
    numbers = {**_numbers(built.get("config", {}), ""), "num_labels": labels}
    defaults = {
        name: value for name, value in _defaults(model_type).items() if name not in numbers and name not in config
    }
    return {
        "classes": {name: value for name, value in built.items() if name != "config"},
        "numbers": {**defaults, **numbers},
        "defaults": defaults,
    }


def _defaults(model_type: str) -> dict[str, int]:
    """Sizes that a class declares and no description needs."""
    try:
        declared = CONFIG_MAPPING[model_type]().to_dict()
    except Exception:  # noqa: BLE001 - whatever hundreds of classes raise
        return {}
    return {name: value for name, value in declared.items() if type(value) is int and value > 1}


def _numbers(fields: Any, prefix: str) -> dict[str, int]:
    found = {}
    for name, value in fields.items():
        if isinstance(value, dict) and prefix.count(".") < MOST_DEPTH:
            found.update(_numbers(value, f"{prefix}{name}."))
        elif type(value) is int and value > 0:
            found[prefix + name] = value
    return found


def _told(real: list[Shapes], ours: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The class as a part of a described one, the same for all configs; None where there is none."""
    best = None
    for described in ours[0]["classes"]:
        if not all(described in one["classes"] for one in ours):
            continue
        for part in _prefixes(ours[0]["classes"][described]):
            for place in _prefixes(real[0]):
                row = _row(real, ours, described, part, place)
                if row is None:
                    continue
                cost = (len(row.get("without", [])) + len(row["more"]), len(part), len(place))
                if best is None or cost < best[0]:
                    best = cost, row
    return best[1] if best else None


def _prefixes(shapes: Shapes) -> list[str]:
    """The whole, and its parts up to two levels down that hold many tensors."""
    counts: Counter[str] = Counter()
    for name in shapes:
        parts = name.split(".")
        for depth in (1, 2):
            if len(parts) > depth and not any(part.isdigit() for part in parts[:depth]):
                counts[".".join(parts[:depth]) + "."] += 1
    return ["", *(prefix for prefix, count in counts.items() if count > 0.1 * len(shapes))]


def _row(
    real: list[Shapes], ours: list[dict[str, Any]], described: str, part: str, place: str
) -> dict[str, Any] | None:
    all_held = [_held(one["classes"][described], part, place) for one in ours]
    removed: set[str] = set()
    added: set[str] = set()
    for shapes, held in zip(real, all_held, strict=True):
        missing = held.keys() - shapes.keys()
        more = {name for name, shape in shapes.items() if held.get(name) != shape}
        if len(missing) > MOST_REMOVED or len(more) > MOST_TENSORS or len(missing) == len(held):
            return None
        removed |= missing
        added |= more
    if any(not added <= shapes.keys() or removed & shapes.keys() for shapes in real) or any(map(_is_odd, added)):
        return None
    if any(map(_is_of_layers, removed | added)):
        return None
    sizes = {}
    for name in (name for name in real[0] if name in added):
        size = _sizes([shapes[name] for shapes in real], [one["numbers"] for one in ours], ours[0]["defaults"])
        if size is None:
            return None
        sizes[name] = size
    row: dict[str, Any] = {"of": described, "more": sizes}
    if part:
        row["part"] = part[:-1]
    if place:
        row["at"] = place[:-1]
    if removed:
        row["without"] = sorted(name[len(place) :] for name in removed)
    return row


def _held(described: Shapes, part: str, place: str) -> Shapes:
    """The tensors of a part under the names that they have in another class."""
    return {place + name[len(part) :]: shape for name, shape in described.items() if name.startswith(part)}


def _is_odd(name: str) -> bool:
    return "rotary" in name


def _is_of_layers(name: str) -> bool:
    return bool(re.search(r"\.\d+\.", name)) and "layer" in name


def _sizes(shapes: list[tuple[int, ...]], numbers: list[dict[str, int]], defaults: dict[str, int]) -> list[Any] | None:
    """Each dimension as a constant, a field, or a factor and a field."""
    if len({len(shape) for shape in shapes}) > 1:
        return None
    found = []
    for values in zip(*shapes, strict=True):
        told = _told_size(values, numbers)
        if told is None:
            return None
        found.append({told: defaults[told]} if isinstance(told, str) and told in defaults else told)
    return found


def _told_size(values: tuple[int, ...], numbers: list[dict[str, int]]) -> Any:
    if len(set(values)) == 1 and values[0] in CONSTANTS:
        return values[0]
    if len(set(values)) == 1:  # many fields may have that value by chance
        return None
    shared = set(numbers[0]).intersection(*numbers[1:])
    for factor in FACTORS:
        names = [
            name
            for name in shared
            if all(one[name] * factor == value for one, value in zip(numbers, values, strict=True))
        ]
        if names:
            name = min(names, key=_preference)
            return name if factor == 1 else [factor, name]
    return None


def _preference(name: str) -> tuple[int, int, str]:
    short = name.rpartition(".")[2]
    rank = PREFERRED.index(short) if short in PREFERRED else len(PREFERRED)
    return rank, name.count("."), name


if __name__ == "__main__":
    main()
