from __future__ import annotations

import os
from typing import TYPE_CHECKING

import platformdirs
import pytest

from budsim_widgets.errors import StoreError
from budsim_widgets.store import ConfigStore, default_path
from store.samples import llama

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = pytest.mark.skipif(os.name == "nt", reason="on Windows it is a path")


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


@pytest.mark.parametrize("blank", [" ", "   ", "\t", "\n "])
def test_blanks_alone_are_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    monkeypatch.setenv("BUDSIM_STORE", blank)
    assert default_path() == platformdirs.user_data_path("budsim_widgets", appauthor=False) / "configs.json"
    monkeypatch.setenv("BUDSIM_STORE", f"{blank}{tmp_path / 'mine.json'}{blank}")
    assert ConfigStore().path == tmp_path / "mine.json"
    for path in (blank, ""):
        with pytest.raises(StoreError, match="it names nothing") as caught:
            ConfigStore(path)
        assert "BUDSIM_STORE" in caught.value.next_step


@pytest.mark.parametrize("host", ["", "localhost"])
def test_the_address_of_a_file_is_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    path = tmp_path / "a folder ü" / "my configs.json"
    address = path.as_uri().replace("file://", f"file://{host}", 1)
    monkeypatch.setenv("BUDSIM_STORE", address)
    assert ConfigStore().path == ConfigStore(address).path == path
    ConfigStore().put("org/model", llama())
    assert path.exists()
    assert ConfigStore(tmp_path / "other.json").import_file(address).added == ("org/model",)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://example.org/configs.json", "an address of the network"),
        ("hf://datasets/org/configs", "an address of the network"),
        ("s3://bucket/configs.json", "an address of the network"),
        ("file://server/share/configs.json", "a file of another computer"),
        ("file:///a%00b", "null"),
        ("file:configs.json", "begins with file:///"),
        ("FILE:", "begins with file:///"),
        pytest.param(r"C:\Users\me\configs.json", "a path of Windows", marks=ELSEWHERE),
        pytest.param("D:/configs.json", "a path of Windows", marks=ELSEWHERE),
        pytest.param(r"\\server\share\configs.json", "a path of Windows", marks=ELSEWHERE),
    ],
)
def test_an_address_of_anything_else_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUDSIM_STORE", address)
    for question in (ConfigStore, lambda: ConfigStore(address), lambda: ConfigStore("x.json").export_file(address)):
        with pytest.raises(StoreError, match=reason):
            question()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("written", ["$PLACE/x.json", "${PLACE}/x.json", "'$PLACE/x.json'", ' "$PLACE/x.json"\u200b '])
def test_the_variable_is_read_as_a_line_of_a_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("PLACE", str(tmp_path))
    monkeypatch.setenv("BUDSIM_STORE", written)
    assert ConfigStore().path == tmp_path / "x.json"
    monkeypatch.delenv("PLACE")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="a variable in it isn't set"):
        ConfigStore()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("unset", ["%PLACE%\\x.json", "$PLACE", "~/${PLACE}/x.json"])
def test_a_variable_that_is_not_set_is_no_name_of_a_folder(monkeypatch: pytest.MonkeyPatch, unset: str) -> None:
    monkeypatch.delenv("PLACE", raising=False)
    monkeypatch.setenv("BUDSIM_STORE", unset)
    with pytest.raises(StoreError, match="a variable in it isn't set") as caught:
        default_path()
    assert "BUDSIM_STORE" in caught.value.next_step


@pytest.mark.parametrize("blank", ["''", '""', "\u200b", "\ufeff ", "' '"])
def test_quotes_around_nothing_are_nothing(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    monkeypatch.setenv("BUDSIM_STORE", blank)
    assert default_path() == platformdirs.user_data_path("budsim_widgets", appauthor=False) / "configs.json"


def test_a_path_that_is_given_in_code_is_taken_as_it_is(tmp_path: Path) -> None:
    assert ConfigStore(tmp_path / "$PLACE" / "x.json").path == tmp_path / "$PLACE" / "x.json"
