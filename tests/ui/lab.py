"""A real JupyterLab for the browser tests: its server, which serves Notebook 7 and Voila too, and an open notebook."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from typing_extensions import Self

# A server, a page or a kernel starts later on a busy machine; a server that ends instead is noticed at once.
START_SECONDS = 300
START_MILLISECONDS = START_SECONDS * 1000
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false"},
    # the value of every widget is written into the file: what must not be there must not be in a widget
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
}

KERNEL_IS_READY = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""

EXECUTE = """async code => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const { content } = await kernel.requestExecute({ code }).done;
    if (content.status !== 'ok') throw new Error(`${content.ename}: ${content.evalue}`);
}"""

# JupyterLab names its theme first, then hides all that it shows until the next frame, behind a splash screen.
THEME_IS_SHOWN = """name => document.body.dataset.jpThemeName === name
    && window.jupyterapp.shell.isVisible && !document.getElementById('jupyterlab-splash')"""

TOKENS = {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}


class LabServer:
    """JupyterLab on 127.0.0.1, from `with` to its end; nothing of whoever runs the tests is read or written.

    Args:
        home: A folder of its own.
        environment: Variables beside those of this process.
        command: What is started: `lab`, `notebook`, or `server`, which shows nothing itself.
        base_url: Below which path it answers, as behind a JupyterHub.
        options: More of its command line.

    Attributes:
        folder: Where its notebooks lie.
        url: Its address, with a last slash.
        token: What it asks for.
        hub_home: Where the Hub's client keeps the saved login of its kernels.
    """

    def __init__(
        self,
        home: Path,
        environment: dict[str, str],
        *,
        command: str = "lab",
        base_url: str = "/",
        options: Sequence[str] = (),
    ) -> None:
        self._command, self._base_url, self._options = command, base_url, options
        self.folder = home / "notebooks"
        self.token = secrets.token_hex(16)
        self.hub_home = home
        self._port = 0
        self.url = ""
        self._log = home / "lab.log"
        # no token: whatever a test before this one, or whoever runs the tests, has in the environment
        own = {name: value for name, value in os.environ.items() if name not in TOKENS}
        self._environment = {**own, **environment, **_private_folders(home)}
        self._process: subprocess.Popen[bytes] | None = None
        self.folder.mkdir(parents=True)
        for name, settings in SETTINGS.items():
            path = home / "settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(settings), encoding="utf-8")

    def __enter__(self) -> Self:
        # Somebody else may take the port between looking for a free one and listening on it.
        for is_last in (False, False, True):
            try:
                self._start()
            except RuntimeError as error:  # noqa: PERF203 - a retry is a try within a loop
                self.__exit__()
                if is_last or "in use" not in str(error):
                    raise
            else:
                break
        return self

    def _start(self) -> None:
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}{self._base_url}"
        command = [
            *(sys.executable, "-m", "jupyter", self._command, "--no-browser", "--allow-root", "--ip=127.0.0.1"),
            *(f"--port={self._port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}"),
            *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
            *("--VoilaConfiguration.allow_theme_override=YES", f"--ServerApp.base_url={self._base_url}"),
            *self._options,
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        self._wait()

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                raise RuntimeError(f"JupyterLab didn't start:\n{self._log.read_text(encoding='utf-8')[-4000:]}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("GET", f"{self._base_url}api/status", headers={"Authorization": f"token {self.token}"})
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


class Notebook:
    """A notebook that is open in JupyterLab, or in Notebook 7.

    Args:
        page: The browser's page.
        server: What serves it.
        name: Its file.
        place: Where the front end opens notebooks.

    Attributes:
        page: The browser's page.
    """

    def __init__(self, page: Page, server: LabServer, name: str, place: str = "doc/tree") -> None:
        self.page = page
        self._place = place
        self._server = server
        self._name = name

    def open(self) -> Self:
        """Open it and wait until its kernel is there and idle."""
        address = f"{self._server.url}{self._place}/{self._name}?token={self._server.token}&reset"
        self.page.goto(address, timeout=START_MILLISECONDS)
        self.page.wait_for_function(KERNEL_IS_READY, timeout=START_MILLISECONDS)
        return self

    def command(self, name: str, **arguments: object) -> None:
        """Run one of JupyterLab's own commands."""
        self.page.evaluate(
            "([name, arguments_]) => window.jupyterapp.commands.execute(name, arguments_)", [name, arguments]
        )

    def execute(self, code: str) -> None:
        """Run code in its kernel without a cell: the focus stays where it is."""
        self.page.evaluate(EXECUTE, code)

    def run_all(self) -> None:
        self.command("runmenu:run-all")

    def save(self) -> str:
        """Save it as a person does, and give the text of its file."""
        path = self._server.folder / self._name
        before = path.stat().st_mtime_ns
        self.command("docmanager:save")
        deadline = time.monotonic() + 30
        while path.stat().st_mtime_ns == before:
            if time.monotonic() > deadline:
                raise RuntimeError("The notebook was not saved")
            time.sleep(0.1)
        return path.read_text(encoding="utf-8")

    def use_theme(self, name: str) -> None:
        """`JupyterLab Light` or `JupyterLab Dark`; waits until it shows."""
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_function(THEME_IS_SHOWN, arg=name)

    def close(self) -> None:
        """Stop its kernel, so that the next notebook has the machine to itself."""
        self.command("kernelmenu:shutdown")


class PanelOnScreen:
    """The panel as a person finds it: by what is written on its parts."""

    def __init__(self, page: Page) -> None:
        self.box = page.locator(".budsim-panel")

    def field(self, label: str) -> Locator:
        return self.box.get_by_label(label, exact=True)

    def button(self, label: str) -> Locator:
        return self.box.get_by_role("button", name=label, exact=True)

    @property
    def result(self) -> Locator:
        return self.box.get_by_role("region", name="Result", exact=True)

    @property
    def alert(self) -> Locator:
        """What is to be fixed, but for doubts that belong to a result."""
        return self.box.locator(".budsim-alert:not(.budsim-report .budsim-alert)")

    @property
    def paste_box(self) -> Locator:
        return self.field("Paste config.json")

    def ask(self, model: str) -> None:
        """Type a model's id and click."""
        self.field("Model").fill(model)
        self.button("Calculate memory").click()

    def wait_for_question(self, model_id: str) -> None:
        """Until the box asks for the config of this model."""
        self.box.get_by_role("group", name=f"A config is needed for {model_id}", exact=True).wait_for()

    def paste(self, text: str) -> None:
        """Paste into the box that is open, and submit."""
        self.paste_box.wait_for()
        self.paste_box.fill(text)
        self.button("Submit configuration").click()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _private_folders(home: Path) -> dict[str, str]:
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    return {name: str(home / folder) for name, folder in folders.items()}
