"""A link's notebook opens where the server opens notebooks: real servers, as people start them."""

from __future__ import annotations

import http.cookiejar
import json
import re
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, NamedTuple

import pytest
from ui.lab import LabServer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

QUERY = "model=org%2Fmodel&ask=finetune&method=qlora"
USERS_OWN = "/user/jo%20ann/"
"""As a JupyterHub starts the server of a user."""


class Case(NamedTuple):
    """A way to start a server, and where its notebooks open."""

    command: str
    switched_off: tuple[str, ...]
    place: str
    shown_by: str


CASES = {
    "JupyterLab": Case("lab", (), "lab/tree", "JupyterLab"),
    "Notebook beside JupyterLab": Case("notebook", (), "notebooks", "Jupyter Notebook"),
    "Notebook, JupyterLab switched off": Case("notebook", ("jupyterlab",), "notebooks", "Jupyter Notebook"),
    "a server without either": Case("server", ("jupyterlab", "notebook"), "files", ""),
}


def started(home: Path, case: Case) -> LabServer:
    config = home / "config" / "jupyter_server_config.d"
    config.mkdir(parents=True)
    switched_off = {"ServerApp": {"jpserver_extensions": dict.fromkeys(case.switched_off, False)}}
    (config / "off.json").write_text(json.dumps(switched_off), encoding="utf-8")
    # what is switched off here counts more than what an installation switched on
    environment = {"BUDSIM_STORE": str(home / "store"), "JUPYTER_PREFER_ENV_PATH": "0"}
    return LabServer(home, environment, command=case.command, base_url=USERS_OWN)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_click_leads_to_a_page_that_is_there(tmp_path: Path, case: Case) -> None:
    with started(tmp_path, case) as server:
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        browser.open(f"{server.url}api/status?token={server.token}").close()  # logged in by a cookie from now on
        link = f"{server.url}budsim/panel?{QUERY}&redirects=1"
        with browser.open(link) as page:
            token = re.search(r'name="_xsrf" value="([^"]+)"', page.read().decode())
        assert token is not None
        form = urllib.parse.urlencode({"_xsrf": token[1], "question": QUERY}).encode()
        click = urllib.request.Request(link, form, {"Referer": link})  # noqa: S310 - the server that the test started
        with browser.open(click) as opened:
            assert opened.url == f"{server.url}{case.place}/budsim-panel.ipynb"
            assert opened.status == 200
            shown = opened.read().decode()
    if case.shown_by:
        assert f"<title>{case.shown_by}" in shown
    else:
        assert "ask='finetune'" in json.loads(shown)["cells"][0]["source"][-1]
