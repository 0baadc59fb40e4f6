"""What the package does, for Python, the panel and HTTP alike.

`Actions` works on one resolver. The functions of `budsim_widgets` are the methods of one that the whole process shares,
as those of the standard library's `random` are.
"""

from __future__ import annotations

from budsim_widgets.actions.actions import Actions, default_actions
from budsim_widgets.actions.reports import DEFAULT_SEQ_LENGTHS

__all__ = ["DEFAULT_SEQ_LENGTHS", "Actions", "default_actions"]
