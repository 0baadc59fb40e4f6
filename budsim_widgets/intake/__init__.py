"""Untrusted text → a plain config: limits, formats, repairs, field checks, declared defaults.

A config that comes as a dict loads nothing that reads text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.intake.checks import check_fields
from budsim_widgets.intake.defaults import resolve_fields
from budsim_widgets.lazy_names import on_first_use

if TYPE_CHECKING:
    from budsim_widgets.intake.reading import Reading, read_config

__all__ = ["Reading", "check_fields", "read_config", "resolve_fields"]

__getattr__ = on_first_use(__name__, {"Reading": "reading", "read_config": "reading"})
