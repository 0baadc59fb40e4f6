"""The description: valid OpenAPI 3.1, of every route and of no other, and true of every answer."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS, PUBLIC_CONFIGS
from jsonschema import Draft202012Validator
from tornado.web import RequestHandler

from budsim_widgets.server.openapi import describe
from budsim_widgets.server.routes import URLS, NotFoundHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.loopback import LoopbackHub

    from server.conftest import Answered

    Ask = Callable[..., Answered]

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
PUBLIC = next(iter(PUBLIC_CONFIGS))
BASE_URL = "/user/jane/"


@cache
def description() -> dict[str, Any]:
    return describe(BASE_URL)


def methods_of(handler: type[RequestHandler]) -> set[str]:
    names = ("get", "head", "post", "put", "patch", "delete")
    return {name for name in names if getattr(handler, name) is not RequestHandler._unimplemented_method}


def test_every_route_is_described_and_nothing_else_is() -> None:
    described = {path: set(operations) for path, operations in description()["paths"].items()}
    routes = {
        "/" + re.sub(r"\(\.\+\)", "{model_id}", pattern).replace("\\", "").removeprefix("budsim/api/"): handler
        for pattern, handler in URLS
        if handler is not NotFoundHandler
    }
    assert described == {path: methods_of(handler) for path, handler in routes.items()}


@pytest.mark.slow  # schemathesis takes seconds to import
def test_it_is_valid_openapi_3_1() -> None:
    import schemathesis  # noqa: PLC0415 - as said

    schemathesis.openapi.from_dict(description()).validate()
    assert description()["openapi"].startswith("3.1")
    for schema in description()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_it_knows_where_the_server_stands(ask: Ask) -> None:
    assert description()["servers"] == [{"url": "/user/jane/budsim/api"}]
    assert ask("openapi.json").json == describe("/a%40b/")


def test_the_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for path in description()["paths"].values() for operation in path.values()]
    assert sorted(names) == sorted(set(names))
    assert {"calculate", "config_submit", "config_check", "config"} <= set(names)


def assert_described(path: str, method: str, answered: Answered) -> None:
    """The answer is one that the description of its route holds."""
    responses = description()["paths"][f"/{path}"][method]["responses"]
    assert str(answered.status) in responses
    assert answered.headers["Content-Type"] == "application/json"
    schema = responses[str(answered.status)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": description()["components"]}
    Draft202012Validator(whole).validate(answered.json)


BODIES: dict[str, list[dict[str, Any] | str]] = {
    "models/validate": [{"model_uri": PUBLIC}, {"model_uri": GATED}, {"model_uri": "a b"}, {}, "["],
    "models/calculate": [
        *({"model_uri": model} for model in (PUBLIC, GATED, "org/none", "a b", "example/original-weights")),
        *({"config": CONFIG, "tensor_parallel": 2, "pipeline_parallel": count} for count in (1, 3)),
        *({"config": CONFIG, name: value} for name, value in (("batch_size", 0), ("precision", "int3"))),
        *({"config": {name: value for name, value in CONFIG.items() if name != left_out}} for left_out in CONFIG),
    ],
    "models/fit": [
        *({"model_uri": model, "accelerator": "RTX 4090"} for model in (PUBLIC, GATED, "org/none")),
        *({"config": CONFIG, "accelerator": given} for given in ("2x3090", "3x3090", "RTX 9999", "hf_" + "a" * 34)),
        {"config": CONFIG, "accelerator": {"name": "my card", "memory_gib": 20}, "engine": {"name": "vllm"}},
        *({"config": CONFIG, "accelerator": given} for given in ({"memory_gib": -1}, {"colour": 1}, [], 7, "")),
    ],
    "models/finetune": [
        *({"model_uri": model, "accelerator": "RTX 4090"} for model in (PUBLIC, GATED, "org/none")),
        *({"config": CONFIG, "method": method} for method in ("full", "lora", "qlora", "prefix")),
        {"config": CONFIG, "accelerator": "2x3090", "sharding": "zero3", "lora_targets": ["q_proj"], "seq_length": 512},
        {"config": CONFIG, "accelerator": {"memory_gib": 2}, "method": "full", "gradient_checkpointing": "offload"},
        *(
            {"config": CONFIG, name: value}
            for name, value in (("lora_rank", 0), ("lora_targets", ["none"]), ("tool", 7))
        ),
    ],
    "models/compare-precisions": [
        *({"model_uri": model, "accelerator": "RTX 4090"} for model in (PUBLIC, GATED, "org/none")),
        *(
            {"config": CONFIG, "engine": engine}
            for engine in ("llama.cpp", {"name": "llama.cpp", "gpu_layers": 5}, "vllm")
        ),
        *({"config": CONFIG, name: value} for name, value in (("precision", "Q4_K_M"), ("engine", "none"))),
        {"config": CONFIG, "accelerator": "2x3090", "seq_length": 4096, "kv_cache_precision": "q8_0"},
        {"config": CONFIG, "engine": {"name": "llama.cpp", "gpu_layers": 5000}},
    ],
    "models/check-log": [
        *({"model_uri": model, "text": "Model loading took 14.2 GiB"} for model in (PUBLIC, GATED, "org/none")),
        *({"config": CONFIG, "text": text} for text in ("Available KV cache memory: 3.1 GiB", "hello", "", 7)),
    ],
    "models/analyze": [
        {"model_uri": PUBLIC},
        {"model_uri": GATED},
        {"config": CONFIG, "seq_lengths": [7, 9]},
        # a window that fills up on the way: the bytes of a token are an average
        {"config": {**CONFIG, "model_type": "mistral", "sliding_window": 500}, "seq_lengths": [400, 700]},
    ],
    "models/compare": [{"model_uris": [PUBLIC, GATED, "a b"]}, {"model_uris": []}, {"model_uris": [PUBLIC] * 17}],
    "models/config/submit": [
        {"model_uri": GATED, "config": CONFIG},
        {"model_uri": GATED, "config": {**CONFIG, "num_hidden_layers": 31}},
        {"model_uri": GATED, "config": {}},
        {"model_uri": GATED, "config": "{"},
        {"model_uri": "a b", "config": CONFIG},
        {"model_uri": "hf_" + "a" * 34, "config": CONFIG},
        {"model_uri": GATED},
    ],
}


@pytest.mark.parametrize("path", BODIES)
def test_every_answer_is_as_described(ask: Ask, hub: LoopbackHub, jp_auth_header: dict[str, str], path: str) -> None:
    for body in BODIES[path]:
        assert_described(path, "post", ask(path, body))
    assert_described(path, "post", ask(path, "{}", headers={}))
    assert_described(path, "post", ask(path, "x" * 2_000_000))
    assert_described(path, "post", ask(path, "{}", headers={**jp_auth_header, "Content-Encoding": "gzip"}))
    hub.stop()
    for model in ("org/other", GATED):
        asked = {"model_uris": [model]} if path.endswith("compare") else {"model_uri": model}
        assert_described(path, "post", ask(path, {**asked, "config": CONFIG} if path.endswith("submit") else asked))


@pytest.mark.parametrize("path", ["models/config/check/{model_id}", "models/{model_id}/config"])
def test_every_answer_about_a_model_is_as_described(ask: Ask, path: str) -> None:
    for model in (PUBLIC, GATED, "org/none", "a b", "hf_" + "a" * 34, "gpt2", "<b>"):
        asked = path.format(model_id=model.replace(" ", "%20"))
        assert_described(path, "get", ask(asked))
        assert_described(path, "get", ask(asked, headers={}))


def test_a_method_that_a_route_lacks_is_refused_with_those_that_it_has(ask: Ask) -> None:
    answered = ask("models/calculate", "{}", method="PUT")
    assert (answered.status, answered.headers["Allow"]) == (405, "POST, OPTIONS")
    assert ask("openapi.json", method="DELETE").headers["Allow"] == "GET, OPTIONS"


def test_every_accelerator_is_listed_as_described(ask: Ask) -> None:
    answered = ask("models/accelerators")
    assert_described("models/accelerators", "get", answered)
    assert {"RTX 4090 24GB", "H100 80GB"} <= {one["name"] for one in answered.json["accelerators"]}
