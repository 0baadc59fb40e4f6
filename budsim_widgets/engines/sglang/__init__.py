"""SGLang: keeps a fixed part of a device free, and fills the rest with weights and pools of tokens."""

from __future__ import annotations

from budsim_widgets.engines.sglang.engine import SGLang

__all__ = ["SGLang"]
