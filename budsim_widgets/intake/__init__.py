"""Untrusted text → a plain config: limits, formats, repairs, field checks, declared defaults."""

from __future__ import annotations

from budsim_widgets.intake.checks import check_fields
from budsim_widgets.intake.defaults import resolve_fields
from budsim_widgets.intake.reading import Reading, read_config

__all__ = ["Reading", "check_fields", "read_config", "resolve_fields"]
