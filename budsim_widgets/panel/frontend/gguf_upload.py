"""The button that opens a GGUF file of the person's own; of the file the header alone comes to the kernel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Dict

from budsim_widgets.intake.gguf_pieces import GgufPieces, NamedFile, Piece
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.translation import current_language, current_speaker, in_language, mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.intake.gguf_file import GgufFile


WORDS = (
    mark("Open GGUF file"),
    mark("Read the tensors of a .gguf file; its header alone is sent. Or drop it here"),
    mark("Reading the header of {name} …"),
)


class GgufUpload(anywidget.AnyWidget):
    """A button, and a panel onto which a file may be dropped."""

    # the text, not its path: anywidget would watch the file, and hold every widget that was ever made
    _esm = (Path(__file__).parent / "gguf_upload.js").read_text("utf-8")

    words = Dict(help="What the module itself says, by the English sentence.").tag(sync=True)

    def __init__(self) -> None:
        said = {word: current_language().sentence(word) for word in WORDS}
        super().__init__(words=said)
        self._speaker = current_speaker()
        self._choice: object = None
        self._files: tuple[NamedFile, ...] = ()
        self._pieces: GgufPieces | None = None
        self._take: Callable[[str, GgufFile], None] = lambda _, __: None
        self._show_error: Callable[[Exception], None] = lambda _: None
        self.add_class("budsim-gguf")
        self.on_msg(self._on_message)

    def connect(self, take: Callable[[str, GgufFile], None], show_error: Callable[[Exception], None]) -> None:
        """What is done with a file.

        Args:
            take: Called with the file's name and its header; of a split file, with the name of its first part.
            show_error: Called with what makes a file none that can be read.
        """
        self._take, self._show_error = take, show_error

    def _on_message(self, _: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        with in_language(self._speaker), errors_shown(self._refuse):
            if content.get("type") == "files":
                self._begin(content)
            elif content.get("type") == "piece" and content.get("choice") == self._choice:
                self._go_on(Piece(content["file"], content["start"], content["end"]), buffers)

    def _begin(self, content: dict[str, Any]) -> None:
        self._choice, self._pieces = content["choice"], None
        self._files = tuple(NamedFile(str(some["name"]), int(some["size_bytes"])) for some in content["files"])
        self._pieces = GgufPieces(self._files)
        self._ask()

    def _go_on(self, piece: Piece, buffers: list[memoryview]) -> None:
        if self._pieces is None:
            return
        self._pieces.take(piece, bytes(buffers[0]) if buffers else b"")
        if self._pieces.wanted is not None:
            self._ask()
            return
        file, self._pieces = self._pieces.file(), None
        self._tell("done")
        self._take(min(some.name for some in self._files), file)

    def _ask(self) -> None:
        if self._pieces is not None and self._pieces.wanted is not None:
            self._tell("want", **self._pieces.wanted._asdict())

    def _refuse(self, error: Exception) -> None:
        self._pieces = None
        self._tell("done")
        self._show_error(error)

    def _tell(self, type_: str, **details: int) -> None:
        self.send({"type": type_, "choice": self._choice, **details})
