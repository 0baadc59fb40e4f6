"""Whether a widget shows."""

from __future__ import annotations

from typing import Final

SHOWN: Final = ""
"""`layout.display` of a widget that shows. Not None: a browser's own Python sends that as no value, which undoes
nothing."""
