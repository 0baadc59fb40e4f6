"""`budsim/panel`: a link shows its question, and becomes a notebook only by a click on this server's own page."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import nbformat
import pytest
from jupyter_server.auth import Authorizer
from panel.shown import HOSTILE, assert_harmless

from budsim_widgets.server.language import preferred_languages
from budsim_widgets.server.panel_page import PANEL_PATH
from server.conftest import Answered

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable
    from pathlib import Path

    Visit = Callable[..., Answered]

QUERY = "model=org%2Fmodel&batch_size=4&accelerator=RTX+4090"
FINETUNE = "model=org%2Fmodel&ask=finetune&method=qlora&lora_rank=64"
CODE = "bw.MemoryPanel('org/model', batch_size=4, accelerator='RTX 4090')"
XSRF = "0123456789abcdef" * 2
COOKIE = {"Cookie": f"_xsrf={XSRF}"}


class MayOnlyRead(Authorizer):
    def is_authorized(self, _handler: Any, _user: Any, action: str, _resource: str) -> bool:
        return action == "read"


@pytest.fixture
def visit(
    http_server_client: Any, jp_auth_header: dict[str, str], jp_base_url: str, jp_asyncio_loop: AbstractEventLoop
) -> Visit:
    """A browser that is logged in: `visit(query)`, or `visit(form={…})` for the click."""

    def visited(query: str = "", *, form: dict[str, str] | None = None, **headers: str) -> Answered:
        options = {} if form is None else {"method": "POST", "body": urlencode(form)}

        async def fetched() -> Any:  # the client takes the loop that runs, never one that another test left
            return await http_server_client.fetch(
                f"{jp_base_url}{PANEL_PATH}{'?' if query else ''}{query}",
                headers={**jp_auth_header, **headers},
                raise_error=False,
                follow_redirects=False,
                **options,
            )

        answer = jp_asyncio_loop.run_until_complete(fetched())
        return Answered(answer.code, dict(answer.headers), answer.body.decode())

    return visited


def notebooks(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.ipynb"))


def test_a_link_shows_its_question_and_changes_nothing(visit: Visit, jp_root_dir: Path) -> None:
    shown = visit(QUERY)
    assert shown.status == 200
    assert (
        "<code>bw.MemoryPanel(&#x27;org/model&#x27;, batch_size=4, accelerator=&#x27;RTX 4090&#x27;)</code>"
        in shown.text
    )
    assert '<form method="post">' in shown.text
    assert notebooks(jp_root_dir) == []
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in shown.headers["Content-Security-Policy"]
    # without a referrer the browser says of the click that it comes from nowhere, and Jupyter Server refuses it
    assert shown.headers["Referrer-Policy"] == "same-origin"


def test_a_click_makes_a_notebook_and_goes_there(visit: Visit, jp_root_dir: Path, jp_base_url: str) -> None:
    for name in ("budsim-panel.ipynb", "budsim-panel-1.ipynb"):
        went = visit(form={"question": QUERY})
        assert went.status == 302
        assert went.headers["Location"].startswith(jp_base_url)
        assert went.headers["Location"].endswith(f"/{name}")
    first = nbformat.read(notebooks(jp_root_dir)[0], as_version=4)
    nbformat.validate(first)
    assert first.cells[0].source == f"import budsim_widgets as bw\n\n{CODE}"
    assert first.cells[0].outputs == []


def test_another_page_cannot_click(visit: Visit, jp_root_dir: Path) -> None:
    by_cookie = {"Authorization": "", "Referer": "https://elsewhere.example/", **COOKIE}
    assert visit(form={"question": QUERY}, **by_cookie).status == 403
    assert notebooks(jp_root_dir) == []


def test_whoever_is_not_logged_in_is_sent_to_the_login(visit: Visit, jp_root_dir: Path) -> None:
    asked = visit(QUERY, Authorization="")
    assert asked.status == 302
    assert "/login?next=" in asked.headers["Location"]
    assert visit(form={"question": QUERY}, Authorization="").status in {302, 403}
    assert notebooks(jp_root_dir) == []


@pytest.mark.parametrize("server_settings", [{"authorizer_class": MayOnlyRead}], ids=["may only read"])
def test_whoever_may_not_write_files_gets_none(visit: Visit, jp_root_dir: Path) -> None:
    assert visit(QUERY).status == 200
    assert visit(form={"question": QUERY}).status == 403
    assert notebooks(jp_root_dir) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_link_is_text(visit: Visit, text: str) -> None:
    shown = visit(urlencode({"model": text}, errors="replace"))
    assert shown.status in {200, 400}
    body = re.sub(r"<!doctype html>|<meta[^>]*>|</?form[^>]*>|<input[^>]*>", "", shown.text)
    assert_harmless(body)
    assert json.dumps(text) not in shown.text


@pytest.mark.parametrize("query", ["batch_size=0", "actions=1", "model=hf_" + "aB3" * 12, "x" * 5000])
def test_what_is_no_question_is_said_and_makes_no_notebook(visit: Visit, jp_root_dir: Path, query: str) -> None:
    for shown in (visit(query), visit(form={"question": query})):
        assert shown.status == 400
        assert "be opened" in shown.text
        assert "aB3aB3" not in shown.text
    assert notebooks(jp_root_dir) == []


def test_a_question_of_fine_tuning_is_one(visit: Visit, jp_root_dir: Path) -> None:
    assert "what fine-tuning a model takes" in visit(FINETUNE).text
    assert visit(form={"question": FINETUNE}).status == 302
    made = nbformat.read(notebooks(jp_root_dir)[0], as_version=4).cells[0].source.splitlines()[-1]
    training = "{'method': 'qlora', 'lora_rank': 64}"
    assert made == f"bw.MemoryPanel('org/model', accelerator='', ask='finetune', training={training})"


def test_what_a_jupyterhub_adds_on_the_way_is_no_part_of_the_question(visit: Visit) -> None:
    assert visit(f"{QUERY}&redirects=1").status == 200


@pytest.mark.parametrize(
    ("accepted", "language", "button"),
    [
        ("", "en", "Open as a notebook"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh", "作为笔记本打开"),
        ("fr;q=0.9, zh-TW;q=0.5", "zh", "作为笔记本打开"),
        ("en-GB, zh;q=0.9", "en", "Open as a notebook"),
        ("tlh, fr", "en", "Open as a notebook"),
        ("zh;q=0, en", "en", "Open as a notebook"),
        ("*, ;q=, zh;q=nan, <b>", "en", "Open as a notebook"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(visit: Visit, accepted: str, language: str, button: str) -> None:
    shown = visit(QUERY, **{"Accept-Language": accepted})
    assert f'<html lang="{language}">' in shown.text
    assert button in shown.text
    assert shown.headers["Vary"] == "Accept-Language"


def test_what_is_wrong_with_a_link_is_said_in_the_language_of_the_browser(visit: Visit) -> None:
    shown = visit("ask=everything", **{"Accept-Language": "zh"})
    assert shown.status == 400
    assert "无法打开此链接" in shown.text
    assert "链接中的 ask 应为以下之一" in shown.text


def test_the_language_that_the_server_was_given_is_spoken(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDSIM_LANGUAGE", "zh")
    assert '<html lang="zh">' in visit(QUERY, **{"Accept-Language": "en"}).text


class TestInJupyterLab:
    """A server that shows JupyterLab, whose settings a person may have changed."""

    @pytest.fixture
    def server_settings(self) -> dict[str, Any]:
        return {"jpserver_extensions": {"budsim_widgets.server": True, "jupyterlab": True}}

    @pytest.fixture
    def choose(self, jp_serverapp: Any, tmp_path: Path) -> Callable[[str], None]:
        (lab,) = jp_serverapp.extension_manager.extension_apps["jupyterlab"]
        lab.user_settings_dir = str(tmp_path / "settings")
        lab.app_settings_dir = str(tmp_path)
        path = tmp_path / "settings" / "@jupyterlab" / "translation-extension" / "plugin.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        return lambda text: path.write_text(text, encoding="utf-8") and None

    @pytest.mark.parametrize(
        ("text", "accepted", "language"),
        [
            ('{\n    // Language locale\n    "locale": "zh_CN"\n}', "en", "zh"),
            ('{"locale": "default"}', "zh", "zh"),
            ('{"locale": "en"}', "zh", "zh"),  # as in the panel: English is what nobody chose
            ('{"locale": "fr_FR"}', "zh, en", "zh"),
            ("{}", "en", "en"),
            ('{"locale": 5}', "zh", "zh"),
            ("{", "zh", "zh"),
        ],
    )
    def test_the_page_speaks_the_language_of_the_settings(
        self, visit: Visit, choose: Callable[[str], None], text: str, accepted: str, language: str
    ) -> None:
        choose(text)
        assert f'<html lang="{language}">' in visit(QUERY, **{"Accept-Language": accepted}).text

    def test_a_language_that_whoever_set_up_the_server_chose_is_spoken(
        self, visit: Visit, choose: Callable[[str], None], tmp_path: Path
    ) -> None:
        choose("{}")
        chosen = {"@jupyterlab/translation-extension:plugin": {"locale": "zh_CN"}}
        (tmp_path / "overrides.json").write_text(json.dumps(chosen), encoding="utf-8")
        assert '<html lang="zh">' in visit(QUERY, **{"Accept-Language": "en"}).text


@pytest.mark.parametrize(
    ("accepted", "languages"),
    [
        ("en;q=0.5,zh;q=0.7,fr", ("fr", "zh", "en")),
        ("en;q=1.5, zh;q=1e9, fr;q=-1, tlh;q=", ("en",)),
        ("zh" + ",zh" * 10_000, ("zh",) * 167),
        ("\u4e2d\u6587, en", ("en",)),
    ],
)
def test_a_strange_header_names_what_can_be_read_of_it(accepted: str, languages: tuple[str, ...]) -> None:
    assert preferred_languages(accepted) == languages
