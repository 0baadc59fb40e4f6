"""An access token that somebody put where it doesn't belong is never shown: in no error, report, table or page."""

from __future__ import annotations

import json
import re
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import pytest
from architectures.oracle_rows import rows
from hypothesis import example, given, settings
from hypothesis import strategies as st

import budsim_widgets as bw
from budsim_widgets.access_tokens import masked, plain_letters
from budsim_widgets.actions import Actions
from budsim_widgets.architectures import build
from budsim_widgets.engines import Workload
from budsim_widgets.errors import BudsimError, ConfigError, WorkloadError
from budsim_widgets.memory import measure
from budsim_widgets.printable import printable, quoted, shortened
from budsim_widgets.resolver import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LETTERS = "AbCdEfGhIjKlMnOpQr0123456789AbCdEf"
TOKEN = f"hf_{LETTERS}"
FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in TOKEN}
FORMS = {
    "plain": TOKEN,
    "full-width": TOKEN.translate(FULL_WIDTH),
    "broken": f"{TOKEN[:12]}\n{TOKEN[12:]}",
    "broken and indented": f"{TOKEN[:20]}\r\n    {TOKEN[20:]}",
    "invisible": f"{TOKEN[:9]}\u200b{TOKEN[9:]}",
    "coloured": f"\x1b[31m{TOKEN[:9]}\x1b[0m{TOKEN[9:]}\x1b[0m",
    "in a text": f"a sentence with \x1b[2J{TOKEN}, and more",
    "in an address": f"https://user:{TOKEN}@huggingface.co/org/model",
    "behind a long text": f"{'x' * 50} {TOKEN}",
}
SHOWN_FORMS = ("plain", "in a text", "behind a long text")
CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 32000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
SHORTEST_PART = 10
PARTS = {LETTERS[start : start + SHORTEST_PART] for start in range(len(LETTERS) - SHORTEST_PART + 1)}


def assert_nothing_shown(*shown: object) -> None:
    for text in map(str, shown):
        letters = re.sub(r"\s|\\n|\\r", "", plain_letters(text))
        assert not any(part in letters for part in PARTS), text
        assert text.replace("\n", "").isprintable(), text


def assert_error_hides(error: BudsimError) -> None:
    assert_nothing_shown(error, error.message, error.next_step, *error.to_dict().values(), *map(repr, error.args))


def refusal_of(work: Callable[[], Any]) -> BudsimError | None:
    try:
        work()
    except BudsimError as error:
        return error
    return None


def with_a_text(config: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    """The config with the text in place of each text that it holds, and of each field that may be one."""
    for name, value in config.items():
        if isinstance(value, (str, int, type(None))):
            yield {**config, name: text}
        elif isinstance(value, list):
            yield {**config, name: [text, *value[1:]]}
        elif isinstance(value, dict):
            yield from ({**config, name: changed} for changed in with_a_text(value, text))


_tokens = st.builds(
    "{}{}{}{}".format,
    st.text(max_size=20),
    st.sampled_from([*FORMS.values()]),
    st.sampled_from([" ", "\n", "/", ".", "'", "\x00"]),
    st.text(max_size=20),
)


@given(_tokens)
@example(f"hf_{TOKEN}")
@settings(max_examples=300, deadline=None)
def test_whatever_is_made_printable_holds_no_token(text: str) -> None:
    assert len(masked(text)) == len(text)
    for limit in (8, 40, 60, 500):
        assert_nothing_shown(printable(text), quoted(text, limit), shortened(text, limit))
    assert_error_hides(ConfigError("FIELD_VALUE", f"`a` is {text}."))
    assert_error_hides(WorkloadError("No.", field="precision", next_step=f"Not {text}."))


@pytest.mark.parametrize(
    "text",
    [
        "Llama-3.1-8B-Instruct",
        "weights on a GPU",
        "Bearer tokens aren't read",
        "task-specific-adapters-of-a-model",
        "hf_token",
        "",
        "é…",
    ],
)
def test_what_is_no_token_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "token",
    [
        f"sk-{LETTERS}",
        f"ghp_{LETTERS}",
        f"github_pat_{LETTERS}",
        f"Bearer {LETTERS}",
        f"eyJ{LETTERS}.eyJ{LETTERS}.{LETTERS}",
    ],
)
def test_tokens_of_others_are_masked_to_their_end(token: str) -> None:
    assert_nothing_shown(masked(f"with {token} in it"))
    assert masked(f"with {token} in it").startswith("with ")


@pytest.mark.parametrize("form", FORMS)
def test_a_config_with_a_token_anywhere_is_refused_and_shows_none(form: str, tmp_path: Path) -> None:
    actions = Actions(Resolver(bw.ConfigStore(tmp_path / "store.json")))
    quantized = {"quant_method": "fp8", "modules_to_not_convert": ["lm_head"], "fmt": "e4m3"}
    whole = {**CONFIG, "dtype": "bfloat16", "architectures": ["LlamaForCausalLM"], "quantization_config": quantized}
    for config in with_a_text(whole, FORMS[form]):
        error = refusal_of(lambda config=config: actions.calculate(config))  # type: ignore[misc]
        assert isinstance(error, ConfigError)
        assert_error_hides(error)
        comparison = actions.compare([config, CONFIG])
        assert_nothing_shown(repr(comparison), comparison._repr_html_(), json.dumps(comparison.to_dict()))
        assert_nothing_shown(actions.validate(config), actions.submit_config("org/model", config))
        assert_nothing_shown(actions.submit_config("org/model", json.dumps(config)))


@pytest.mark.slow
@pytest.mark.parametrize(("place", "form"), list(enumerate(SHOWN_FORMS)), ids=SHOWN_FORMS)
def test_descriptions_and_formats_repeat_none_of_it(place: int, form: str) -> None:
    """Behind the checks of intake, which refuses it before; the page, for all the fields together that may hold it.
    Each type in one of the forms: what a description repeats doesn't depend on the form.
    """
    for row in rows("defaults")[place :: len(SHOWN_FORMS)]:
        config = {**row["config"], "architectures": None}
        accepted = []
        for changed in with_a_text(config, FORMS[form]):
            error = refusal_of(lambda changed=changed: assert_report_hides(changed))  # type: ignore[misc]
            if error is None:
                accepted.append(changed)
            else:
                assert_error_hides(error)
        assert_pages_hide(config, accepted)


def assert_report_hides(config: dict[str, Any]) -> None:
    report = measure(build(config), Workload())
    assert_nothing_shown(repr(report), json.dumps(report.to_dict()))


def assert_pages_hide(config: dict[str, Any], accepted: list[dict[str, Any]]) -> None:
    """One page for as many of the changes as can be made together."""
    if not accepted:
        return
    together = reduce(partial(merged, config), accepted)
    error = refusal_of(lambda: assert_nothing_shown(measure(build(together), Workload())._repr_html_()))
    if error is not None and len(accepted) > 1:
        half = len(accepted) // 2
        assert_pages_hide(config, accepted[:half])
        assert_pages_hide(config, accepted[half:])
    elif error is not None:
        assert_error_hides(error)


def merged(config: dict[str, Any], first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """What either of them changes in the config."""
    return {
        name: merged(value, first[name], second[name])
        if isinstance(value, dict)
        else first[name]
        if second[name] == value
        else second[name]
        for name, value in config.items()
    }


@pytest.mark.parametrize("form", FORMS)
def test_a_parameter_with_a_token_shows_none(form: str) -> None:
    token = FORMS[form]
    given_values: list[dict[str, Any]] = [
        {name: token}
        for name in ("precision", "kv_cache_precision", "engine", "batch_size", "seq_length", "accelerator", token)
    ]
    given_values += [{"engine": {"name": "vllm", token: 1}}, {"engine": {"name": "vllm", "version": token}}]
    for given_value in given_values:
        error = refusal_of(lambda given_value=given_value: bw.calculate(CONFIG, **given_value))  # type: ignore[misc]
        assert error is not None
        assert_error_hides(error)
    for error in (
        refusal_of(lambda: bw.finetune(CONFIG, lora_targets=token)),
        refusal_of(lambda: bw.finetune(CONFIG, modules_to_save=(token,))),
        refusal_of(lambda: bw.finetune(CONFIG, optimizer=token)),
        refusal_of(lambda: bw.fit(CONFIG, token)),
        refusal_of(lambda: bw.Accelerator(name=token, memory_gib=0)),  # type: ignore[call-arg]
    ):
        assert error is not None
        assert_error_hides(error)


@pytest.mark.parametrize("form", FORMS)
def test_an_id_or_a_path_with_a_token_shows_none(form: str, tmp_path: Path) -> None:
    actions = Actions(Resolver(bw.ConfigStore(tmp_path / "store.json")))
    token = FORMS[form]
    for text in (token, f"org/{token}", f"{token}.json", f"https://huggingface.co/{token}", f"org/model@{token}"):
        error = refusal_of(lambda text=text: actions.calculate(text))  # type: ignore[misc]
        assert error is not None
        assert_error_hides(error)
        assert_nothing_shown(actions.validate(text), actions.submit_config(text, CONFIG), repr(actions.compare([text])))
