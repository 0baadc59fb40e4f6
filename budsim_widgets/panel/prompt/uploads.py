"""An uploaded file → the text for the box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.decoding import decode
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.panel.frontend import FileButton, UnsavedTextarea
    from budsim_widgets.panel.prompt.box_message import BoxMessage

_PASTE_CONTENT: Final = "Paste the content of the model's config.json."


def put_upload(upload: FileButton, text: UnsavedTextarea, message: BoxMessage) -> None:
    """Puts the text of an uploaded file into the box, and empties the upload.

    Raises:
        ConfigError: EMPTY, TOO_LARGE or ENCODING.
    """
    uploaded, upload.value = upload.value, ()
    if not uploaded:
        return
    (file,) = uploaded
    if not file["content"]:
        raise ConfigError("EMPTY", f"The file {quoted(file['name'], 100)} is empty.", next_step=_PASTE_CONTENT)
    message.clear()
    text.value = text_of(file["content"])


def text_of(content: memoryview | bytes) -> str:
    """The text of a file, as the front end sends it.

    Raises:
        ConfigError: TOO_LARGE or ENCODING.

    Example:
        >>> text_of(memoryview(b'{"model_type": "llama"}'))
        '{"model_type": "llama"}'
    """
    text, _ = decode(bytes(content))
    return text.removeprefix("\ufeff")
