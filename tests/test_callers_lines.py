"""An error in a cell is a sentence with its next step, and the person's own lines: no traceback of ours."""

from __future__ import annotations

import linecache

import pytest
from IPython.core.interactiveshell import InteractiveShell
from test_errors import KINDS, _example

from budsim_widgets import errors


def cell_lines(error: errors.BudsimError) -> list[str]:
    return error._render_traceback_()


CELL = """import budsim_widgets as bw

def ask(model_id):
    return bw.calculate(model_id)

ask("no/such/model/at all")
"""


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> str:
    InteractiveShell().run_cell(CELL)
    return capsys.readouterr().out


def test_a_cell_shows_the_sentence_and_the_next_step(shown: str) -> None:
    assert "\nModelIdError: “no/such/model/at all” has " in shown
    assert shown.endswith("Type its id as owner/name, for example meta-llama/Llama-3.1-8B.\n")
    assert "Traceback" not in shown
    assert "budsim_widgets/" not in shown


def test_it_names_the_lines_of_the_cell(shown: str) -> None:
    lines = shown.strip().splitlines()
    assert lines[0] == 'line 6: ask("no/such/model/at all")'
    assert lines[1] == "line 4: return bw.calculate(model_id)"


def test_the_debugger_still_has_every_frame() -> None:
    shell = InteractiveShell()
    ran = shell.run_cell(CELL)
    assert isinstance(ran.error_in_exec, errors.ModelIdError)
    frames = ran.error_in_exec.__traceback__
    depth = 0
    while frames is not None:
        depth, frames = depth + 1, frames.tb_next
    assert depth > 3


def test_a_file_of_the_persons_own_is_named() -> None:
    try:
        raise _example(errors.HubOfflineError)
    except errors.HubOfflineError as error:
        first, *rest = cell_lines(error)
    assert first.endswith(": raise _example(errors.HubOfflineError)")
    assert first.startswith(f"{__file__}, line ")
    assert rest == ["HubOfflineError: There is nothing.", "Paste the config."]


def test_a_token_in_a_cell_is_not_shown() -> None:
    source, name = f"raise error  # hf_{'a' * 34}", "<a cell>"
    linecache.cache[name] = (len(source), None, [source], name)
    with pytest.raises(errors.TokenError) as refused:
        exec(compile(source, name, "exec"), {"error": _example(errors.TokenError)})  # noqa: S102 - a cell
    shown = "\n".join(cell_lines(refused.value))
    assert "line 1: raise error  # " in shown
    assert "hf_aaa" not in shown


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_has_its_name_its_sentence_and_its_step(kind: type[errors.BudsimError]) -> None:
    assert cell_lines(_example(kind)) == [f"{kind.__name__}: There is nothing.", "Paste the config."]


def test_a_config_that_the_hub_does_not_give_has_its_box_and_its_call_named() -> None:
    unreachable = errors.HubUnavailableError("Nothing answers.", model_id="a/b")
    assert cell_lines(unreachable)[-1] == (
        "The box for it: bw.MemoryPanel('a/b'), a click on Calculate memory. In code: bw.submit_config('a/b', text)."
    )


@pytest.mark.parametrize(
    "error",
    [errors.TeamStoreError("Nothing answers.", model_id="a/b"), errors.WorkloadError("No.", field="precision")],
)
def test_what_no_config_helps_names_none(error: errors.BudsimError) -> None:
    assert "submit_config" not in "\n".join(cell_lines(error))
