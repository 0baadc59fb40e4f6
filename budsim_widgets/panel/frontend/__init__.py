"""What runs in the browser: plain ES modules, and the widgets that bring them along."""

from __future__ import annotations

from budsim_widgets.panel.frontend.context_slider import ContextSlider
from budsim_widgets.panel.frontend.file_button import FileButton
from budsim_widgets.panel.frontend.frontend import Frontend
from budsim_widgets.panel.frontend.gguf_upload import GgufUpload
from budsim_widgets.panel.frontend.number_field import NumberField
from budsim_widgets.panel.frontend.precision_chips import PrecisionChips
from budsim_widgets.panel.frontend.take_away import TakeAway
from budsim_widgets.panel.frontend.unsaved_textarea import UnsavedTextarea

__all__ = [
    "ContextSlider",
    "FileButton",
    "Frontend",
    "GgufUpload",
    "NumberField",
    "PrecisionChips",
    "TakeAway",
    "UnsavedTextarea",
]
