"""Whatever others wrote, only text is shown of it: in `repr`, in tables, in HTML, in errors, in logs."""

from __future__ import annotations

import inspect
import json
import logging
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hub.errors.test_translate import CONTEXT, HTTPX
from hub.repos import LLAMA_3_1_8B
from hub.scenario import Status
from huggingface_hub import hf_raise_for_status
from huggingface_hub.errors import HfHubHTTPError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_errors import KINDS

from budsim_widgets import errors
from budsim_widgets.actions import Actions
from budsim_widgets.actions.difference import difference
from budsim_widgets.architectures import build
from budsim_widgets.engines import Workload
from budsim_widgets.errors import BudsimError, StoreError
from budsim_widgets.hub import HubClient, HubInfo
from budsim_widgets.hub.errors.translate import translate
from budsim_widgets.hub.ids.commits import as_commit
from budsim_widgets.hub.info import read_info
from budsim_widgets.hub.transport.request_context import REAL_HUB
from budsim_widgets.intake import read_config
from budsim_widgets.memory import measure
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.printable import printable, printable_traceback
from budsim_widgets.resolver import Resolver
from budsim_widgets.sharing.summaries import ShareSummary, SyncSummary
from budsim_widgets.store import ConfigStore
from budsim_widgets.verification.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

    from budsim_widgets.memory.report import MemoryReport

WORST = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egpj.exe\u2066\u200b\u2028\x00\r\n\ud800</b><script>"
hostile = st.lists(
    st.sampled_from([*WORST, "\x1b[31m", "\u2069", "\u2029", "\x7f", "\x85", "\u00ad", "\ufeff", "\udfff"])
    | st.text(max_size=6),
    max_size=5,
).map("".join)
FAST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def assert_only_text(*shown: object) -> None:
    for text in map(str, shown):
        odd = {character for character in text if not character.isprintable() and character != "\n"}
        assert not odd, text
        text.encode("utf-8")


def assert_line(*shown: str) -> None:
    for text in shown:
        assert text.isprintable(), text


@given(st.text())
@example(WORST)
def test_a_printable_text_is_a_line_of_the_same_length_and_printable_ones_stay(text: str) -> None:
    shown = printable(text)
    assert_line(shown)
    assert len(shown) == len(text)
    assert all(new == old for new, old in zip(shown, text, strict=True) if old.isprintable())
    assert printable(shown) == shown
    assert_only_text(printable(text, keeps="\n"))
    assert printable(text, keeps="\n").count("\n") == text.count("\n")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(hostile, hostile)
@example(WORST, WORST)
@settings(max_examples=20)
def test_an_error_is_a_line(kind: type[BudsimError], message: str, next_step: str) -> None:
    parameters = inspect.signature(kind).parameters
    required: dict[str, Any] = {name: "x" for name in ("field", "path", "code") if name in parameters}
    if "kind" in parameters:
        required["kind"] = "x"
    error = kind(**required, message=message, next_step=next_step)
    assert_line(str(error), error.message, error.next_step, repr(error))
    assert_only_text(json.dumps(error.to_dict(), ensure_ascii=False))


def assert_report_shown(report: MemoryReport) -> None:
    assert_only_text(repr(report), report._repr_html_(), report.to_frame().to_string())
    assert_line(*report.notes, *report.recommendations)


def configs_with(text: str) -> list[dict[str, Any]]:
    """A config that holds the text wherever one may stand."""
    changes: list[dict[str, Any]] = [
        {"model_type": text},
        {"model_type": text, "architectures": [text]},
        {"architectures": [text]},
        {"architectures": [f"{text}ForCausalLM"]},
        {"torch_dtype": text},
        {"dtype": text},
        {"hidden_act": text},
        {text: text},
        {text: {text: 1}},
        {"vocab_size": text},
        {"layer_types": [text] * 32},
        {"rope_scaling": {"rope_type": text, "factor": 2.0}},
        {"quantization_config": {"quant_method": text, "bits": 4}},
        {"quantization_config": {"quant_method": text}},
        {"quantization_config": {"quant_method": "gptq", "bits": text}},
        {"quantization_config": {"quant_method": "fp8", "modules_to_not_convert": [text.replace("[", "")]}},
        {"quantization_config": {"quant_method": "compressed-tensors", "format": text, "config_groups": {text: {}}}},
        {"quantization_config": text},
        {"auto_map": {text: text}},
        {"transformers_version": text, "_name_or_path": text},
    ]
    return [{**LLAMA_3_1_8B, **change} for change in changes]


@given(hostile)
@example(WORST)
@FAST
def test_a_config_shows_only_text(text: str) -> None:
    actions = Actions()
    for config in configs_with(text):
        comparison = actions.compare([config, {**config, "num_hidden_layers": 0}])
        assert_only_text(repr(comparison), comparison._repr_html_(), comparison.to_frame().to_string())
        for row in comparison.rows:
            if row.report is not None:
                assert_report_shown(row.report)
            elif row.error is not None:
                assert_line(str(row.error), row.model_id)


def said_about(paste: str) -> tuple[str, ...]:
    try:
        reading = read_config(paste)
    except BudsimError as error:
        return (str(error),)
    return (*reading.repairs, reading.format)


@given(hostile)
@example(WORST)
@FAST
def test_a_paste_says_only_text(text: str) -> None:
    for config in configs_with(text):
        for paste in (json.dumps(config), repr(config), f"{text}{json.dumps(config)[:-9]}", f"{text}: {text}"):
            assert_line(*said_about(paste))


@given(hostile)
@example(WORST)
@example("\t")
@FAST
def test_a_report_says_only_text_whatever_its_notes_and_its_model(text: str) -> None:
    described = build(LLAMA_3_1_8B)
    report = measure(described, Workload(), model_id=text, config_source="dict", notices=(text,))
    label = replace(report.measured.weights.precision, dtype=text)
    measured = report.measured._replace(weights=replace(report.measured.weights, precision=label))
    assert_report_shown(replace(report, measured=measured))


@given(hostile)
@example(WORST)
@FAST
def test_a_model_that_cannot_be_found_is_a_row_of_text(tmp_path: Path, text: str) -> None:
    actions = Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint="ftp://none")))
    comparison = actions.compare([text, f"org/{text}", f"org/model@{text}", f"https://huggingface.co/{text}"])
    assert_only_text(repr(comparison), comparison._repr_html_(), comparison.to_frame().to_string())
    response = actions.submit_config(text, json.dumps(LLAMA_3_1_8B))
    assert_line(response.message, str(response.details.get("next_step", "")))
    validated = actions.validate(text)
    assert_line(validated.error or "")


@given(hostile)
@example(WORST)
@FAST
def test_a_difference_shows_only_text(tmp_path: Path, text: str) -> None:
    actions = Actions(Resolver(ConfigStore(tmp_path / "configs.json")))
    store = actions.resolver.store
    store.delete("org/model")
    store.put("org/model", {**LLAMA_3_1_8B, f"a{text}": text, "b": {f"c{text}": [text]}}, contributor=text)
    store.put("org/model", {**LLAMA_3_1_8B, "b": {"d": text}}, contributor=text, source_format=text)
    new, old = actions.saved.history("org/model")
    found = difference(old, new)
    assert_only_text(found, repr(found), found._repr_html_())
    assert_line(new.contributor or "", repr(new), repr(actions.saved.list()))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 429, 500])
@pytest.mark.parametrize("code", ["", "GatedRepo", "RepoNotFound", "EntryNotFound", "RevisionNotFound"])
@given(st.text(st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n"), max_size=30))
@example("\x1b]0;owned\x07 you are not in the authorized list \x9b31m")
@settings(max_examples=5)
def test_what_the_hub_says_is_shown_as_text(status: int, code: str, text: str) -> None:
    named = {"X-Error-Code": code, "X-Error-Message": text, "RateLimit": text, "Retry-After": text}
    headers = {name: value.encode("latin-1") for name, value in named.items() if value}
    request = HTTPX.Request("GET", f"{REAL_HUB}/org/name/resolve/main/config.json")
    with pytest.raises(HfHubHTTPError) as caught:
        hf_raise_for_status(HTTPX.Response(status, headers=headers, content=b"", request=request))
    translated = translate(caught.value, CONTEXT)
    assert translated is not None
    assert_line(str(translated), repr(translated))


@given(hostile, hostile)
@example(WORST, WORST)
@FAST
def test_what_the_hub_publishes_is_shown_as_text(text: str, other: str) -> None:
    body = {
        "id": "org/model",
        "gated": text,
        "safetensors": {"parameters": {text: 7_000_000_000, f"I{other}": 2**40}, "total": 2**41},
        "siblings": [{"rfilename": f"{text}.gguf"}, {"rfilename": f"{other}/params.json"}],
        "config": {"model_type": text},
    }
    info = read_info(json.dumps(body).encode())
    assert isinstance(info, HubInfo)
    quantized = {**LLAMA_3_1_8B, "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128}}
    for config in (LLAMA_3_1_8B, quantized):
        verification = verify(text, build(config), info, lambda: {text: 7_000_000_000, other: 8_030_261_248})
        assert_line(str(verification), verification.message, repr(verification))


@given(hostile)
@example(WORST)
def test_a_commit_is_a_hash_or_none(text: str) -> None:
    assert as_commit(text) is None
    assert as_commit("0123456789abcdef" * 2 + "01234567") == "0123456789abcdef" * 2 + "01234567"
    for near in ("A" * 40, "0" * 39, "0" * 41, "0" * 39 + "\n", "0" * 40 + "\n", 0):
        assert as_commit(near) is None


@pytest.mark.parametrize("header", ["main", "../../x", "\x1b[31mred", "0" * 64, ""])
def test_a_hub_that_names_no_commit_gives_a_config_without_a_revision(
    loopback_hub: LoopbackHub, tmp_path: Path, header: str
) -> None:
    content = json.dumps(LLAMA_3_1_8B)
    loopback_hub.fault = Status(code=200, body=content, headers=(("X-Repo-Commit", header),))
    resolver = Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint))
    for source in ("huggingface", "catalog"):
        resolved = resolver.resolve("Qwen/Qwen2.5-7B")
        assert (resolved.source, resolved.revision) == (source, None)


@given(st.lists(hostile, min_size=4, max_size=4))
@example([WORST] * 4)
@FAST
def test_an_import_says_only_text(tmp_path: Path, texts: list[str]) -> None:
    model_id, contributor, name, value = texts
    store = ConfigStore(tmp_path / "configs.json")
    version = {"version": 1, "updated_at": "2026-07-29", "is_verified": False, "published_parameters": None}
    record = {**version, "source_format": value, "contributor": value, "config": {value: value}, "history": []}
    table = {
        name: {**record, "model_id": model_id, "submitted_at": "2026-07-29"},
        f"{name}2": {**record, "model_id": "org/good", "submitted_at": "2026-07-29"},
        f"{name}3": {**record, "model_id": model_id, "submitted_at": value},
        f"{name}4": value,
    }
    content = json.dumps({"user_model_configs": table}).encode()
    summary = store.import_bytes(content, contributor=contributor, source_name=name)
    for rejected in summary.rejected:
        assert_line(rejected.model_id, rejected.reason)
    for stored in store.list():
        assert_line(stored.model_id, stored.source_format, stored.contributor or "", repr(stored))
    with pytest.raises(StoreError) as caught:
        store.import_bytes(value.encode("utf-8", "replace") + b"[", source_name=name)
    assert_line(str(caught.value))


def test_notices_and_warnings_of_the_store_are_lines(tmp_path: Path) -> None:
    folder = tmp_path / "a\x1b[31m\u202efolder"
    store = ConfigStore(folder / "configs.json")
    folder.mkdir()
    store.path.write_bytes(b"{" + WORST.encode("utf-8", "replace"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        store.list()
    assert_line(str(caught[0].message), *store.notices)
    with pytest.raises(StoreError) as refused:
        store.export_file(folder)
    assert_line(str(refused.value))


@given(hostile)
@example(WORST)
@FAST
def test_what_sharing_did_is_only_text(text: str) -> None:
    assert_only_text(ShareSummary(repo_id=text, shared=(text,), waiting=(text,), url=text).message)
    assert_only_text(SyncSummary(repo_id=text, notices=(text,)).message)


@given(hostile)
@example(WORST)
@FAST
def test_an_unexpected_error_is_logged_as_text(caplog: pytest.LogCaptureFixture, text: str) -> None:
    caplog.clear()
    shown: list[Exception] = []
    with errors_shown(shown.append):
        raise ValueError(text)
    assert_only_text(logging.Formatter().format(caplog.records[-1]), printable_traceback(shown[0]))
    assert "ValueError" in caplog.text
    assert caplog.records[-1].exc_info is not None


def test_every_kind_of_error_is_tried() -> None:
    assert errors.StoreError in KINDS
    assert len(KINDS) > 15
