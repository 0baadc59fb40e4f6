"""Which config the box asks for, why, and which ways out it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from budsim_widgets.errors import GatedModelError
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.prompt.view import title_html
from budsim_widgets.rendering.markup import shorten
from budsim_widgets.rendering.prose import error_html
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from budsim_widgets.errors import BudsimError
    from budsim_widgets.panel.flow.pending import MissingConfig
    from budsim_widgets.panel.prompt.view import PromptView


def show_question(view: PromptView, missing: MissingConfig) -> None:
    """Puts the question into the box, and shows the buttons that make sense for it."""
    error = missing.error
    view.title.value = title_html(shorten(error.model_id or missing.model), error_html(error), _file_url(error))
    view.copies.offer_search(is_offered=isinstance(error, GatedModelError))
    view.skip.layout.display = "none" if missing.skip is None else SHOWN
    base_model = base_model_of(missing)
    view.base.layout.display = SHOWN if base_model else "none"
    view.base.description = tr("Use the config of {model}", model=shorten(base_model)) if base_model else ""


def base_model_of(missing: MissingConfig) -> str | None:
    """The model that this one was made from, where the Hub names it."""
    return getattr(missing.error, "base_model", None)


def _file_url(error: BudsimError) -> str | None:
    """The page of the file that is asked for, in its revision; None where the repository may not have it."""
    if not (isinstance(error, GatedModelError) and error.url):
        return None
    return f"{error.url}/blob/{quote(error.revision or 'main', safe='')}/config.json"
