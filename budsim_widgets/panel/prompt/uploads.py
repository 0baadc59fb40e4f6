"""An uploaded file → the text for the box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.intake.decoding import decode

if TYPE_CHECKING:
    from budsim_widgets.panel.frontend import FileButton, UnsavedTextarea
    from budsim_widgets.panel.prompt.box_message import BoxMessage


def put_upload(upload: FileButton, text: UnsavedTextarea, message: BoxMessage) -> None:
    """Puts the text of an uploaded file into the box, and empties the upload.

    Raises:
        ConfigError: EMPTY, TOO_LARGE or ENCODING.
    """
    file = upload.take()
    if file is None:
        return
    message.clear()
    text.put(text_of(file[1]))


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
