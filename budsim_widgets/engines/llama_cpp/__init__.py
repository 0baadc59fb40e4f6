"""llama.cpp as an engine."""

from __future__ import annotations

from budsim_widgets.engines.llama_cpp.engine import LlamaCpp

__all__ = ["LlamaCpp"]
