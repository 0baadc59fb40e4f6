"""Untrusted text → a plain config: limits, formats, repairs, field checks, declared defaults."""

from __future__ import annotations

from budsim_widgets.intake.defaults import resolve_fields

__all__ = ["resolve_fields"]
