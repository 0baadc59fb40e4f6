"""What of a model fits on an accelerator, as HTML: the verdict, the picture, and the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.fitting.sentences import facts
from budsim_widgets.rendering.markup import Html, tag

if TYPE_CHECKING:
    from budsim_widgets.fitting import FitReport
    from budsim_widgets.fitting.placement import Verdict

VERDICT_CLASSES: Final[dict[Verdict, str]] = {"fits": "fits", "tight": "tight", "does_not_fit": "not"}


def limits_html(report: FitReport) -> Html:
    """The longest context, the largest batch, requests at once, and the line that starts the engine."""
    items = [
        tag("li", f"{name}: ", tag("code" if value == report.launch_command else "strong", value))
        for name, value in facts(report)
    ]
    return tag("ul", *items, class_="budsim-limits")
