"""What transformers builds from a config, on the meta device: shapes without weights."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
import transformers
from grouping import digest, grouped
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

if TYPE_CHECKING:
    from collections.abc import Iterator

TASKS = {
    "causal": modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    "image-text-to-text": modeling_auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
    "masked": modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    "seq2seq": modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
    "speech-seq2seq": modeling_auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES,
}
BUILD_SECONDS = 60


class RefusedError(Exception):
    """transformers doesn't build this config; the message says why."""


@dataclass(frozen=True)
class Built:
    """A model's tensors.

    Attributes:
        tensors: Name → shape of every parameter, tied ones once.
        tied: Other name → the name under which a tied tensor stands.
    """

    tensors: dict[str, tuple[int, ...]]
    tied: dict[str, str]

    @property
    def num_parameters(self) -> int:
        """Parameters, tied ones once."""
        return sum(torch.Size(shape).numel() for shape in self.tensors.values())

    def row(self) -> dict[str, Any]:
        """The tensors as a saved row has them."""
        return {
            "num_parameters": self.num_parameters,
            "groups": grouped(self.tensors.items()),
            "digest": digest(self.tensors.items()),
        }


@cache
def pairs() -> dict[tuple[str, str], list[str]]:
    """(model type, class) → the tasks for which transformers lists it."""
    found: dict[tuple[str, str], list[str]] = {}
    for task, mapping in TASKS.items():
        for model_type, names in mapping.items():
            for name in names if isinstance(names, (tuple, list)) else (names,):
                found.setdefault((model_type, name), []).append(task)
    return dict(sorted(found.items()))


def classes_of(model_type: str) -> list[str]:
    """The classes that transformers lists for a model type: for the tasks, or where there is none, its other ones."""
    listed = [name for known, name in pairs() if known == model_type]
    others = (
        modeling_auto.MODEL_FOR_CTC_MAPPING_NAMES,
        modeling_auto.MODEL_MAPPING_NAMES,
        modeling_auto.MODEL_FOR_PRETRAINING_MAPPING_NAMES,
    )
    return listed or [mapping[model_type] for mapping in others if isinstance(mapping.get(model_type), str)]


def config_class(model_type: str) -> Any:
    """The config class of a model type."""
    return CONFIG_MAPPING[model_type]


def build(config: dict[str, Any], architecture: str) -> Built:
    """The tensors of the model that a config describes.

    Raises:
        RefusedError: transformers doesn't build it.
    """
    with refusals():
        return build_parsed(parsed(config), architecture)


def build_parsed(config: Any, architecture: str) -> Built:
    """The tensors of the model that a config object describes.

    Raises:
        RefusedError: transformers doesn't build it.
    """
    model_class = getattr(transformers, architecture)
    with refusals(), time_limit(BUILD_SECONDS), torch.device("meta"):
        model = model_class(own_part(config, model_class))
        model.tie_weights()
    return _tensors(model)


def own_part(config: Any, model_class: Any) -> Any:
    """What a class builds from: a text-only class takes the text's part of a multimodal config."""
    text = config.get_text_config() if config.sub_configs_defaults else config
    return text if isinstance(text, model_class.config_class) else config


def as_saved(config: dict[str, Any]) -> dict[str, Any]:
    """The config as `save_pretrained` would write it, derived fields included.

    Raises:
        RefusedError: transformers doesn't read it.
    """
    with refusals():
        return {**plain(parsed(config)), "architectures": config["architectures"]}


def plain(config: Any, *, use_diff: bool = True) -> dict[str, Any]:
    """The fields of a config object as JSON; without infinite numbers, which JSON can't hold."""

    def finite(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: value for name, value in pairs if "__float__" not in str(value)}

    fields: dict[str, Any] = json.loads(config.to_json_string(use_diff=use_diff), object_pairs_hook=finite)
    return fields


def parsed(config: dict[str, Any]) -> Any:
    """The config as an object of its class."""
    return config_class(config["model_type"]).from_dict(dict(config))


def _tensors(model: Any) -> Built:
    first: dict[int, str] = {}
    tensors, tied = {}, {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        known = first.setdefault(id(parameter), name)
        if known == name:
            tensors[name] = tuple(parameter.shape)
        else:
            tied[name] = known
    return Built(tensors, tied)


@contextmanager
def refusals() -> Iterator[None]:
    """Turns whatever a model's code raises into a RefusedError."""
    try:
        yield
    except RefusedError:
        raise
    except Exception as error:  # whatever a model's code raises on such a config is a refusal
        raise RefusedError(f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]) from error


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Ends what takes too long."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"not built within {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
