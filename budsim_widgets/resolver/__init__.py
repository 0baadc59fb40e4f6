"""Which config stands for a model, and where it came from: pasted > catalog > Hub."""

from __future__ import annotations

from budsim_widgets.resolver.resolved_config import Model, ResolvedConfig, Source
from budsim_widgets.resolver.resolver import Resolver

__all__ = ["Model", "ResolvedConfig", "Resolver", "Source"]
