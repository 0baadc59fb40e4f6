from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS, PARAMETERS, PUBLIC_CONFIGS, QWEN_2_5_0_5B
from hub.scenario import Repo, as_file

import budsim_widgets as bw
from budsim_widgets.actions import Actions
from budsim_widgets.schemas import ConfigCheckResponse, ConfigSubmitResponse, ValidateModelResponse
from budsim_widgets.server.reports import AnalysisReportResponse, ComparisonReportResponse, MemoryReportResponse
from budsim_widgets.server.responses import ConfigResponse, ErrorResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.loopback import LoopbackHub

    from server.conftest import Answered

    Ask = Callable[..., Answered]

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
PUBLIC = next(iter(PUBLIC_CONFIGS))
SUBMIT = "/a%40b/budsim/api/models/config/submit"


def error_of(answered: Answered) -> dict[str, Any]:
    """The error, in the form that all errors have."""
    return ErrorResponse.model_validate(answered.json).model_dump()


def test_a_gated_model_is_refused_submitted_and_calculated(ask: Ask) -> None:
    refused = ask("models/calculate", body={"model_uri": GATED})
    error = error_of(refused)
    assert (refused.status, error["error_code"], error["requires_config"]) == (403, "MODEL_GATED", True)
    assert error["config_submission_url"] == SUBMIT
    assert error["message"]
    assert error["next_step"]

    accepted = ask("models/config/submit", body={"model_uri": GATED, "config": CONFIG})
    validation = ConfigSubmitResponse.model_validate(accepted.json).validation
    assert accepted.status == 200
    assert validation is not None
    assert (validation.model_type, validation.parameter_count) == ("decoder-only", PARAMETERS[GATED])
    assert validation.attention_type

    answered = ask("models/calculate", body={"model_uri": GATED, "seq_length": 8192})
    report = MemoryReportResponse.model_validate(answered.json)
    assert (answered.status, report.num_parameters, report.config_source) == (200, PARAMETERS[GATED], "user_provided")


def test_numbers_are_those_of_python(ask: Ask) -> None:
    workload = {"batch_size": 4, "seq_length": 8192, "precision": "fp8", "engine": "vllm", "tensor_parallel": 2}
    assert (
        ask("models/calculate", body={"config": CONFIG, **workload}).json
        == Actions().calculate(CONFIG, **workload).to_dict()
    )


def test_validate_answers_200_for_every_model(ask: Ask) -> None:
    for model, valid, code in ((PUBLIC, True, None), (GATED, False, "MODEL_GATED"), ("a b", False, "INVALID_MODEL_ID")):
        answered = ask("models/validate", body={"model_uri": model})
        response = ValidateModelResponse.model_validate(answered.json)
        assert (answered.status, response.valid, response.error_code) == (200, valid, code)
        assert response.config_submission_url == (SUBMIT if model == GATED else None)


def test_analyze_gives_a_report_for_each_length(ask: Ask) -> None:
    answered = ask("models/analyze", body={"config": CONFIG, "seq_lengths": [1024, 4096]})
    analysis = AnalysisReportResponse.model_validate(answered.json)
    assert [report.workload.seq_length for report in analysis.reports] == [1024, 4096]
    default = AnalysisReportResponse.model_validate(ask("models/analyze", body={"config": CONFIG}).json)
    assert max(report.workload.seq_length for report in default.reports) <= CONFIG["max_position_embeddings"]


def test_compare_gives_a_row_for_each_model_those_that_failed_with_why(ask: Ask) -> None:
    answered = ask("models/compare", body={"model_uris": [PUBLIC, GATED, "no such/model at all"]})
    rows = ComparisonReportResponse.model_validate(answered.json).rows
    assert answered.status == 200
    assert [row.error.error_code if row.error else None for row in rows] == [None, "MODEL_GATED", "INVALID_MODEL_ID"]
    assert rows[0].report is not None
    assert [row.error.config_submission_url if row.error else None for row in rows] == [None, SUBMIT, None]


@pytest.mark.parametrize("spelled", [GATED, GATED.replace("/", "%2F")])
def test_ids_are_understood_with_their_slash_encoded_or_not(ask: Ask, spelled: str) -> None:
    check = ConfigCheckResponse.model_validate(ask(f"models/config/check/{spelled}").json)
    assert (check.has_config, check.model_id) == (False, GATED)
    ask("models/config/submit", body={"model_uri": GATED, "config": CONFIG})
    check = ConfigCheckResponse.model_validate(ask(f"models/config/check/{spelled}").json)
    assert (check.has_config, check.is_verified) == (True, True)
    found = ConfigResponse.model_validate(ask(f"models/{spelled}/config").json)
    assert (found.model_id, found.config, found.source) == (GATED, CONFIG, "user_provided")


def test_a_config_that_lacks_fields_is_refused_with_their_names(ask: Ask) -> None:
    lacking = {name: value for name, value in CONFIG.items() if name not in {"hidden_size", "vocab_size"}}
    answered = ask("models/config/submit", body={"model_uri": GATED, "config": lacking})
    response = ConfigSubmitResponse.model_validate(answered.json)
    assert (answered.status, response.error_code) == (400, "INVALID_CONFIG")
    assert set(response.missing_fields) == {"hidden_size", "vocab_size"}
    assert set(response.required_fields) >= {"hidden_size", "num_hidden_layers", "vocab_size"}
    answered = ask("models/calculate", body={"config": lacking})
    assert (answered.status, set(error_of(answered)["missing_fields"])) == (400, {"hidden_size", "vocab_size"})
    assert not ask(f"models/config/check/{GATED}").json["has_config"]


@pytest.mark.parametrize("path", ["models/{}/config", "models/calculate"])
def test_a_model_without_a_config_is_answered_with_its_own_status(ask: Ask, path: str) -> None:
    for model, status, code in (
        ("org/no-such-model", 404, "NOT_FOUND"),
        ("datasets/squad", 400, "INVALID_MODEL_ID"),
        ("../../etc/passwd", 400, "INVALID_MODEL_ID"),
        ("config.json", 400, "INVALID_MODEL_ID"),
    ):
        body = {"model_uri": model} if path.endswith("calculate") else None
        answered = ask(path.format(model.replace("/", "%2F")), body)
        assert (answered.status, error_of(answered)["error_code"]) == (status, code)


def test_a_slow_hub_and_one_that_is_down_are_said_so(ask: Ask, hub: LoopbackHub) -> None:
    hub.stop()
    answered = ask("models/calculate", body={"model_uri": "org/unknown"})
    error = error_of(answered)
    assert (answered.status, error["error_code"], error["requires_config"]) == (503, "HUB_UNAVAILABLE", True)


def test_what_is_pasted_over_http_is_found_in_python_and_the_other_way_round(ask: Ask, tmp_path: Any) -> None:
    store = bw.ConfigStore(tmp_path / "configs.json")
    ask("models/config/submit", body={"model_uri": GATED, "config": CONFIG})
    stored = store.get(GATED)
    assert stored is not None
    assert stored.config == CONFIG
    other = list(GATED_CONFIGS)[1]
    store.put(other, GATED_CONFIGS[other])
    answered = ask("models/calculate", body={"model_uri": other})
    assert (answered.status, answered.json["config_source"]) == (200, "user_provided")


def test_a_store_that_cannot_be_read_names_no_path(ask: Ask, tmp_path: Any) -> None:
    (tmp_path / "configs.json").mkdir()
    answered = ask(f"models/config/check/{GATED}")
    assert (answered.status, error_of(answered)["error_code"]) == (503, "STORE")
    assert str(tmp_path) not in answered.text
    assert "configs.json" not in answered.text


def test_unknown_paths_and_methods_are_answered_in_json(ask: Ask) -> None:
    assert (ask("nothing").status, error_of(ask("nothing"))["error_code"]) == (404, "NOT_FOUND")
    assert error_of(ask("models/calculate"))["error_code"] == "METHOD_NOT_ALLOWED"


def test_the_address_of_a_folder_is_answered_with_its_config(ask: Ask, hub: LoopbackHub) -> None:
    files = (("config.json", as_file(CONFIG)), ("draft/config.json", as_file(QWEN_2_5_0_5B)))
    hub.put(Repo(model_id="org/two", files=files))
    draft = "https://huggingface.co/org/two/blob/main/draft/config.json"
    answered = MemoryReportResponse.model_validate(ask("models/calculate", body={"model_uri": draft}).json)
    assert (answered.model_id, answered.num_parameters) == ("hf://org/two/draft", PARAMETERS["Qwen/Qwen2.5-0.5B"])
    hub.put(Repo(model_id="org/two", files=files, gated="manual"))
    error = error_of(ask("models/calculate", body={"model_uri": draft}))
    assert (error["error_code"], error["requires_config"]) == ("MODEL_GATED", False)
    refused = ask("models/config/submit", body={"model_uri": draft, "config": CONFIG})
    assert not refused.json["success"]
