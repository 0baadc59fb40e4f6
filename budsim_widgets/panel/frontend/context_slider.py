"""A slider for the context length: each octave is as long as the next, as people think of lengths."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import anywidget
from traitlets import Int, List, Unicode

from budsim_widgets.translation import tr

_SHORTEST_EXPONENT: Final = 8
_LONGEST_EXPONENT: Final = 20
_STEPS: Final = 4


def positions() -> list[int]:
    """The lengths that the slider stops at, in tokens: 256 to 1,048,576, four steps an octave.

    Example:
        >>> positions()[:6], positions()[-1]
        ([256, 320, 384, 448, 512, 640], 1048576)
    """
    octaves = range(_SHORTEST_EXPONENT, _LONGEST_EXPONENT)
    steps = [(_STEPS + step) * 2**exponent // _STEPS for exponent in octaves for step in range(_STEPS)]
    return [*steps, 2**_LONGEST_EXPONENT]


class ContextSlider(anywidget.AnyWidget):
    """A browser's own range field, so that it has a name, arrows and a focus; it moves with every pixel.

    Args:
        value: Tokens; also one between two positions, where the slider stands at the nearer one.
    """

    # the text, not its path: anywidget would watch the file, and hold every widget that was ever made
    _esm = (Path(__file__).parent / "context_slider.js").read_text("utf-8")

    value = Int(help="Tokens.").tag(sync=True)
    positions = List(Int(), help="The lengths that it stops at.").tag(sync=True)
    label = Unicode(help="What a screen reader calls it.").tag(sync=True)
    unit = Unicode(help="How it reads a value; {tokens} is the number.").tag(sync=True)

    def __init__(self, value: int) -> None:
        super().__init__(
            value=value,
            positions=positions(),
            label=tr("Context length, slider"),
            unit=tr("{tokens} tokens", tokens="{tokens}"),
        )
        self.add_class("budsim-slider")
