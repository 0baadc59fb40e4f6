"""A button that takes the content of a file: `FileUpload` counts its files in its label, and sends one of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import anywidget
from traitlets import Bool, Int, Tuple, Unicode

from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import quoted

_CHOOSE_FILE: Final = "Choose a file with something in it."


class FileButton(anywidget.AnyWidget):
    """A button, and the file that was chosen with it.

    Attributes:
        value: Empty, or a dict with `name` and `content`, as `FileUpload` has them; it stays in the kernel. The content
            is None where the browser can't read the file.
        description, tooltip: What the button says.
        accept: Which files are offered, such as ".json".
        max_bytes: Of a larger file, one byte more than this arrives.
        disabled: Whether it can't be pressed.

    Example:
        >>> button = FileButton("Import a file", accept=".json", max_bytes=100)
        >>> button.receive("a.json", b"{}")
        >>> button.value
        ({'name': 'a.json', 'content': b'{}'},)
    """

    # the text, not its path: anywidget would watch the file, and hold every widget that was ever made
    _esm = (Path(__file__).parent / "file_button.js").read_text("utf-8")

    value = Tuple(help="The file.")
    description = Unicode().tag(sync=True)
    tooltip = Unicode().tag(sync=True)
    accept = Unicode().tag(sync=True)
    max_bytes = Int().tag(sync=True)
    disabled = Bool(default_value=False).tag(sync=True)

    def __init__(self, description: str, *, accept: str, max_bytes: int, tooltip: str = "") -> None:
        super().__init__(description=description, accept=accept, max_bytes=max_bytes, tooltip=tooltip)
        self.add_class("budsim-file")
        self.on_msg(self._on_message)

    def take(self) -> tuple[str, bytes] | None:
        """(name, content) of the file that was chosen, which is gone then; None: there is none.

        Raises:
            ConfigError: EMPTY: nothing stands in it, or the browser can't read it.
        """
        uploaded, self.value = self.value, ()
        if not uploaded:
            return None
        name, content = uploaded[0]["name"], uploaded[0]["content"]
        if content is None:
            message = f"The browser can't read {quoted(name, 100)}: it is a folder, or it was moved or locked."
            raise ConfigError("EMPTY", message, next_step=_CHOOSE_FILE)
        if not content:
            raise ConfigError("EMPTY", f"The file {quoted(name, 100)} is empty.", next_step=_CHOOSE_FILE)
        return name, bytes(content)

    def receive(self, name: str, content: bytes | None) -> None:
        """A file was chosen, or dropped where the button's text goes."""
        self.value = ({"name": name, "content": content},)

    def _on_message(self, _: object, content: object, buffers: list[memoryview]) -> None:
        if isinstance(content, dict) and (buffers or content.get("unreadable")):
            self.receive(str(content.get("name", "")), bytes(buffers[0]) if buffers else None)
