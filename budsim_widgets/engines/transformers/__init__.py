"""transformers: the library that most models are written for; one process, all tokens of the prompt at once."""

from __future__ import annotations

from budsim_widgets.engines.transformers.engine import Transformers

__all__ = ["Transformers"]
