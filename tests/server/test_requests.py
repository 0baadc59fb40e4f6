"""What a body may hold: what it may not is refused by name, and no short question has an endless answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hub.repos import GATED_CONFIGS, PARAMETERS, PUBLIC_CONFIGS

from budsim_widgets.server.responses import ErrorResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.conftest import Answered

    Ask = Callable[..., Answered]

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
PUBLIC = next(iter(PUBLIC_CONFIGS))

BAD_BODIES: list[tuple[Any, str | None, str]] = [
    ({}, None, "Give either"),
    ({"model_uri": "a/b", "config": {}}, None, "Give either"),
    ({"model_uri": 3}, "model_uri", "valid string"),
    ({"model_uri": "a/b", "batch_size": 0}, "batch_size", "greater than or equal to 1"),
    ({"model_uri": "a/b", "batch_size": -1}, "batch_size", "greater than or equal to 1"),
    ({"model_uri": "a/b", "batch_size": True}, "batch_size", "valid integer"),
    ({"model_uri": "a/b", "seq_length": 10**18}, "seq_length", "less than or equal to 100000000"),
    ({"model_uri": "a/b", "bach_size": 1}, "bach_size", "no such field"),
    ({"config": [CONFIG]}, "config", "a JSON object"),
    ({"config": CONFIG, "precision": "int3"}, "precision", "has no precision"),
    ({"config": CONFIG, "engine": "lmdeploy"}, "engine", "unknown"),
    ({"config": {"hidden_size": 10**18}}, None, "lacks"),
    ("[]", None, "a JSON object"),
    ("null", None, "a JSON object"),
    ("", None, "empty"),
    ('{"model_uri": "a/b"', None, "ends too early"),
    (b"\xff\xfe{}", None, "Byte 1 of the body"),
    ('{"model_uri": "a/b", "model_uri": "c/d"}', None, "twice"),
    ("[" * 100_000, None, "lists and objects"),
    ('{"config": {"hidden_size": NaN}}', None, "NaN"),
    ('{"config": {"hidden_size": 1' + "0" * 5_000 + "}}", None, "digits"),
]


def test_a_body_that_is_not_what_the_route_takes_is_refused_by_name(ask: Ask) -> None:
    for body, field, told in BAD_BODIES:
        answered = ask("models/calculate", body=body, method="POST")
        error = ErrorResponse.model_validate(answered.json)
        assert answered.status == 400
        assert error.error_code in {"INVALID_REQUEST", "INVALID_PARAMETER", "INVALID_CONFIG"}
        assert error.next_step
        assert told in error.message
        assert field is None or error.details.get("field") == field


def test_a_mark_before_the_json_is_no_part_of_it(ask: Ask) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"config": CONFIG}).encode()
    assert ask("models/calculate", body).json["num_parameters"] == PARAMETERS[GATED]


def test_a_short_question_has_no_endless_answer(ask: Ask) -> None:
    """So many layers on as many devices, again for each of many lengths: a hundred MiB, unless it is refused."""
    deep = {"config": {**CONFIG, "num_hidden_layers": 1_024}, "tensor_parallel": 8}
    asked = [
        ("models/calculate", {**deep, "pipeline_parallel": 1_024}),
        ("models/analyze", {**deep, "pipeline_parallel": 16, "seq_lengths": list(range(1, 65))}),
        ("models/analyze", {**deep, "pipeline_parallel": 128}),
        ("models/compare", {"model_uris": [PUBLIC] * 16, "tensor_parallel": 8, "pipeline_parallel": 64}),
        ("models/compare", {"model_uris": [PUBLIC] * 17}),
        ("models/analyze", {"config": CONFIG, "seq_lengths": list(range(1, 10_001))}),
    ]
    for path, body in asked:
        answered = ask(path, body)
        assert (answered.status, answered.json["error_code"]) == (400, "INVALID_REQUEST")
    answered = ask("models/calculate", {**deep, "pipeline_parallel": 512})
    assert len(answered.json["per_device"]) == 4_096
