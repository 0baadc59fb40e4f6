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

from budsim_widgets.server.panel_page import PANEL_PATH
from server.conftest import Answered

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable
    from pathlib import Path

    Visit = Callable[..., Answered]

QUERY = "model=org%2Fmodel&batch_size=4&accelerator=RTX+4090"
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
        fetching = http_server_client.fetch(
            f"{jp_base_url}{PANEL_PATH}{'?' if query else ''}{query}",
            headers={**jp_auth_header, **headers},
            raise_error=False,
            follow_redirects=False,
            **options,
        )
        answer = jp_asyncio_loop.run_until_complete(fetching)
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
