"""An uploaded file → the text for the box."""

from __future__ import annotations

from budsim_widgets.intake.decoding import decode


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
