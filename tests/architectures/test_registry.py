"""The index of descriptions, and which class a config means."""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import pytest

from architectures.oracle_rows import FOLDER, rows, tasks
from architectures.test_remote_code import PUBLISHED
from budsim_widgets.architectures import build, families, registry
from budsim_widgets.data import load_table

if TYPE_CHECKING:
    from collections.abc import Iterator

MEASURED = ("defaults", "perturbed", "classes")
BUILT_AS_OTHERS = {"RefinedWeb", "kimi_k2", "mimo"}
"""Types that other files' code calls what transformers builds under another name; `test_remote_code` compares them."""

DESCRIBED = sorted({module.name for module in iter_modules(families.__path__)})


def test_the_index_names_the_module_of_every_description() -> None:
    for name in DESCRIBED:
        import_module(f"{families.__name__}.{name}")
    found = {
        model_type: {described.describe.__module__.rsplit(".", 1)[-1] for described in classes.values()}
        for model_type, classes in registry._FAMILIES.items()
    }
    assert found == {model_type: {module} for model_type, module in families.modules().items()}


def test_the_index_is_sorted() -> None:
    table = {name: types for name, types in load_table("families").items() if not name.startswith("_")}
    assert list(table) == sorted(table)
    assert all(types == sorted(types) for types in table.values())


@pytest.mark.parametrize("model_type", families.modules())
def test_a_described_class_is_one_that_transformers_lists_or_a_part_of_one(model_type: str) -> None:
    listed = {architecture for known, architecture in tasks() if known == model_type}
    classes = registry.classes_of(model_type)
    assert classes
    assert not listed or listed & set(classes), f"{model_type} has none of {sorted(listed)}"


@cache
def confirmed_types() -> frozenset[str]:
    """The types of which models were measured, also as a part of another, or whose totals are published."""
    measured = (row for name in MEASURED for row in rows(name))
    published = (config for config, _ in PUBLISHED.values())
    listed = json.loads("[" + ",".join((FOLDER / "published.jsonl").read_text("utf-8").splitlines()) + "]")
    return frozenset(model_type for found in (*measured, *published, *listed) for model_type in types_in(found))


def types_in(value: object) -> Iterator[str]:
    """Every `model_type` in a row or a config, its parts included."""
    if isinstance(value, dict):
        if isinstance(value.get("model_type"), str):
            yield value["model_type"]
        for inner in value.values():
            yield from types_in(inner)


@pytest.mark.parametrize("model_type", families.modules())
def test_a_type_that_claims_to_be_exact_is_confirmed(model_type: str) -> None:
    claims = any(described.basis == "exact" for described in registry.classes_of(model_type).values())
    assert not claims or model_type in confirmed_types() | BUILT_AS_OTHERS


def test_a_config_without_a_class_means_the_one_that_generates_text() -> None:
    family, is_exact = registry.find_family("gemma3", None)
    assert family is not None
    assert (family.architecture, is_exact) == ("Gemma3ForConditionalGeneration", True)


def test_another_class_of_a_known_type_is_an_estimate_that_says_so() -> None:
    config = {"model_type": "llama", "vocab_size": 10, "hidden_size": 8, "num_hidden_layers": 1}
    found = build({**config, "num_attention_heads": 2, "architectures": ["LlamaForPoetry"]})
    assert found.basis == "estimate"
    assert "LlamaForPoetry" in found.notes[-1]


@pytest.mark.parametrize(
    ("config", "derived", "named"),
    [
        ({"model_type": "falcon_mamba", "hidden_size": 64, "expand": 16}, "backbone.layers.*.mixer.D", 1024),
        (
            {"model_type": "falcon_mamba", "hidden_size": 64, "expand": 16, "intermediate_size": 128},
            "backbone.layers.*.mixer.D",
            128,
        ),
    ],
)
def test_a_width_that_the_config_has_counts_before_the_one_that_follows_from_others(
    config: dict[str, Any], derived: str, named: int
) -> None:
    """Falcon-Mamba-7B's config has both, and they differ."""
    small = {**config, "vocab_size": 99, "num_hidden_layers": 2, "time_step_rank": 4}
    assert {group.shape for group in build(small).tensor_groups if group.name == derived} == {(named,)}


@pytest.mark.parametrize(
    ("model_type", "published", "built"),
    [
        ("llama", "LLaMAForCausalLM", "LlamaForCausalLM"),
        ("mpt", "MPTForCausalLM", "MptForCausalLM"),
        ("phimoe", "PhiMoEForCausalLM", "PhimoeForCausalLM"),
        ("ernie4_5", "Ernie4_5_ForCausalLM", "Ernie4_5ForCausalLM"),
    ],
)
def test_a_class_is_known_by_the_name_that_its_publisher_gave_it(model_type: str, published: str, built: str) -> None:
    classes = registry.classes_of(model_type)
    assert classes[published].describe is classes[built].describe
