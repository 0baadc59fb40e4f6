"""One module for each way of writing a config: text → the values that it holds."""

from __future__ import annotations

from budsim_widgets.intake.readers.json_text import Parsed, parse_json

__all__ = ["Parsed", "parse_json"]
