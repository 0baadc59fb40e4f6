"""The view of a team's configs: share, sync, what changed and from whom, conflicts to decide."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import HBox, Layout, Text, VBox
from traitlets import Any as AnyTrait

from budsim_widgets.panel.busy import progress_bar
from budsim_widgets.panel.flow.callbacks import on_event, showing_errors
from budsim_widgets.panel.flow.runner import Runner, running_loop
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.inputs.parts import button, row
from budsim_widgets.panel.prompt.view import alert_html, status_html
from budsim_widgets.panel.team.conflict_view import ConflictView
from budsim_widgets.panel.team.texts import progress_text, summary_html
from budsim_widgets.rendering.markup import Html, heading, join
from budsim_widgets.rendering.prose import as_shown, error_html
from budsim_widgets.sharing.progress import Progress
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.sharing.conflicts import ConfigConflict
    from budsim_widgets.sharing.summaries import ShareSummary, SyncSummary

_PREFERENCE: Final = "team_repository"
_SHOWN_ADDED: Final = 20
_SHOWN_CONFLICTS: Final = 10
_PROGRESS_SECONDS: Final = 0.2


class TeamView(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """What is done with a team's repository.

    Args:
        actions: What does it.
        changed: Called when the kept configs changed.

    Attributes:
        repo_input: The id of the dataset; the one of last time.
        share_button, sync_button, offer_button: What can be done.
        again_button, put_back_button: To take what was forgotten here, and to put back what was deleted there.
        stop_button: Stops it before anything is changed.
        conflicts: A `ConflictView` for each model that waits for a decision.
        summary: What was done last; a trait.
        error: The last error; a trait.
    """

    summary = AnyTrait(default_value=None, allow_none=True, help="What sharing or syncing did last.")
    error = AnyTrait(default_value=None, allow_none=True, help="The last error.")

    def __init__(self, actions: Actions, *, changed: Callable[[], None]) -> None:
        self._actions, self._changed = actions, changed
        self._runner = Runner(self._show_status, self._show_error)
        self._progress = Progress()
        self._shown_at = 0.0
        self.repo_input = Text(
            description=tr("Dataset of your team"),
            placeholder=tr("owner/name of a dataset on the Hub"),
            value=actions.resolver.store.preferences.get(_PREFERENCE) or "",
            layout=Layout(width="auto"),
        )
        self.repo_input.add_class("budsim-field")
        self.sync_button = button(
            tr("Sync"), tr("Take over what others shared, and share your edits of the same models")
        )
        self.share_button = button(tr("Share all"), tr("Put all saved configs there, for everybody who may read it"))
        self.offer_button = button(tr("Offer as pull request"), tr("For whoever may not write there"))
        self.again_button = button(tr("Take forgotten ones again"), tr("Sync what you forgot here, too"))
        self.put_back_button = button(tr("Put deleted ones back"), tr("Share what was deleted there again"))
        self.stop_button = button(tr("Stop"), tr("Stop before anything is changed"))
        self._status, self._result = Region(), Region()
        self._conflicts = VBox()
        self._undo = row([self.again_button, self.put_back_button])
        for part in (self.again_button, self.put_back_button, self.stop_button):
            part.layout.display = "none"
        title = Region(heading(3, tr("Your team's configs"), class_="budsim-title"))
        title.layout.display = SHOWN
        actions_row = row([self.sync_button, self.share_button, self.offer_button])
        busy = HBox([self._status, self.stop_button], layout=Layout(align_items="center"))
        super().__init__([title, self.repo_input, actions_row, busy, self._result, self._undo, self._conflicts])
        self.add_class("budsim-team")
        self._connect()

    @property
    def conflicts(self) -> tuple[ConflictView, ...]:
        """What waits for a decision."""
        return tuple(self._conflicts.children)

    @property
    def is_busy(self) -> bool:
        """Whether something is being shared or synced."""
        return self._runner.is_busy

    async def idle(self) -> None:
        """Returns when nothing is being shared or synced."""
        while self.is_busy:
            await self._runner.idle()

    def show_conflicts(self) -> None:
        """Shows what waits for a decision."""
        self._runner.run(
            self._actions.team.conflicts, self._show_conflicts, self._show_error, status=tr("Looking for conflicts …")
        )

    def clear(self) -> None:
        """Stops what is under way and forgets what stands in it."""
        self._progress.stop()
        self._runner.cancel()
        self._result.value = Html()
        self._conflicts.children = ()

    def _connect(self) -> None:
        for clicked, callback in (
            (self.sync_button, self._sync),
            (self.share_button, self._share),
            (self.offer_button, lambda: self._share(as_pull_request=True)),
            (self.again_button, lambda: self._sync(model_ids=self.summary.forgotten)),
            (self.put_back_button, lambda: self._share(model_ids=self.summary.deleted)),
            (self.stop_button, self._stop),
        ):
            clicked.on_click(on_event(callback, self._show_error))

    def _sync(self, **details: Any) -> None:
        repo_id, team = self.repo_input.value, self._actions.team
        self._start(
            lambda progress: team.sync(repo_id, progress=progress, **details), tr("Asking the team's dataset …")
        )

    def _share(self, **details: Any) -> None:
        repo_id, team = self.repo_input.value, self._actions.team
        self._start(lambda progress: team.share(repo_id, progress=progress, **details), tr("Sharing …"))

    def _start(self, work: Callable[[Progress], ShareSummary | SyncSummary], status: str) -> None:
        self._result.value = Html()
        loop = running_loop()

        def show(done: int, total: int) -> None:
            now = time.monotonic()
            if loop is not None and (done == total or now - self._shown_at > _PROGRESS_SECONDS):
                self._shown_at = now
                with suppress(RuntimeError):  # the loop has gone with the page that was closed
                    loop.call_soon_threadsafe(self._show_progress, progress, progress_text(done, total))

        self._progress = progress = Progress(show)
        self._runner.run(
            lambda: (work(progress), self._actions.team.conflicts()), self._done, self._show_error, status=status
        )

    def _done(self, outcome: tuple[ShareSummary | SyncSummary, tuple[ConfigConflict, ...]]) -> None:
        summary, conflicts = outcome
        self.summary, self.error = summary, None
        self._actions.resolver.store.preferences.put(_PREFERENCE, summary.repo_id)
        added = [(model_id, self._source(model_id)) for model_id in getattr(summary, "added", ())[:_SHOWN_ADDED]]
        self._result.value = summary_html(summary, added)
        forgotten = bool(getattr(summary, "forgotten", ()))
        self.again_button.layout.display = SHOWN if forgotten else "none"
        self.put_back_button.layout.display = SHOWN if summary.deleted else "none"
        self._changed()
        self._show_conflicts(conflicts)

    def _source(self, model_id: str) -> str | None:
        stored = self._actions.resolver.store.get(model_id)
        return stored.contributor if stored else None

    def _show_conflicts(self, conflicts: tuple[ConfigConflict, ...]) -> None:
        choose = showing_errors(self._choose, self._show_error)
        self._conflicts.children = [
            ConflictView(self._actions, conflict, choose) for conflict in conflicts[:_SHOWN_CONFLICTS]
        ]

    def _choose(self, model_id: str, version: int) -> None:
        self._runner.run(
            lambda: (self._actions.saved.restore(model_id, version), self._actions.team.conflicts()),
            lambda outcome: self._chosen(model_id, outcome[1]),
            self._show_error,
            status=tr("Saving the choice …"),
        )

    def _chosen(self, model_id: str, conflicts: tuple[ConfigConflict, ...]) -> None:
        self._changed()
        self._show_conflicts(conflicts)
        self._result.value = status_html(
            tr("Chosen for {model}. The other one stays in its history. Sync tells your team.", model=model_id)
        )

    def _stop(self) -> None:
        self._progress.stop()
        self._status.value = status_html(tr("Stopping …"))

    def _show_progress(self, progress: Progress, text: str) -> None:
        if self._runner.is_busy and progress is self._progress:
            self._status.value = join(status_html(text), progress_bar(*progress.counted))

    def _show_status(self, status: str) -> None:
        self._status.value = status_html(status) if status else Html()
        self.stop_button.layout.display = SHOWN if status else "none"
        for one in (self.sync_button, self.share_button, self.offer_button):
            one.disabled = bool(status)

    def _show_error(self, error: Exception) -> None:
        self._result.value = alert_html(error_html(as_shown(error)))
        self.error = error
