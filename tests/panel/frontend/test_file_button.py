"""A file chosen in the browser, as the kernel takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.panel.saved.downloads import MAX_UPLOAD_BYTES
from panel.shown import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.panel import MemoryPanel


def test_a_file_comes_into_the_box_and_into_no_notebook(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel("google/gemma-3-4b-it")
    panel.calculate_button.click()
    upload = panel.prompt.upload_input
    upload._handle_custom_msg({"name": "config.json"}, [memoryview(b"\xef\xbb\xbf{'of': 'mine'}")])
    assert panel.prompt.text_input.value == "{'of': 'mine'}"
    assert upload.value == ()
    assert "value" not in upload.get_state()


def test_a_message_without_a_file_changes_nothing(panel: MemoryPanel) -> None:
    for content, buffers in (({"name": "a"}, []), ("a", [memoryview(b"x")])):
        panel.prompt.upload_input._handle_custom_msg(content, buffers)
    assert panel.prompt.text_input.value == ""
    assert panel.error is None


def test_an_empty_file_and_one_that_is_too_large_are_said(panel: MemoryPanel) -> None:
    files = panel.saved.import_input
    files.receive("huge.json", bytes(MAX_UPLOAD_BYTES + 1))
    assert 'File "huge.json" has more than 9 MB' in text_of(panel.saved)
    files.receive("empty.json", b"")
    assert "The file 'empty.json' is empty." in text_of(panel.saved)


def test_a_folder_is_said_to_be_none_that_can_be_read(panel: MemoryPanel) -> None:
    for button in (panel.saved.import_input, panel.prompt.upload_input):
        button._handle_custom_msg({"name": "a folder", "unreadable": True}, [])
        assert button.value == ()
    assert "The browser can't read 'a folder': it is a folder, or it was moved or locked." in text_of(panel.saved)
    assert "The browser can't read 'a folder'" in panel.prompt.message
