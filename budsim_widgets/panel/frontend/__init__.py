"""What runs in the browser: one plain ES module, and the widget that brings it along."""

from __future__ import annotations

from budsim_widgets.panel.frontend.frontend import Frontend

__all__ = ["Frontend"]
