"""The parts of the paste box and where they stand."""

from __future__ import annotations

from typing import Final

from ipywidgets import HBox, Layout, VBox

from budsim_widgets.intake.folding import MAX_FOLDED_BYTES
from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.frontend import FileButton, UnsavedTextarea
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.inputs.refused_field import accept_when_changed
from budsim_widgets.panel.prompt.copy_buttons import CopyButtons
from budsim_widgets.rendering.markup import Html, heading, join, link, tag, tr_html
from budsim_widgets.rendering.prose import paragraph
from budsim_widgets.translation import mark, tr

_HINT: Final = mark(
    "Whatever you have of it will do: the file, what print(model.config) shows, params.json, GGUF metadata. It is kept "
    "on this machine, so you are asked once for each model. Ctrl+Enter submits, Escape cancels."
)


class PromptView:
    """The widgets of the paste box, unconnected."""

    def __init__(self) -> None:
        self.title = Region()
        self.account = Region()
        self.text = UnsavedTextarea(
            description=tr("Paste config.json"),
            placeholder=tr("Paste the text here, or drop the file"),
            rows=6,
            layout=Layout(width="auto"),
        )
        self.text.add_class("budsim-field").add_class("budsim-paste")
        accept_when_changed(self.text)
        self.message = Region()
        self.submit = OrderedButton(
            description=tr("Submit configuration"),
            button_style="primary",
            tooltip=tr("Check the config, keep it, and go on with what was started"),
            layout=Layout(width="auto"),
        )
        self.submit.add_class("budsim-submit")
        self.upload = FileButton(
            tr("Upload config.json"),
            accept=".json,.txt",
            max_bytes=MAX_FOLDED_BYTES,
            tooltip=tr("Put the text of a file into the box"),
        )
        self.skip = OrderedButton(
            description=tr("Skip this model"),
            tooltip=tr("Compare the others without it"),
            layout=Layout(width="auto", display="none"),
        )
        self.base = OrderedButton(
            tooltip=tr("Take the config of the model that this one was made from"),
            layout=Layout(width="auto", display="none"),
        )
        self.retry = OrderedButton(
            description=tr("Try again"),
            tooltip=tr("Ask the Hub once more, after a login or when access was granted; what is pasted here stays"),
            layout=Layout(width="auto"),
        )
        self.copies = CopyButtons()
        self.cancel = OrderedButton(
            description=tr("Cancel"),
            tooltip=tr("Forget what was started; nothing else changes"),
            layout=Layout(width="auto"),
        )
        self.cancel.add_class("budsim-cancel")
        buttons = HBox(
            [self.submit, self.base, self.upload, self.retry, self.skip, self.cancel],
            layout=Layout(flex_flow="row wrap"),
        )
        self.form = VBox(
            [
                self.title,
                self.account,
                self.text,
                Region(tag("p", tr(_HINT), class_="budsim-hint")),
                self.message,
                buttons,
                self.copies,
            ],
            layout=Layout(display="none"),
        )
        self.form.add_class("budsim-prompt")
        self.notice = Region()


def title_html(model_id: str, what: Html, file_url: str | None = None) -> Html:
    """Which config is asked for, and why; with the address of the file itself where it is known."""
    title = heading(
        2, tr_html("Paste config.json of {model} to go on", model=tag("strong", model_id)), class_="budsim-title"
    )
    file = tag("p", link(file_url, tr("Open config.json on the Hub")), class_="budsim-next") if file_url else ""
    return tag("div", title, what, file, role="group", aria_label=tr("A config is needed for {model}", model=model_id))


def alert_html(*parts: object) -> Html:
    """Something to fix; the panel's live region says it to a screen reader."""
    return tag("div", *parts, class_="budsim-alert")


def status_html(*sentences: str) -> Html:
    """Good news, or what goes on; the panel's live region says it to a screen reader."""
    return tag("div", join(*map(paragraph, sentences)), class_="budsim-status")
