"""A widget of ours on a page of its own, without Jupyter: its module in Chromium, its class in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anywidget import AnyWidget
    from playwright.sync_api import Locator, Page

SHOW = """async ([source, state]) => {
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { default: module } = await import(address);
    const heard = {};
    const sent = [];
    const text = (buffer) => new TextDecoder("latin1").decode(buffer);
    const model = {
        get: (name) => state[name],
        on: (names, act) => names.split(" ").forEach((name) => (heard[name] ??= []).push(act)),
        off: () => {},
        send: (content, _, buffers) => sent.push([content, (buffers ?? []).map(text)]),
    };
    const tell = (name, ...details) => (heard[name] ?? []).forEach((act) => act(...details));
    window.widget = {
        sent,
        take: (changed, messages) => {
            Object.assign(state, changed);
            tell("change");
            messages.forEach((message) => tell("msg:custom", message));
        },
    };
    module.render({ model, el: document.body.appendChild(document.createElement("div")) });
}"""


class WidgetOnPage:
    """The widget as it stands on the page; what goes between the two goes when `pass_on` is called.

    Args:
        page: The browser's page.
        widget: The widget.
    """

    def __init__(self, page: Page, widget: AnyWidget) -> None:
        self._page, self._widget = page, widget
        self._answers: list[Any] = []
        widget.send = self._answers.append  # type: ignore[method-assign] # there is no kernel to send through
        page.set_content("<style>[hidden] { display: none }</style>")
        page.evaluate(SHOW, [widget._esm, self._state])
        self.pass_on()

    @property
    def field(self) -> Locator:
        return self._page.locator("input, textarea").first

    def pass_on(self) -> None:
        """Everything that was sent since, to the widget and back."""
        for content, buffers in self._page.evaluate("widget.sent.splice(0)"):
            self._widget._handle_custom_msg(content, [buffer.encode("latin-1") for buffer in buffers])
        answers, self._answers[:] = list(self._answers), []
        self._page.evaluate("([state, messages]) => widget.take(state, messages)", [self._state, answers])

    def type(self, text: str) -> None:
        """As a person does, key by key, in the place of what stands there; Enter at the end."""
        self.field.press("Control+A")
        self.field.press("Delete")
        self.field.press_sequentially(text)
        self.field.press("Enter")
        self.pass_on()

    def paste(self, text: str) -> None:
        """Through the clipboard, in the place of what stands there."""
        self._page.evaluate(COPY, text)
        self.field.focus()
        self.field.press("Control+A")
        self.field.press("Control+V")
        self.pass_on()

    @property
    def _state(self) -> dict[str, Any]:
        names = set(self._widget.keys) - {"layout", "tabbable"}
        return {name: getattr(self._widget, name) for name in names if not name.startswith("_")} | {"_dom_classes": []}


COPY = """text => {
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = "anything, so that there is a selection to copy";
    field.select();
    field.addEventListener("copy", event => {
        event.clipboardData.setData("text/plain", text);
        event.preventDefault();
    });
    document.execCommand("copy");
    field.remove();
}"""
