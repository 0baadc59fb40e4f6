"""What PEFT makes trainable in each default model, asked on the meta device.

    python tools/oracle/adapters.py tests/training/peft_adapters.jsonl.gz

Needs torch, transformers and peft. Each row is a class, the targets, the rank, the modules trained whole, and either
the number of trainable parameters or why PEFT refuses. A second file beside it, `linear_modules.json`, lists what the
description of a family can't say: linear layers of classes that PEFT doesn't count as linear, and the other way round.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[1])]

from needed import need

need("torch", "transformers", "peft")

import peft
import torch
import transformers
from meta import RefusedError, parsed, refusals
from rows import read_rows, write_rows
from transformers.pytorch_utils import Conv1D

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULTS = Path(__file__).parents[2] / "tests" / "architectures" / "oracle" / "defaults.jsonl.gz"


def model_of(row: dict[str, Any]) -> torch.nn.Module:
    """The default model of a saved row, on the meta device."""
    with refusals():
        config = parsed(row["config"])
        with torch.device("meta"):
            model = getattr(transformers, row["architecture"])(config)
        model.tie_weights()
    return model


def linear_names(model: torch.nn.Module) -> list[str]:
    """The modules that `all-linear` starts from."""
    return [name for name, part in model.named_modules() if isinstance(part, (torch.nn.Linear, Conv1D))]


def questions(model: torch.nn.Module) -> Iterator[tuple[Any, int, tuple[str, ...]]]:
    """(targets, rank, modules trained whole) to ask of a model."""
    yield "all-linear", 16, ()
    names = linear_names(model)
    in_layers = [name for name in names if re.search(r"\.\d+\.", name)] or names
    leaves = list(dict.fromkeys(name.rpartition(".")[2] for name in in_layers))
    yield tuple(leaves[:2]), 8, ()
    yield tuple(leaves[-1:]), 3, ()
    whole = tuple(dict.fromkeys(filter(None, (leaf_of(model, "input"), leaf_of(model, "output")))))
    if whole:
        yield tuple(leaves[:1]), 4, whole


def leaf_of(model: torch.nn.Module, which: str) -> str | None:
    """The last part of the name of the input or output embedding."""
    try:
        wanted = getattr(model, f"get_{which}_embeddings")()
    except (AttributeError, NotImplementedError):
        return None
    names = (name for name, part in model.named_modules() if part is wanted)
    return next((name.rpartition(".")[2] for name in names), None) if wanted is not None else None


def answer(row: dict[str, Any], targets: Any, rank: int, whole: tuple[str, ...]) -> dict[str, Any]:
    """The trainable parameters of one question, or the refusal."""
    config = peft.LoraConfig(
        r=rank,
        target_modules=targets if isinstance(targets, str) else list(targets),
        modules_to_save=list(whole) or None,
    )
    asked = {
        "model_type": row["model_type"],
        "architecture": row["architecture"],
        "targets": targets,
        "rank": rank,
        "modules_to_save": whole,
    }
    try:
        with torch.device("meta"):
            model = peft.get_peft_model(model_of(row), config, low_cpu_mem_usage=True)
    except Exception as error:  # noqa: BLE001 - whatever PEFT says is the answer
        return {**asked, "refused": str(error)[:160]}
    return {**asked, "num_trainable": sum(one.numel() for one in model.parameters() if one.requires_grad)}


def main() -> None:
    """Ask every question of every default model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("model_types", nargs="*")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    found: list[dict[str, Any]] = []
    linear: dict[str, list[str]] = {}
    for row in read_rows(DEFAULTS)[1]:
        if arguments.model_types and row["model_type"] not in arguments.model_types:
            continue
        try:
            model = model_of(row)
        except RefusedError as refusal:
            sys.stderr.write(f"{row['model_type']} {row['architecture']} refused: {refusal}\n")
            continue
        key = f"{row['model_type']}|{row['architecture']}"
        linear[key] = sorted({re.sub(r"\.\d+(?=\.|$)", ".*", name) for name in linear_names(model)})
        for targets, rank, whole in questions(model):
            found.append(answer(row, targets, rank, whole))
    source = {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__}
    write_rows(arguments.output, source, found)
    arguments.output.with_name("linear_modules.json").write_text(json.dumps(linear))


if __name__ == "__main__":
    main()
