"""What stands around the package: the matrix, releases, issue forms, citation, bounds of the dependencies."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jupyterlab.commands import get_app_dir
from jupyterlab_server.settings_utils import get_settings

import budsim_widgets as bw

ROOT = Path(__file__).parent.parent
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
WORKFLOWS = {path.stem: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def commands(workflow: str) -> list[str]:
    steps = [step for job in loaded(WORKFLOWS[workflow])["jobs"].values() for step in job["steps"]]
    return [line.strip() for step in steps for line in step.get("run", "").splitlines()]


def test_the_version_stands_in_one_place() -> None:
    assert 'dynamic = ["version", "urls"]' in PROJECT
    assert loaded(ROOT / "CITATION.cff")["version"] == bw.__version__
    assert re.search(rf"^## {re.escape(bw.__version__)} ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_the_matrix_has_every_python_that_the_package_names() -> None:
    named = re.findall(r"Programming Language :: Python :: (3\.\d+)", PROJECT)
    matrix = loaded(WORKFLOWS["test"])["jobs"]["fast"]["strategy"]["matrix"]
    assert matrix["python"] == named
    assert f'requires-python = ">={named[0]}"' in PROJECT
    assert {system.partition("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_jupyterlab_as_make_lab_starts_it_does_not_ask_about_its_news(tmp_path: Path) -> None:
    recipe = re.search(r"^lab: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe is not None
    assert "cp tools/lab_settings.json $(VENV)/share/jupyter/lab/settings/overrides.json" in recipe[1]
    shutil.copy(ROOT / "tools" / "lab_settings.json", tmp_path / "overrides.json")
    schemas = Path(get_app_dir()) / "schemas"
    plugin = "@jupyterlab/apputils-extension:notification"
    answer, _ = get_settings(str(tmp_path), str(schemas), str(tmp_path / "own"), schema_name=plugin)
    assert answer["schema"]["properties"]["fetchNews"]["default"] == "false"
    kinds = [kind["const"] for kind in answer["schema"]["properties"]["fetchNews"]["oneOf"]]
    assert kinds == ["true", "false", "none"]


@pytest.mark.skipif(shutil.which("make") is None or os.name == "nt", reason="the Makefile is for POSIX shells")
@pytest.mark.parametrize(
    ("notebook", "begins_at_the_clone"), [("notebooks/finetune.ipynb", True), ("../elsewhere.ipynb", False)]
)
def test_the_file_list_of_make_lab_begins_at_the_clone(notebook: str, *, begins_at_the_clone: bool) -> None:
    command = ["make", "--dry-run", "lab", f"NOTEBOOK={notebook}"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert (f'--ServerApp.root_dir="{ROOT}"' in said) == begins_at_the_clone


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_makes_what_the_makefile_makes(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    made = [line.split()[1] for line in commands(name) if line.startswith("make ")]
    assert set(made) <= targets
    assert loaded(WORKFLOWS[name])["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in loaded(WORKFLOWS[name])["jobs"].values())


def test_a_release_is_trusted_without_a_token() -> None:
    publish = loaded(WORKFLOWS["release"])["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert "secrets." not in WORKFLOWS["release"].read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_asks_what_it_needs(path: Path) -> None:
    form = loaded(path)
    if path.stem == "config":
        return
    assert {"name", "description", "body"} <= form.keys()
    assert any(field.get("validations", {}).get("required") for field in form["body"])


def test_a_wrong_number_comes_with_its_config_and_its_source() -> None:
    form = next(loaded(path) for path in FORMS if path.stem == "wrong_number")
    assert {"config", "answer", "expected", "version"} <= {field["id"] for field in form["body"]}


def test_the_lowest_versions_are_those_of_the_bounds() -> None:
    lowest = runpy.run_path(str(ROOT / "tools" / "lowest.py"))["lowest"]()
    block = re.search(r"^dependencies = \[\n(.*?)^\]", PROJECT, re.MULTILINE | re.DOTALL)
    assert block is not None
    bounds = re.findall(r"\"([\w.-]+)>=([\w.]+)", block[1])
    assert len(bounds) == len(block[1].splitlines())
    assert {f"{name}=={version}" for name, version in bounds} <= set(lowest)
