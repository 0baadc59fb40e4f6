"""The seven actions against a real store and the real client of a loopback Hub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import GATED_CONFIGS, LLAMA_3_1_8B, LLAMA_3_1_70B, PARAMETERS, QWEN_2_5_7B

from budsim_widgets.actions import Actions
from budsim_widgets.errors import ConfigError, GatedModelError, ModelIdError, WorkloadError
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

GATED = "meta-llama/Llama-3.1-8B"
PUBLIC = "Qwen/Qwen2.5-7B"


@pytest.fixture
def actions(tmp_path: Path, loopback_hub: LoopbackHub) -> Actions:
    return Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))


def test_validate_says_that_a_public_model_is_valid(actions: Actions) -> None:
    answer = actions.validate(PUBLIC)
    assert answer.model_dump() == {
        "valid": True,
        "error": None,
        "error_code": None,
        "model_id": PUBLIC,
        "requires_config": False,
        "config_submission_url": None,
    }


def test_validate_says_that_a_gated_model_needs_a_config(actions: Actions) -> None:
    answer = actions.validate(GATED)
    assert (answer.valid, answer.error_code, answer.requires_config, answer.model_id) == (
        False,
        "MODEL_GATED",
        True,
        GATED,
    )


@pytest.mark.parametrize("nonsense", ["", "a/b/c/d", "datasets/x/y", {}, {"model_type": "llama"}, 7])
def test_validate_never_raises(actions: Actions, nonsense: object) -> None:
    answer = actions.validate(nonsense)  # type: ignore[arg-type]
    assert not answer.valid
    assert answer.error
    assert answer.error_code


def test_the_whole_way_from_a_gated_model_to_its_numbers(actions: Actions, loopback_hub: LoopbackHub) -> None:
    with pytest.raises(GatedModelError):
        actions.calculate(GATED)
    assert not actions.check_config(GATED).has_config
    answer = actions.submit_config(GATED, json.dumps(LLAMA_3_1_8B))
    assert answer.success
    assert answer.validation is not None
    assert answer.validation.model_dump() == {
        "valid": True,
        "model_type": "decoder-only",
        "attention_type": "gqa",
        "parameter_count": 8_030_261_248,
    }
    checked = actions.check_config(GATED)
    assert checked.has_config
    assert checked.is_verified
    assert checked.submitted_at is not None
    loopback_hub.reset()
    report = actions.calculate(GATED, batch_size=2, seq_length=8192)
    assert report.num_parameters == 8_030_261_248
    assert report.weight_bytes == 16_060_522_496
    assert report.kv_cache_bytes == 2 * 1024**3
    assert (report.config_source, report.basis) == ("user_provided", "exact")
    assert loopback_hub.requests == ()


@pytest.mark.parametrize("model_id", GATED_CONFIGS)
def test_a_pasted_config_is_verified_against_what_the_hub_publishes(actions: Actions, model_id: str) -> None:
    answer = actions.submit_config(model_id, GATED_CONFIGS[model_id])
    assert answer.validation is not None
    assert answer.validation.parameter_count == PARAMETERS[model_id]
    assert actions.check_config(model_id).is_verified


def test_the_config_of_another_model_is_caught(actions: Actions) -> None:
    answer = actions.submit_config("meta-llama/Llama-3.1-70B", LLAMA_3_1_8B)
    assert answer.success
    (warning,) = answer.details["warnings"]
    assert "8.03B" in warning
    assert "70.55B" in warning
    assert not actions.check_config("meta-llama/Llama-3.1-70B").is_verified


def test_an_unreachable_hub_leaves_a_paste_unverified(tmp_path: Path) -> None:
    hub = HubClient(endpoint="http://127.0.0.1:9", timeout_seconds=0.5)
    actions = Actions(Resolver(ConfigStore(tmp_path / "configs.json"), hub))
    assert actions.submit_config(GATED, LLAMA_3_1_8B).success
    assert not actions.check_config(GATED).is_verified
    assert actions.calculate(GATED).num_parameters == 8_030_261_248


@pytest.mark.parametrize(
    ("paste", "code"),
    [
        ("", "EMPTY"),
        ('{"hidden_size": 64', "TRUNCATED"),
        ("[1]", "NOT_OBJECT"),
        (json.dumps({**LLAMA_3_1_8B, "num_key_value_heads": 7}), "INCONSISTENT"),
        (json.dumps({**LLAMA_3_1_8B, "hidden_size": "wide"}), "FIELD_TYPE"),
        ("<html>" * 60_000, "TOO_LARGE"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isupper() else "",
)
def test_a_refused_paste_stores_nothing_and_says_why(actions: Actions, paste: str, code: str) -> None:
    answer = actions.submit_config(GATED, paste)
    assert (answer.success, answer.error_code, answer.details["code"]) == (False, "INVALID_CONFIG", code)
    assert answer.message
    assert answer.details["next_step"]
    assert not actions.check_config(GATED).has_config


def test_missing_fields_are_named(actions: Actions) -> None:
    answer = actions.submit_config(GATED, {"model_type": "llama", "hidden_size": 4096})
    assert set(answer.missing_fields) == {"num_hidden_layers", "num_attention_heads", "vocab_size"}
    assert set(answer.required_fields) >= set(answer.missing_fields)


def test_a_paste_for_no_model_is_refused(actions: Actions) -> None:
    answer = actions.submit_config("https://huggingface.co/datasets/a/b", LLAMA_3_1_8B)
    assert (answer.success, answer.error_code) == (False, "INVALID_MODEL_ID")


def test_analyze_reports_a_length_each_up_to_the_models_own_limit(actions: Actions) -> None:
    analysis = actions.analyze(QWEN_2_5_7B, batch_size=2)
    assert analysis.seq_lengths == (1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072)
    assert analysis.memory_per_token_bytes == 2 * 4 * 128 * 28 * 2
    totals = [report.total_bytes for report in analysis.reports]
    assert totals == sorted(totals)
    assert actions.analyze({**QWEN_2_5_7B, "max_position_embeddings": 4096}).seq_lengths == (1024, 2048, 4096)


def test_analyze_takes_lengths_of_ones_own(actions: Actions) -> None:
    assert actions.analyze(QWEN_2_5_7B, seq_lengths=(300, 100, 300)).seq_lengths == (100, 300)
    with pytest.raises(WorkloadError):
        actions.analyze(QWEN_2_5_7B, seq_lengths=(0,))
    with pytest.raises(WorkloadError):
        actions.analyze(QWEN_2_5_7B, seq_lengths=())


def test_one_model_to_compare_is_one_row_and_what_is_no_model_says_so(actions: Actions) -> None:
    assert [row.model_id for row in actions.compare("a b").rows] == ["a b"]
    (row,) = actions.compare(5).rows  # type: ignore[arg-type] # what a person may give
    assert "by its id, its config or a file" in str(row.error)
    assert len(actions.compare(b"ab").rows) == 1  # type: ignore[arg-type] # the same


def test_a_column_of_a_table_is_several_models(actions: Actions) -> None:
    pandas = pytest.importorskip("pandas")
    assert [row.model_id for row in actions.compare(pandas.Series(["a b", "c d"])).rows] == ["a b", "c d"]


def test_compare_gives_a_row_each_including_those_that_failed(actions: Actions) -> None:
    comparison = actions.compare([PUBLIC, GATED, LLAMA_3_1_70B, "no/such-model", {"model_type": "llama"}])
    assert [row.error.error_code if row.error else None for row in comparison.rows] == [
        None,
        "MODEL_GATED",
        None,
        "NOT_FOUND",
        "INVALID_CONFIG",
    ]
    assert [row.report is not None for row in comparison.rows] == [True, False, True, False, False]
    assert list(comparison.to_frame().index[:2]) == [PUBLIC, GATED]


@pytest.mark.parametrize("workload", [{"batch_size": 0}, {"precision": "fp17"}, {"batchsize": 2}], ids=str)
def test_a_bad_parameter_is_named_before_anything_is_asked(
    actions: Actions, loopback_hub: LoopbackHub, workload: dict[str, object]
) -> None:
    for act in (actions.calculate, actions.analyze):
        with pytest.raises(WorkloadError) as caught:
            act(PUBLIC, **workload)
        assert caught.value.field in workload
    with pytest.raises(WorkloadError):
        actions.compare([PUBLIC], **workload)
    assert loopback_hub.requests == ()


def test_a_dict_is_calculated_again_when_it_changed(actions: Actions) -> None:
    config = dict(QWEN_2_5_7B)
    before = actions.calculate(config).num_parameters
    config["num_hidden_layers"] = 1
    assert actions.calculate(config).num_parameters < before


def test_a_broken_config_of_a_model_names_the_model(actions: Actions) -> None:
    actions.resolver.store.put(GATED, {"model_type": "llama"})
    with pytest.raises(ConfigError) as caught:
        actions.calculate(GATED)
    assert caught.value.model_id == GATED


def test_texts_that_a_person_typed_never_name_a_file(actions: Actions, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(LLAMA_3_1_8B), "utf-8")
    assert actions.calculate(str(path)).num_parameters == 8_030_261_248
    with pytest.raises(ModelIdError):
        actions.without_file_paths().calculate(str(path))
