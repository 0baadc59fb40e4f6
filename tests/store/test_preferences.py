"""What was chosen last time is kept beside the configs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from pathlib import Path


def test_a_choice_is_there_for_the_next_kernel(tmp_path: Path) -> None:
    ConfigStore(tmp_path).preferences.put("accelerator", "RTX 4090 24GB")
    store = ConfigStore(tmp_path)
    assert store.preferences.get("accelerator") == "RTX 4090 24GB"
    store.put("org/model", {"model_type": "llama"})
    assert ConfigStore(tmp_path).preferences.get("accelerator") == "RTX 4090 24GB"
    assert [config.model_id for config in store.list()] == ["org/model"]


def test_the_same_choice_again_writes_nothing(tmp_path: Path) -> None:
    store = ConfigStore(tmp_path)
    store.preferences.put("accelerator", "T4 16GB")
    before = store.path.stat()
    store.preferences.put("accelerator", "T4 16GB")
    assert store.path.stat().st_mtime_ns == before.st_mtime_ns


def test_an_empty_text_forgets_it_and_long_ones_are_cut(tmp_path: Path) -> None:
    store = ConfigStore(tmp_path)
    assert store.preferences.get("accelerator") is None
    store.preferences.put("accelerator", "x" * 5_000)
    assert len(store.preferences.get("accelerator") or "") == 200
    store.preferences.put("accelerator", "")
    assert store.preferences.get("accelerator") is None


def test_a_choice_is_no_part_of_an_export(tmp_path: Path) -> None:
    store = ConfigStore(tmp_path)
    store.put("org/model", {"model_type": "llama"})
    store.preferences.put("accelerator", "T4 16GB")
    assert b"T4 16GB" not in store.export_bytes()
