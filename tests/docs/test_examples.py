"""What the pages show is run: Python blocks in the order of their page, and the commands of the terminal."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from budsim_widgets.actions import default_actions
from budsim_widgets.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.loopback import LoopbackHub

ROOT = Path(__file__).parent.parent.parent
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
SHOWN_ONLY = "http"
"""Its requests are run by the tests of the server."""


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGES[page], re.DOTALL)


@pytest.fixture
def own_actions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loopback_hub: LoopbackHub) -> Iterator[None]:
    """An empty store, and the Hub on this machine."""
    del loopback_hub
    monkeypatch.setenv("BUDSIM_STORE", str(tmp_path / "configs.json"))
    default_actions.cache_clear()
    yield
    default_actions.cache_clear()


@pytest.mark.usefixtures("own_actions")
@pytest.mark.parametrize("page", [page for page in PAGES if page != SHOWN_ONLY and blocks(page, "python")])
def test_the_python_of_a_page_runs(page: str) -> None:
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks(page, "python")):
        exec(compile(block, f"{page}.md, block {number}", "exec", dont_inherit=True), names)  # noqa: S102 - our own page


@pytest.mark.usefixtures("own_actions")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")])
def test_the_commands_of_a_page_run(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    for block in blocks(page, "console"):
        for line in block.splitlines():
            name, *arguments = shlex.split(line)
            assert name == "budsim"
            assert main(arguments) in {0, 1}, capsys.readouterr().err


def test_every_page_stands_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = re.findall(r": ([\w/-]+\.(?:md|ipynb))$", text, re.MULTILINE)
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    notebooks = {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert pages | notebooks | {"contributing.md"} == set(named)
    assert yaml.safe_load(text)["strict"] is True


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_exists(page: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", PAGES[page])
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
