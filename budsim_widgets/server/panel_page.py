"""`budsim/panel?model=…`: a link to a question, which becomes a notebook that asks it once a person says so.

JupyterLab opens files and runs nothing that an address asks for. So the page shows the question in words, and only a
click, with the XSRF token of this server, makes a notebook of it; whoever opens the notebook runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_escape, url_path_join
from tornado.web import HTTPError, authenticated

from budsim_widgets.errors import BudsimError
from budsim_widgets.panel_question.code import panel_code
from budsim_widgets.panel_question.notebook import notebook_of
from budsim_widgets.panel_question.question import Question
from budsim_widgets.rendering.markup import Html, join, tag
from budsim_widgets.server.base import RESOURCE

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

PANEL_PATH: Final = "budsim/panel"
_NAME: Final = "budsim-panel"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
_STYLE: Final = Html(
    ":root { color-scheme: light dark; } body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem;"
    " margin: 3rem auto; padding: 0 1rem; } code { overflow-wrap: anywhere; }"
    " button { font: inherit; padding: 0.4rem 1rem; }"
)


class PanelPageHandler(JupyterHandler):
    """The page of a link, and the notebook that it becomes."""

    @authenticated
    async def get(self) -> None:
        """The question in words, with a button; changes nothing."""
        await self._check("read", RESOURCE)
        try:
            question = Question.from_query(self.request.query)
        except BudsimError as error:
            self._show("This link can't be opened", tag("p", str(error)), status=400)
            return
        token = self.xsrf_token
        form = tag(
            "form",
            Html(tag("input", type="hidden", name="_xsrf", value=token.decode()).removesuffix("</input>")),
            Html(tag("input", type="hidden", name="question", value=question.to_query()).removesuffix("</input>")),
            tag("button", "Open as a notebook"),
            method="post",
        )
        says = tag("p", "Somebody asks whether a model fits. The notebook holds one cell, which you run:")
        self._show(
            "A question to the memory panel", says, tag("p", tag("code", panel_code(question, for_others=True))), form
        )

    @authenticated
    async def post(self) -> None:
        """A new notebook beside the others; the browser goes there."""
        await self._check("write", "contents")
        try:
            question = Question.from_query(self.get_body_argument("question", ""))
        except BudsimError as error:
            self._show("This link can't be opened", tag("p", str(error)), status=400)
            return
        contents: Any = self.contents_manager
        path = await ensure_async(contents.increment_filename(f"{_NAME}.ipynb", insert="-"))
        model = {"type": "notebook", "format": "json", "content": notebook_of(panel_code(question, for_others=True))}
        await ensure_async(contents.new(model, path))
        self.redirect(url_path_join(self.base_url, self._front_end, url_escape(path)))

    @property
    def _front_end(self) -> str:
        """Where notebooks open: JupyterLab where it is there, else Notebook."""
        server = cast("ServerApp", self.serverapp)
        return "lab/tree" if "jupyterlab" in server.extension_manager.extensions else "notebooks"

    async def _check(self, action: str, resource: str) -> None:
        """403 for whoever may not do this."""
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, resource)):
            raise HTTPError(403)

    def _show(self, title: str, *parts: Html, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        head = tag("head", Html('<meta charset="utf-8">'), tag("title", title), tag("style", _STYLE))
        body = tag("body", tag("main", tag("h1", title), *parts))
        self.finish(join(Html("<!doctype html>"), tag("html", head, body, lang="en")))

    def set_default_headers(self) -> None:
        """Nothing of the page runs, and nobody frames it."""
        super().set_default_headers()
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Referrer-Policy", "same-origin")

    def write_error(self, status_code: int, **_: Any) -> None:
        """No more than the status: what went wrong may hold what somebody wrote."""
        self._show(f"This can't be opened ({status_code})", status=status_code)
