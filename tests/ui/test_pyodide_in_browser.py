"""The package in a browser's own Python: the same numbers, the Hub asked by the browser, no thread and no socket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from architectures.oracle_rows import is_described, rows
from hub.loopback import LoopbackHub
from hub.repos import LLAMA_3_1_8B

from ui.browser_python import DISTRIBUTION, BrowserPython, PyodideServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]

GATED = "meta-llama/Llama-3.1-8B"
SUMS = """
import budsim_widgets as bw

def sums(config):
    answers = [bw.architecture(config).num_parameters]
    for engine in ("transformers", "vllm", "sglang", "llama.cpp"):
        try:
            answers.append(bw.calculate(config, engine=engine, seq_length=8192, batch_size=3).to_dict())
        except bw.BudsimError as error:
            answers.append(error.error_code)
    return answers
"""
MORE = """
fitted = bw.fit(llama, "2x3090", engine="vllm", seq_length=16384)
more = [fitted.to_dict(), bw.finetune(llama, "qlora", accelerator="4090").to_dict(), bw.analyze(llama).to_dict()]
more += [bw.sweep(llama, accelerators=["T4", "4090"], batch_sizes=range(1, 40)).to_dict(), repr(bw.compare([llama]))]
"""


@pytest.fixture(scope="module")
def python(browser: Browser) -> Iterator[BrowserPython]:
    if not DISTRIBUTION.exists():
        pytest.skip("there is no Pyodide: `make pyodide` gets it from npm and its wheels from PyPI")
    with PyodideServer() as server:
        context = browser.new_context()
        yield BrowserPython(context.new_page(), server.url)
        context.close()


@pytest.fixture
def hub(python: BrowserPython) -> Iterator[LoopbackHub]:
    """The Hub on this machine, for which the browser's Python starts anew."""
    with LoopbackHub() as hub:
        hub.lets_pages_ask = True
        python.run(
            "import os; from budsim_widgets.actions import default_actions; default_actions.cache_clear();"
            f"os.environ |= {{'HF_ENDPOINT': {hub.endpoint!r}, 'BUDSIM_STORE': '/tmp/{hub.endpoint[-5:]}.json'}}"
        )
        yield hub


def here(code: str, result: str, **names: Any) -> Any:
    """What the same code gives in this process, as JSON would have it."""
    exec(compile(code, "here", "exec", dont_inherit=True), names)  # noqa: S102 - of this file
    return json.loads(json.dumps(names[result]))


def test_one_default_in_sixteen_has_the_same_answers_there_as_here(python: BrowserPython) -> None:
    described = [row for row in rows("defaults") if is_described((row["model_type"], row["architecture"]))]
    configs = [row["config"] for row in described[::16]]
    code = f"{SUMS}\nanswers = [sums(config) for config in configs]"
    told = python.run(f"import json\nconfigs = json.loads({json.dumps(configs)!r})\n{code}\njson.dumps(answers)")
    assert len(told) > 20
    assert told == here(code, "answers", configs=configs)


def test_fit_training_sweeps_and_tables_are_the_same(python: BrowserPython) -> None:
    code = f"import budsim_widgets as bw\n{MORE}"
    told = python.run(f"import json\nllama = json.loads({json.dumps(LLAMA_3_1_8B)!r})\n{code}\njson.dumps(more)")
    assert told == here(code, "more", llama=LLAMA_3_1_8B)


@pytest.mark.parametrize("how", ["async", "sync"])
def test_the_hub_is_asked_by_the_browser_with_plain_requests(python: BrowserPython, hub: LoopbackHub, how: str) -> None:
    """`async` waits for `fetch`; where a browser can't suspend Python, a synchronous XMLHttpRequest does it."""
    code = "report = bw.calculate('Qwen/Qwen2.5-7B'); json.dumps([report.num_parameters, report.config_source])"
    assert python.run(f"import json; import budsim_widgets as bw; {code}", how=how) == [7_615_616_512, "huggingface"]
    assert {request.method for request in hub.requests} == {"GET"}


REFUSED = """
import json
import budsim_widgets as bw
try:
    bw.calculate({model!r})
    error = None
except bw.BudsimError as raised:
    error = raised
json.dumps([type(error).__name__, error.message, error.next_step])
"""


def test_a_gated_model_is_pasted_kept_and_calculated(python: BrowserPython, hub: LoopbackHub) -> None:
    name, message, _ = python.run(REFUSED.format(model=GATED))
    assert (name, GATED in message) == ("GatedModelError", True)
    submit = f"submitted = bw.submit_config({GATED!r}, {json.dumps(LLAMA_3_1_8B)!r}).success"
    told = python.run(f"{submit}; json.dumps([submitted, bw.calculate({GATED!r}).config_source])")
    assert told == [True, "user_provided"]
    assert {request.method for request in hub.requests} == {"GET"}


@pytest.mark.parametrize("how", ["async", "sync"])
def test_where_the_browser_refuses_to_ask_a_paste_is_offered(python: BrowserPython, hub: LoopbackHub, how: str) -> None:
    hub.lets_pages_ask = False
    name, message, next_step = python.run(REFUSED.format(model="Qwen/Qwen2.5-7B"), how=how)
    assert name == "HubUnavailableError"
    assert message.endswith("there is no network, or this page may not ask it.")
    assert "paste the model's config.json" in next_step


def test_the_panel_asks_for_a_paste_and_goes_on(python: BrowserPython, hub: LoopbackHub) -> None:
    code = f"""
panel = bw.MemoryPanel({GATED!r})
panel.calculate_button.click()
await panel.idle()
asked = panel.prompt.visible
panel.prompt.text_input.value = {json.dumps(LLAMA_3_1_8B)!r}
panel.prompt.submit_button.click()
await panel.idle()
json.dumps([asked, panel.result.num_parameters, panel.error])
"""
    assert python.run(f"import json\nimport budsim_widgets as bw\n{code}") == [True, 8_030_261_248, None]
    assert hub.requests


def test_no_thread_is_started_and_nothing_is_warned_of(python: BrowserPython, hub: LoopbackHub) -> None:
    code = """
import json, threading, warnings
import budsim_widgets as bw
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    bw.calculate("Qwen/Qwen2.5-7B")
json.dumps([threading.active_count(), list(map(str, told))])
"""
    assert python.run(code) == [1, []]
    assert hub.requests
