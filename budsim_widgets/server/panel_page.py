"""`budsim/panel?model=…`: a link to a question, which becomes a notebook that asks it once a person says so.

JupyterLab opens files and runs nothing that an address asks for. So the page shows the question in words, and only a
click, with the XSRF token of this server, makes a notebook of it; whoever opens the notebook runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError, authenticated

from budsim_widgets.errors import BudsimError
from budsim_widgets.panel_question.code import panel_code
from budsim_widgets.panel_question.notebook import notebook_of
from budsim_widgets.panel_question.question import Question
from budsim_widgets.rendering.markup import Html, join, tag
from budsim_widgets.rendering.prose import error_html
from budsim_widgets.server.base import RESOURCE
from budsim_widgets.server.front_end import language_setting, notebook_address
from budsim_widgets.server.language import page_language
from budsim_widgets.translation import current_language, in_language, mark, tr

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from budsim_widgets.panel_question.question import Ask
    from budsim_widgets.translation import Catalogue

PANEL_PATH: Final = "budsim/panel"
_NAME: Final = "budsim-panel"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
_STYLE: Final = Html(
    ":root { color-scheme: light dark; } body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem;"
    " margin: 3rem auto; padding: 0 1rem; } code { overflow-wrap: anywhere; }"
    " button { font: inherit; padding: 0.4rem 1rem; }"
)
_ASKED: Final[dict[Ask, str]] = {
    "calculate": mark("Somebody asks whether a model fits."),
    "analyze": mark("Somebody asks how a model's memory grows with its context."),
    "compare": mark("Somebody asks which of these models fits."),
    "finetune": mark("Somebody asks what fine-tuning a model takes."),
}


class PanelPageHandler(JupyterHandler):
    """The page of a link, and the notebook that it becomes."""

    @authenticated
    async def get(self) -> None:
        """The question in words, with a button; changes nothing."""
        await self._check("read", RESOURCE)
        with in_language(self._language):
            question = self._question(self.request.query)
            if question is not None:
                self._show(tr("A question to the memory panel"), *_said(question), self._form(question))

    @authenticated
    async def post(self) -> None:
        """A new notebook beside the others; the browser goes there."""
        await self._check("write", "contents")
        with in_language(self._language):
            question = self._question(self.get_body_argument("question", ""))
            if question is not None:
                self.redirect(notebook_address(cast("ServerApp", self.serverapp), await self._made(question)))

    @property
    def _language(self) -> Catalogue:
        accepted = self.request.headers.get("Accept-Language", "")
        return page_language(accepted, language_setting(cast("ServerApp", self.serverapp)))

    def _question(self, query: str) -> Question | None:
        """The question of a query; None where there is none, which is said."""
        try:
            return Question.from_query(query)
        except BudsimError as error:
            self._show(tr("This link can't be opened"), error_html(error), status=400)
            return None

    def _form(self, question: Question) -> Html:
        return tag(
            "form",
            Html(tag("input", type="hidden", name="_xsrf", value=self.xsrf_token.decode()).removesuffix("</input>")),
            Html(tag("input", type="hidden", name="question", value=question.to_query()).removesuffix("</input>")),
            tag("button", tr("Open as a notebook")),
            method="post",
        )

    async def _made(self, question: Question) -> str:
        """The path of a new notebook that asks the question."""
        contents: Any = self.contents_manager
        path: str = await ensure_async(contents.increment_filename(f"{_NAME}.ipynb", insert="-"))
        content = notebook_of(panel_code(question, for_others=True))
        await ensure_async(contents.new({"type": "notebook", "format": "json", "content": content}, path))
        return path

    async def _check(self, action: str, resource: str) -> None:
        """403 for whoever may not do this."""
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, resource)):
            raise HTTPError(403)

    def _show(self, title: str, *parts: Html, status: int = 200) -> None:
        """A page in the language that is spoken."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Vary", "Accept-Language")
        head = tag("head", Html('<meta charset="utf-8">'), tag("title", title), tag("style", _STYLE))
        body = tag("body", tag("main", tag("h1", title), *parts))
        self.finish(join(Html("<!doctype html>"), tag("html", head, body, lang=current_language().code)))

    def set_default_headers(self) -> None:
        """Nothing of the page runs, and nobody frames it."""
        super().set_default_headers()
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Referrer-Policy", "same-origin")

    def write_error(self, status_code: int, **_: Any) -> None:
        """No more than the status: what went wrong may hold what somebody wrote."""
        with in_language(self._language):
            self._show(tr("This can't be opened ({status})", status=status_code), status=status_code)


def _said(question: Question) -> tuple[Html, Html]:
    code = panel_code(question, for_others=True)
    says = f"{tr(_ASKED[question.ask])} {tr('The notebook holds one cell, which you run:')}"
    return tag("p", says), tag("p", tag("code", code))
