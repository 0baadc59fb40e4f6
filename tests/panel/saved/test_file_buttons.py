"""Saved configs carried from place to place: exported as a file, and imported from one."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from panel.shown import assert_harmless, html_of, text_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel.saved.saved_configs import SavedConfigs

LLAMA, LLAMA_70B = "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B"


def exported(saved: SavedConfigs) -> bytes:
    found = re.search(r'href="data:application/json;base64,([^"]+)"', html_of(saved))
    assert found is not None
    return base64.b64decode(found[1])


def upload(saved: SavedConfigs, name: str, content: bytes) -> None:
    saved.import_input.value = (
        {
            "name": name,
            "type": "application/json",
            "size": len(content),
            "content": memoryview(content),
            "last_modified": datetime.now(timezone.utc),
        },
    )


async def test_what_is_exported_is_imported_elsewhere(saved: SavedConfigs, actions: Actions) -> None:
    saved.export_button.click()
    content = json.loads(exported(saved))
    for record in content["user_model_configs"].values():
        if record["model_id"] == LLAMA_70B:
            record["config"]["hidden_size"] = "<b>wide</b>"
    for model_id in (LLAMA, LLAMA_70B):
        actions.saved.forget(model_id)
    upload(saved, "team.json", json.dumps(content).encode())
    await saved.idle()
    shown = text_of(saved)
    assert f"1 added ({LLAMA})" in shown
    assert "1 left as they were" in shown
    assert f"{LLAMA_70B} : " in shown
    assert saved.import_input.value == ()
    assert actions.saved.list()[0].contributor == "imported from team.json"
    assert_harmless(html_of(saved).replace("<style>", "").replace("</style>", ""))


def test_one_config_is_exported_with_its_history(saved: SavedConfigs) -> None:
    saved.list.rows[1].button.click()
    saved.detail.export_button.click()
    (record,) = json.loads(exported(saved))["user_model_configs"].values()
    assert record["model_id"] == LLAMA
    assert len(record["history"]) == 1
    assert "meta-llama--Llama-3.1-8B.json" in text_of(saved)


def test_a_file_too_large_for_a_page_is_written_beside_the_notebook(
    saved: SavedConfigs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("budsim_widgets.panel.saved.downloads.MAX_LINK_BYTES", 100)
    saved.export_button.click()
    (path,) = tmp_path.glob("budsim-configs-*.json")
    assert len(json.loads(path.read_bytes())["user_model_configs"]) == 3
    assert path.name in text_of(saved)
    assert "import_configs" not in text_of(saved)


def test_a_file_that_is_written_beside_the_notebook_takes_no_other_ones_place(
    saved: SavedConfigs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("budsim_widgets.panel.saved.downloads.MAX_LINK_BYTES", 100)
    taken = tmp_path / "meta-llama--Llama-3.1-8B.json"
    taken.write_text("somebody's own", "utf-8")
    taken.with_name("meta-llama--Llama-3.1-8B-2.json").symlink_to("nowhere")
    saved.list.rows[1].button.click()
    saved.detail.export_button.click()
    assert "meta-llama--Llama-3.1-8B-3.json" in text_of(saved)
    assert taken.read_text("utf-8") == "somebody's own"
    assert not (tmp_path / "nowhere").exists()
    assert "user_model_configs" in json.loads((tmp_path / "meta-llama--Llama-3.1-8B-3.json").read_bytes())


def test_a_file_too_large_for_the_upload_says_how_it_is_imported(
    saved: SavedConfigs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("budsim_widgets.panel.saved.downloads.MAX_LINK_BYTES", 100)
    monkeypatch.setattr("budsim_widgets.panel.saved.downloads.MAX_UPLOAD_BYTES", 200)
    saved.export_button.click()
    (path,) = tmp_path.glob("budsim-configs-*.json")
    assert f"bw.import_configs('{path.name}')" in text_of(saved)


async def test_a_file_that_is_none_of_ours_is_refused(saved: SavedConfigs) -> None:
    upload(saved, "x.json", b"[1]")
    await saved.idle()
    assert saved.error is not None
    assert "Nothing was imported from x.json" in text_of(saved)
    assert len(saved.list.rows) == 3
