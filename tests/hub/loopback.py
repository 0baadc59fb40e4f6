"""A Hub on this machine, for tests, notebooks and the browser: the real client talks to it over HTTP.

    with LoopbackHub() as hub:      # HF_ENDPOINT=hub.endpoint
        ...
        assert hub.requests == ()   # nobody asked

or, for other processes: `python tests/hub/loopback.py --port 8123`, where
GET /_loopback/requests gives the log and POST /_loopback/reset empties it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import struct
import sys
import threading
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":  # started as a script: the folder of tests is not on the path yet
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hub.answers import Answer, Hub, answer, asked_repo, faulty_answer, search_answer
from hub.loopback_datasets import Datasets, Request
from hub.repos import ACCOUNTS, CATALOGUE
from hub.scenario import Account, Delay, Drip, Drop, Fault, Hang, LoggedRequest, Portal, RateLimit, Repo, Status

if TYPE_CHECKING:
    from typing_extensions import Self


class LoopbackHub:
    """A Hub that listens on 127.0.0.1 from `start` to `stop`.

    Attributes:
        fault: What goes wrong with every request, whatever it asks for; None when all is well. Settable at any time.
        lets_pages_ask: Whether it tells browsers that pages of other sites may read its answers, as the real one does.
        datasets: The dataset repositories; none at first.
    """

    def __init__(
        self, repos: tuple[Repo, ...] = CATALOGUE, accounts: tuple[Account, ...] = ACCOUNTS, *, port: int = 0
    ) -> None:
        self.fault: Fault | None = None
        self.lets_pages_ask = False
        self._hub = Hub(repos, accounts)
        self._lock = threading.Lock()
        self._log: list[LoggedRequest] = []
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.loopback = self
        self.datasets = Datasets(site=self.endpoint)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)

    @property
    def endpoint(self) -> str:
        """What HF_ENDPOINT should be."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Every request so far, oldest first."""
        with self._lock:
            return tuple(self._log)

    def requests_for(self, model_id: str) -> tuple[LoggedRequest, ...]:
        """The requests whose path names this model."""
        return tuple(request for request in self.requests if f"/{model_id}" in request.path)

    def reset(self) -> None:
        """Forget the requests so far, and any fault."""
        with self._lock:
            self._log.clear()
        self.fault = None

    def put(self, repo: Repo) -> None:
        """Add a repository, or put it in the place of the one with the same id."""
        others = tuple(other for other in self._hub.repos if other.model_id != repo.model_id)
        self._hub = Hub((*others, repo), self._hub.accounts)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, and let go of whoever is kept waiting."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fault_of(self, path: str) -> Fault | None:
        repo = asked_repo(self._hub, path)
        return self.fault or (repo.fault if repo else None)

    def answer(self, request: Request, token: str | None) -> Answer:
        fault = self.fault_of(request.path)
        if isinstance(fault, Portal | Status | RateLimit):
            return faulty_answer(fault, request.path)
        account = self._hub.account(token)
        told = self.datasets.answer(request, account, is_stale=token is not None and account is None)
        if told is None and request.method == "POST":
            return Answer(405)
        if told is None and request.path == "/api/models":
            return search_answer(self._hub, request.query)
        return told or answer(self._hub, request.path, token)

    def note(self, method: str, path: str, token: str | None, status: int | None) -> None:
        account = self._hub.account(token)
        sender = account.name if account else "anonymous" if token is None else "invalid token"
        with self._lock:
            self._log.append(LoggedRequest(method=method, path=path, sender=sender, status=status))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    loopback: LoopbackHub

    def handle_error(self, *_: object) -> None:
        """A client that went away is what many tests are about: no traceback for it."""
        if not isinstance(sys.exc_info()[1], OSError):
            raise  # noqa: PLE0704 - called while the exception is being handled


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_OPTIONS(self) -> None:
        """What a browser asks before it sends a header of a page's own."""
        loopback = self.server.loopback
        allowed = (("Access-Control-Allow-Headers", "authorization"),) if loopback.lets_pages_ask else ()
        loopback.note(self.command, self.path, None, 204)
        self._send(Answer(204, headers=allowed))

    def do_POST(self) -> None:
        if self.path == "/_loopback/reset":
            self.server.loopback.reset()
            self._send(Answer(204))
        else:
            self._serve()

    def log_message(self, *_: object) -> None:
        """Silent: the log of requests is `LoopbackHub.requests`."""

    def _serve(self) -> None:
        loopback = self.server.loopback
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if path == "/_loopback/requests":
            self._send(Answer(200, json.dumps([asdict(request) for request in loopback.requests]).encode()))
            return
        token = self._token()
        fault = loopback.fault_of(path)
        content_type = self.headers.get("Content-Type", "")
        told = loopback.answer(Request(self.command, path, query, body, content_type), token)
        is_cut_off = isinstance(fault, Drop | Hang)
        loopback.note(self.command, self.path, token, None if is_cut_off else told.status)
        if isinstance(fault, Delay | Hang):
            loopback.stopping.wait(fault.seconds)
        if isinstance(fault, Drop):
            self._drop(fault, told)
        elif isinstance(fault, Hang):
            self.close_connection = True
        else:
            self._send(told, fault if isinstance(fault, Drip) else None)

    def _token(self) -> str | None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if scheme == "Bearer" else None

    def _send(self, told: Answer, drip: Drip | None = None) -> None:
        body = b"" if self.command == "HEAD" else told.body
        if drip is None:
            self.wfile.write(self._head(told) + body)
        elif drip.part == "body":
            self.wfile.write(self._head(told))
            self._drip(body, drip)
        else:
            self._drip(self._head(told) + body, drip)

    def _head(self, told: Answer) -> bytes:
        self.send_response(told.status)
        for name, value in told.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(told.body)))
        self.send_header("X-Request-Id", "Root=1-00000000-000000000000000000000000")
        if self.server.loopback.lets_pages_ask and "Origin" in self.headers:
            self.send_header("Access-Control-Allow-Origin", self.headers["Origin"])
            self.send_header("Access-Control-Expose-Headers", "X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message")
        head = b"".join([*self._headers_buffer, b"\r\n"])
        self._headers_buffer = []
        return head

    def _drip(self, text: bytes, drip: Drip) -> None:
        for byte in text:
            self.wfile.write(bytes([byte]))
            if self.server.loopback.stopping.wait(drip.pause_seconds):
                break
        self.close_connection = True

    def _drop(self, fault: Drop, told: Answer) -> None:
        self.close_connection = True
        if fault.how == "cut":
            self.wfile.write(self._head(told) + told.body[: len(told.body) // 2])
        elif fault.how == "reset":
            # lingering for zero seconds makes close() send RST instead of FIN
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()


def main(arguments: list[str] | None = None) -> None:
    """Serve the demonstration catalog until interrupted; prints the endpoint first."""
    parser = argparse.ArgumentParser(description="A Hub on this machine that answers as the real one does.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    with LoopbackHub(port=parser.parse_args(arguments).port) as hub:
        print(hub.endpoint, flush=True)  # noqa: T201 - how the starting process learns the port
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
