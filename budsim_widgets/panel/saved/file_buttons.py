"""The buttons that export all saved configs as a file, and import such a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Layout

from budsim_widgets.panel.busy import Busy
from budsim_widgets.panel.flow.callbacks import on_event
from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.flow.steps import Steps
from budsim_widgets.panel.frontend import FileButton
from budsim_widgets.panel.prompt.view import alert_html, status_html
from budsim_widgets.panel.saved.downloads import MAX_UPLOAD_BYTES, export_html, file_name_of_all
from budsim_widgets.panel.saved.texts import import_sentences, rejections_html
from budsim_widgets.rendering.markup import Html, join, shorten
from budsim_widgets.rendering.prose import paragraph
from budsim_widgets.translation import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.store import ImportSummary

_IMPORT_HINT = mark(
    'Add the configs of an exported file of up to {size} MB; a larger one with bw.import_configs("its path") in a cell'
)

_TOO_LARGE = mark(
    'File "{name}" has more than {size} MB, too much for a button: bw.import_configs("its path") in a cell imports it.'
)


class FileButtons:
    """Exports and imports.

    Args:
        actions: What does it.
        exported: Called with a link to the file.
        imported: Called with what was imported, in words.
        show_error: Called with what goes wrong.

    Attributes:
        export_button, import_input: The widgets.
        busy: Says how far an import is; can stop it before anything is kept.
    """

    def __init__(
        self,
        actions: Actions,
        *,
        exported: Callable[[Html], None],
        imported: Callable[[Html], None],
        show_error: Callable[[Exception], None],
    ) -> None:
        self._actions = actions
        self.busy = Busy()
        # one of its own: configs are looked at and edited meanwhile
        self._runner = Runner(
            self._show_status, show_error, show_steps=self.busy.show_steps, show_last=self.busy.show_last
        )
        self.busy.stop.on_click(lambda _: self._runner.cancel())
        self._exported, self._imported, self._show_error = exported, imported, show_error
        self.export_button = OrderedButton(
            description=tr("Export all"),
            tooltip=tr("Save all configs with their history as a file"),
            layout=Layout(width="auto"),
        )
        self.import_input = FileButton(
            tr("Import a file"),
            accept=".json",
            max_bytes=MAX_UPLOAD_BYTES,
            tooltip=tr(_IMPORT_HINT, size=MAX_UPLOAD_BYTES // 1_000_000),
        )
        self.export_button.on_click(on_event(self._export_all, show_error))
        self.import_input.observe(on_event(self._import, show_error), "value")

    @property
    def is_busy(self) -> bool:
        """Whether something is being imported."""
        return self._runner.is_busy

    async def idle(self) -> None:
        """Returns when nothing is being imported."""
        await self._runner.idle()

    def _show_status(self, status: str) -> None:
        self.import_input.disabled = bool(status)
        self.busy.show_status(status)

    def _export_all(self) -> None:
        self._exported(export_html(self._actions, file_name_of_all()))

    def _import(self) -> None:
        file = self.import_input.take()
        if file is None:
            return
        name, content = file
        if len(content) > MAX_UPLOAD_BYTES:
            size = MAX_UPLOAD_BYTES // 1_000_000
            self._exported(alert_html(paragraph(tr(_TOO_LARGE, name=shorten(name), size=size))))
            return
        steps = Steps()
        self._runner.run(
            lambda: self._actions.saved.import_file(content, source_name=name, through=steps.through_to_the_last),
            lambda summary: self._imported(_summary_html(summary)),
            self._show_error,
            status=tr("Checking the configs and merging them …"),
            steps=steps,
        )


def _summary_html(summary: ImportSummary) -> Html:
    sentences = status_html(*import_sentences(summary))
    return join(sentences, alert_html(rejections_html(summary.rejected)) if summary.rejected else "")
