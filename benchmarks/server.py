"""Calculations of a stored model per second over HTTP, how long one takes, and what memory the server grows by.

    python benchmarks/server.py [--requests 10000] [--connections 8]

A Jupyter Server in a process of its own, as it is installed, with one model in its store; this process asks
it over connections that are kept alive, each one question after the other with another workload each time.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "meta-llama/Llama-3.1-70B"
CONFIG = {
    "model_type": "llama",
    "hidden_size": 8192,
    "intermediate_size": 28672,
    "num_attention_heads": 64,
    "num_hidden_layers": 80,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "torch_dtype": "bfloat16",
}
WARM_UP = 500
START_SECONDS = 60


@dataclass
class Server:
    """A server that runs."""

    port: int
    token: str
    process_id: int

    def memory_mib(self) -> float:
        """What it holds in memory (Linux only; 0 elsewhere)."""
        status = Path(f"/proc/{self.process_id}/status")
        if not status.exists():
            return 0.0
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def answers(self) -> bool:
        """Whether it is ready."""
        url = f"http://127.0.0.1:{self.port}/budsim/api/openapi.json"
        request = urllib.request.Request(url, headers={"Authorization": f"token {self.token}"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - the same
                return bool(answer.status == 200)  # noqa: PLR2004 - OK
        except (urllib.error.URLError, OSError):
            return False


@dataclass
class Load:
    """What is asked, and how long each answer took."""

    server: Server
    numbers: Iterator[int]
    seconds: list[float] = field(default_factory=list)

    async def connection(self) -> None:
        """Ask over one connection until there is nothing left to ask."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        for number in self.numbers:
            start = time.perf_counter()
            writer.write(self._request(number))
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            self.seconds.append(time.perf_counter() - start)
        writer.close()

    def _request(self, number: int) -> bytes:
        body = json.dumps({"model_uri": MODEL, "batch_size": 1 + number % 64, "seq_length": 1024 + number}).encode()
        head = (
            f"POST /budsim/api/models/calculate HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {self.server.token}"
            f"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


async def ask(server: Server, count: int, connections: int) -> Load:
    """So many questions over so many connections."""
    load = Load(server, iter(range(count)))
    await asyncio.gather(*(load.connection() for _ in range(connections)))
    return load


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server with one model in its store, until the end of the block."""
    ConfigStore(folder / "configs.json").put(MODEL, CONFIG)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    token = secrets.token_hex(16)
    command = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        *("--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
        f"--BudsimExtension.store_path={folder / 'configs.json'}",
    ]
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = os.environ | {name: str(folder / name.lower()) for name in names}
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, stderr=log, cwd=folder) as process,
    ):
        server = Server(port, token, process.pid)
        deadline = time.monotonic() + START_SECONDS
        try:
            while not server.answers():
                if time.monotonic() > deadline or process.poll() is not None:
                    raise RuntimeError(f"The server didn't start:\n{(folder / 'log').read_text()}")
                time.sleep(0.2)
            yield server
        finally:
            process.terminate()


def main() -> None:
    """Print the figures, a line for each tenth of the questions."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=10_000, help="how many questions")
    parser.add_argument("--connections", type=int, default=8, help="how many at once")
    options = parser.parse_args()
    print(f"{'asked':>9} {'requests/s':>11} {'p50':>9} {'p99':>9} {'memory':>11}   load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        asyncio.run(ask(server, WARM_UP, options.connections))
        step = max(options.requests // 10, 1)
        for asked in itertools.accumulate([step] * 10):
            start = time.perf_counter()
            seconds = sorted(asyncio.run(ask(server, step, options.connections)).seconds)
            rate = step / (time.perf_counter() - start)
            p50, p99 = (seconds[int(len(seconds) * share)] * 1e3 for share in (0.50, 0.99))
            print(
                f"{asked:>9,} {rate:>11,.0f} {p50:>6.1f} ms {p99:>6.1f} ms {server.memory_mib():>7.1f} MiB", flush=True
            )


if __name__ == "__main__":
    main()
