from __future__ import annotations

from typing import TYPE_CHECKING

import platformdirs

from budsim_widgets.store import ConfigStore, default_path
from store.samples import llama

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDSIM_STORE", str(tmp_path / "mine.json"))
    assert ConfigStore().path == tmp_path / "mine.json"
    assert ConfigStore(tmp_path / "given.json").path == tmp_path / "given.json"


def test_otherwise_it_lies_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for unset in ("", None):
        if unset is None:
            monkeypatch.delenv("BUDSIM_STORE", raising=False)
        else:
            monkeypatch.setenv("BUDSIM_STORE", unset)
        assert default_path() == platformdirs.user_data_path("budsim_widgets", appauthor=False) / "configs.json"


def test_a_folder_stands_for_the_file_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ConfigStore(tmp_path).path == tmp_path / "configs.json"
    monkeypatch.setenv("BUDSIM_STORE", str(tmp_path))
    assert ConfigStore().path == tmp_path / "configs.json"


def test_home_and_relative_paths_are_understood_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ConfigStore("~/configs.json").path == tmp_path / "configs.json"
    monkeypatch.chdir(tmp_path)
    store = ConfigStore("here.json")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    store.put("org/model", llama())
    assert (tmp_path / "here.json").exists()


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    ConfigStore(real).put("org/model", llama())
    link.symlink_to(real)
    ConfigStore(link).put("org/other", llama())
    assert link.is_symlink()
    assert len(ConfigStore(real).list()) == 2
