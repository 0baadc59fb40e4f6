"""The question of a panel to take along: as Python, as a link, as a notebook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budsim_widgets.panel_question.code import panel_code, panel_keywords
from budsim_widgets.panel_question.notebook import notebook_text
from budsim_widgets.panel_question.question import Question

if TYPE_CHECKING:
    from typing_extensions import Self

    from budsim_widgets.panel.inputs.inputs import Inputs
    from budsim_widgets.panel.kept_result import KeptResult
    from budsim_widgets.panel.shown_result import ShownResult


class TakenAlong:
    """What a panel gives of its question."""

    _inputs: Inputs
    _kept: KeptResult
    _shown: ShownResult

    @classmethod
    def from_link(cls, link: str | None = None, **others: Any) -> Self:
        """A panel with the question of a link; nothing of it is executed, and nothing is calculated before a click.

        Args:
            link: The address that *Copy link* gave, or its query; None: the query of the page itself, which Voila
                passes on (`voila/render/panel.ipynb?model=org/model`).
            others: Other keywords of the panel, such as `language`.

        Raises:
            ModelIdError: A model is no text that an id can be, or holds an access token.
            WorkloadError: A parameter isn't known, or out of range.

        Example:
            >>> from budsim_widgets.panel import MemoryPanel
            >>> MemoryPanel.from_link("?model=org/model&batch_size=4").to_code()
            "bw.MemoryPanel('org/model', batch_size=4)"
        """
        question = Question.from_query(os.environ.get("QUERY_STRING", "") if link is None else link)
        return cls(question.model, **panel_keywords(question, for_others=True), **others)  # type: ignore[call-arg] # those of the panel

    def to_query(self) -> str:
        """The question as the query of a link, which `budsim/panel?…` of a Jupyter Server and `from_link` open.

        Raises:
            ModelIdError: An access token stands in a field; it is emptied.
        """
        self._inputs.models.refuse_secrets()
        return self._shown.question().to_query()

    def to_code(self) -> str:
        """The line of Python that gives the result on screen; without a result, the panel itself."""
        return self._shown.code() or panel_code(self._shown.question())

    def to_notebook(self, path: str | os.PathLike[str]) -> Path:
        """Writes a notebook that opens this panel with the same question, and shows the result on screen until then.

        Args:
            path: The file, such as "llama.ipynb"; one that is there is replaced.

        Returns:
            The path.

        Raises:
            OSError: It can't be written.
            ModelIdError: An access token stands in a field; it is emptied.

        Example:
            >>> panel.to_notebook("llama.ipynb")    # doctest: +SKIP
        """
        written = Path(path)
        written.write_text(self.notebook_text(), encoding="utf-8")
        return written

    def notebook_text(self) -> str:
        """The same as the text of the file."""
        self._inputs.models.refuse_secrets()
        return notebook_text(panel_code(self._shown.question(), for_others=True), self._kept.page)
