"""From a config to its architecture: what is refused, what is only an estimate, and what it costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from architectures.oracle_rows import by_pair, is_described
from budsim_widgets.architectures import build, parts
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from architectures.oracle_rows import Pair

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "vocab_size": 128_256,
    "hidden_size": 8192,
    "intermediate_size": 28_672,
    "num_hidden_layers": 80,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
}
DEEPSEEK = by_pair("defaults")["deepseek_v3", "DeepseekV3ForCausalLM"][0]["config"]
DESCRIBED = [pair for pair in by_pair("defaults") if is_described(pair)]
ODD_VALUES = (None, 0, -1, 3, 10**9, 10**12, "many", True, 1.5, [], [None], {})


def test_llama_70b_is_what_its_publisher_says() -> None:
    llama = build(LLAMA)
    assert (llama.num_parameters, llama.kind, llama.attention_type, llama.basis) == (
        70_553_706_496,
        "decoder-only",
        "gqa",
        "exact",
    )


def test_active_parameters_leave_out_the_experts_that_a_token_isnt_sent_to() -> None:
    deepseek = build(DEEPSEEK)
    all_experts = sum(group.num_parameters for group in deepseek.tensor_groups if group.role == "experts")
    assert deepseek.num_parameters - deepseek.num_active_parameters == all_experts * (256 - 8) // 256


def test_a_dense_model_is_active_as_a_whole() -> None:
    llama = build(LLAMA)
    assert llama.num_active_parameters == llama.num_parameters


@pytest.mark.parametrize("layers", [1, 80, 10_000])
def test_identical_layers_are_described_once_however_many(layers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    weight = parts.Weight.__new__
    monkeypatch.setattr(parts.Weight, "__new__", lambda kind, *values: (made.append(values), weight(kind, *values))[1])
    architecture = build({**LLAMA, "num_hidden_layers": layers})
    assert (len(made), len(architecture.tensor_groups)) == (9, 12)  # equal ones are made once


@pytest.mark.parametrize("field", ["num_hidden_layers", "vocab_size", "hidden_size", "num_attention_heads"])
@pytest.mark.parametrize("value", [10**9, 10**12, 10**30, 0, -1])
def test_absurd_dimensions_are_refused(field: str, value: int) -> None:
    with pytest.raises(ConfigError) as refused:
        build({**LLAMA, field: value})
    assert refused.value.code in {"FIELD_RANGE", "TOO_LARGE"}
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"num_key_value_heads": 7}, "INCONSISTENT", "num_key_value_heads"),
        ({"num_attention_heads": 63}, "INCONSISTENT", "hidden_size"),
        ({"layer_types": ["full_attention"]}, "INCONSISTENT", "layer_types"),
        ({"hidden_size": "8192"}, "FIELD_TYPE", "hidden_size"),
        ({"vocab_size": None}, "MISSING_FIELD", "vocab_size"),
    ],
)
def test_a_config_that_contradicts_itself_is_refused_with_the_field(
    changes: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        build({**LLAMA, **changes})
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.next_step


@pytest.mark.parametrize("pair", DESCRIBED, ids="-".join)
def test_an_odd_value_gives_a_number_or_a_refusal_with_the_field(pair: Pair) -> None:
    (row,) = by_pair("defaults")[pair]
    for path, config in _with_odd_values({**row["config"], "architectures": [pair[1]]}):
        number, field = _number_or_field(config)
        assert field if number is None else number >= 0, path


def _number_or_field(config: dict[str, Any]) -> tuple[int | None, str | None]:
    try:
        return build(config).num_parameters, None
    except ConfigError as refused:
        return None, refused.field


def _with_odd_values(config: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The config with one field changed; each field once, so that all odd values have their turn over the fields."""
    for index, (name, value) in enumerate(config.items()):
        if name in {"model_type", "architectures"}:
            continue
        yield prefix + name, {**config, name: ODD_VALUES[index % len(ODD_VALUES)]}
        if isinstance(value, dict) and "model_type" in value:
            for path, part in _with_odd_values(value, f"{prefix}{name}."):
                yield path, {**config, name: part}


def test_an_unknown_type_is_an_estimate_that_says_so() -> None:
    unknown = build({**LLAMA, "model_type": "brand_new", "architectures": ["BrandNewForCausalLM"]})
    assert (unknown.basis, unknown.architecture) == ("estimate", "BrandNewForCausalLM")
    assert "brand_new" in unknown.notes[0]
    assert unknown.num_parameters == build(LLAMA).num_parameters


def test_a_config_without_a_type_is_an_estimate() -> None:
    assert build({name: value for name, value in LLAMA.items() if name != "model_type"}).basis == "estimate"


def test_the_config_is_left_as_it_was() -> None:
    given = {**LLAMA, "rope_scaling": {"factor": 8.0}}
    before = {**given, "rope_scaling": dict(given["rope_scaling"])}
    build(given)
    assert given == before


def test_tied_embeddings_count_once() -> None:
    untied, tied = (build({**LLAMA, "tie_word_embeddings": flag}).num_parameters for flag in (False, True))
    assert untied - tied == 128_256 * 8192


def test_a_head_that_the_file_may_hold_is_noted_where_the_config_says_nothing_of_it() -> None:
    """Mistral Small 3.1 publishes 24,011,361,280 parameters: with the head."""
    vision = {"hidden_size": 1024, "image_size": 1540, "intermediate_size": 4096, "model_type": "pixtral"}
    text = {
        "model_type": "mistral",
        "head_dim": 128,
        "hidden_size": 5120,
        "intermediate_size": 32768,
        "num_attention_heads": 32,
        "num_hidden_layers": 40,
        "num_key_value_heads": 8,
        "vocab_size": 131072,
    }
    config = {"model_type": "mistral3", "multimodal_projector_bias": False, "text_config": text}
    vision = {**vision, "num_attention_heads": 16, "num_hidden_layers": 24, "patch_size": 14}
    silent = build({**config, "vision_config": vision})
    assert silent.num_parameters + 131072 * 5120 == 24_011_361_280
    assert "671,088,640 parameters more" in silent.notes[-1]
    assert build({**config, "vision_config": vision, "tie_word_embeddings": True}).notes == ()
    untied = build({**config, "vision_config": vision, "tie_word_embeddings": False})
    assert (untied.num_parameters, untied.notes) == (24_011_361_280, ())


def test_a_type_that_an_earlier_version_builds_otherwise_names_the_version() -> None:
    config = {"model_type": "reformer", "vocab_size": 320, "hidden_size": 256, "num_attention_heads": 12}
    found = build({**config, "attn_layers": ["local", "lsh"], "num_hidden_layers": 2})
    assert any("transformers 5.24" in note and "5.23" in note for note in found.notes)


_SAVED = (Path(__file__).parent / "oracle" / "saved_fields.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("row", [json.loads(line) for line in _SAVED], ids=lambda row: row["name"])
def test_a_field_that_is_derived_counts_as_it_was_saved(row: dict[str, Any]) -> None:
    """Measured with transformers 5.23: what it derives itself it takes from a file that says otherwise."""
    found = build(row["config"])
    assert (found.num_parameters, found.basis) == (row["num_parameters"], "exact")


@pytest.mark.parametrize(("kind", "tables"), [("absolute", 1), ("rotary", 0), (None, 0)])
def test_null_is_a_value_where_a_class_declares_another_default(kind: str | None, tables: int) -> None:
    """ESM without a kind of positions has no table of them, as transformers 5.24 builds it."""
    sizes = {"vocab_size": 33, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    found = build({**sizes, "model_type": "esm", "intermediate_size": 128, "position_embedding_type": kind})
    assert sum("position_embeddings" in group.name for group in found.tensor_groups) == tables
