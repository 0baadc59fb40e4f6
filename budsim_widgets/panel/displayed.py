"""How a panel is displayed: the widget, and beside it what outlives its kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import VBox

from budsim_widgets.panel.kept_result import KeptResult, publish
from budsim_widgets.translation import in_language

if TYPE_CHECKING:
    from budsim_widgets.translation import Speaker


class DisplayedBox(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """A box whose last result stays in the output of its cell."""

    _kept: KeptResult
    _language: Speaker

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The widget; with a result also a page of its own, for whatever shows no widgets."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        with in_language(self._language):
            page = self._kept.page
        if page:
            bundle["text/html"] = page
        return bundle

    def _ipython_display_(self) -> None:
        """The widget, and beside it an output that outlives the kernel, in a saved or exported notebook."""
        # an empty page: where there is no widget, the output beside it says all there is to say
        publish({**super()._repr_mimebundle_(), "text/html": ""})
        with in_language(self._language):
            self._kept.display()
