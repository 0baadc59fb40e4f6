"""The default model of every class that transformers lists, and what changed since they were saved."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from meta import RefusedError, build_parsed, config_class, pairs, plain, refusals
from transformers import PreTrainedConfig

IRRELEVANT = {field.name for field in fields(PreTrainedConfig)} - {"architectures", "is_encoder_decoder"} | {
    "_name_or_path",
    "output_attentions",
    "transformers_version",
}

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def default_row(model_type: str, architecture: str) -> dict[str, Any]:
    """What a class builds from the default config of its model type.

    Raises:
        RefusedError: It builds nothing from it.
    """
    with refusals():
        config = config_class(model_type)()
        written = plain(config, use_diff=False)
    built = build_parsed(config, architecture)
    return {
        "model_type": model_type,
        "architecture": architecture,
        "tasks": pairs().get((model_type, architecture), []),
        "config": {**relevant(written), "model_type": model_type},
        "tied": built.tied,
        **built.row(),
    }


def relevant(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that say something about the model: not the base class's."""
    return {
        name: relevant(value) if isinstance(value, dict) else value
        for name, value in fields.items()
        if name not in IRRELEVANT
    }


def news(saved: list[dict[str, Any]]) -> Iterator[str]:
    """How the installed transformers differs from saved default rows, a line for each class."""
    known = {(row["model_type"], row["architecture"]): row for row in saved}
    listed = pairs()
    for pair in sorted({*known, *listed}):
        if pair not in listed:
            yield f"gone     {_name(pair)}"
            continue
        try:
            row = default_row(*pair)
        except RefusedError as refusal:
            if pair in known:
                yield f"refused  {_name(pair)}: {refusal}"
            continue
        if pair not in known:
            yield f"new      {_name(pair)}: {row['num_parameters']:,} parameters"
        else:
            yield from _changes(_name(pair), known[pair], row)


def _changes(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["digest"] != new["digest"]:
        yield f"tensors  {name}: {old['num_parameters']:,} → {new['num_parameters']:,} parameters"
    changed = sorted(
        field
        for field in {*old["config"], *new["config"]}
        if old["config"].get(field, "absent") != new["config"].get(field, "absent")
    )
    if changed:
        yield f"defaults {name}: {', '.join(changed)}"


def _name(pair: tuple[str, str]) -> str:
    return f"{pair[0]} {pair[1]}"
