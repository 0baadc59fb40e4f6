"""A browser's own Python: Pyodide in a worker of a page, with the package as it stands in this tree."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from typing_extensions import Self

ROOT = Path(__file__).parent.parent.parent
DISTRIBUTION = ROOT / "build" / "pyodide"
"""What `tools/browser/distribution.py` made."""

WORKER = """
import { loadPyodide } from "/pyodide.mjs";
const lock = await (await fetch("/pyodide-lock.json")).json();
const python = await loadPyodide({ packages: Object.keys(lock.packages) });
python.unpackArchive(await (await fetch("/package.zip")).arrayBuffer(), "zip", { extractDir: "/package" });
python.runPython("import sys; sys.path.insert(0, '/package')");
onmessage = async ({ data: [code, how] }) => {
    try {
        const told = how === "async" ? await python.runPythonAsync(code) : python.runPython(code);
        postMessage([told ?? null, null]);
    } catch (error) {
        postMessage([null, String(error)]);
    }
};
postMessage("ready");
"""
START = """() => new Promise((resolve, reject) => {
    window.python = new Worker("/worker.mjs", { type: "module" });
    python.onerror = (event) => reject(new Error(event.message));
    python.onmessage = resolve;
})"""
ASK = """([code, how]) => new Promise((resolve) => {
    python.onmessage = ({ data }) => resolve(data);
    python.postMessage([code, how]);
})"""


class BrowserPythonError(Exception):
    """What Python in the browser raised."""


class BrowserPython:
    """Python in a page.

    Args:
        page: An empty page.
        url: Where a `PyodideServer` listens.
    """

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        page.goto(url)
        page.evaluate(START)

    def run(self, code: str, *, how: str = "async") -> Any:
        """The JSON that the last expression gives.

        Args:
            code: Python.
            how: `async`: it may wait for the browser; `sync`: it may not, as in a browser that can't suspend Python.

        Raises:
            BrowserPythonError: It raised something.
        """
        told, error = self._page.evaluate(ASK, [code, how])
        if error is not None:
            raise BrowserPythonError(error)
        return None if told is None else json.loads(told)


class FolderServer:
    """Serves a folder on 127.0.0.1, from `with` to its end.

    Args:
        folder: What it serves.
        files: What it serves besides: path → (content, type).

    Attributes:
        url: Its address, with a last slash.
    """

    def __init__(self, folder: Path, files: dict[str, tuple[bytes, str]] | None = None) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, files or {}, directory=str(folder)))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class PyodideServer(FolderServer):
    """Serves Pyodide, its wheels and the package."""

    def __init__(self) -> None:
        files = {
            "/": (b"<!doctype html><title>Python</title>", "text/html"),
            "/worker.mjs": (WORKER.encode(), "text/javascript"),
            "/package.zip": (_package(), "application/zip"),
        }
        super().__init__(DISTRIBUTION, files)


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".wasm": "application/wasm"}  # noqa: RUF012 - as the class has it

    def __init__(self, files: dict[str, tuple[bytes, str]], *arguments: Any, **options: Any) -> None:
        self._files = files
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        if self.path not in self._files:
            super().do_GET()
            return
        content, kind = self._files[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Silent."""


def _package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted((ROOT / "budsim_widgets").rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(ROOT))
    return buffer.getvalue()
