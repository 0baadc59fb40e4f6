"""How right the answers of other calculators are beside ours, on the same configs in one run.

    python benchmarks/accuracy/run.py [--large] [--environments build/peers] [--only NAME …]

Each tool is installed into an environment of its own, and asked each question in a process of its own, with a limit of
time. The Hub is this machine's own: it has the configs, and no weights. What a tool says only where it can read a
model's files counts as no answer; such a tool is asked a few times. Writes `table.md`, which README and documentation
show.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT), str(ROOT / "tests")]

from hub.loopback import LoopbackHub  # noqa: E402 - the folders stand in the path now
from hub.scenario import Repo  # noqa: E402 - the same
from peers import PEERS, Peer  # noqa: E402 - the same
from questions import KINDS, Kind, Question, questions  # noqa: E402 - the same

import budsim_widgets as bw  # noqa: E402 - the same
from budsim_widgets.architectures import build  # noqa: E402 - the same
from budsim_widgets.formats.gguf.layout import file_layout  # noqa: E402 - the same
from budsim_widgets.hardware import find  # noqa: E402 - the same
from budsim_widgets.units import GIB  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OURS = "budsim_widgets"
LIMIT_SECONDS = 90
ENOUGH = 6
"""So many questions without an answer, and a tool that reads files isn't asked for the rest of their kind."""

CLOSE = 0.01


@dataclass(frozen=True)
class Line:
    """How right one tool is in one kind: the errors of its answers, of so many questions."""

    tool: str
    kind: Kind
    errors: tuple[float, ...]
    num_exact: int
    num_asked: int

    def cells(self) -> str:
        """A row of the table."""
        if not self.errors:
            return f"| {self.tool} | 0 of {self.num_asked} | | | | |"
        close = sum(error <= CLOSE for error in self.errors)
        worst, middle = max(self.errors), median(self.errors)
        return (
            f"| {self.tool} | {len(self.errors)} of {self.num_asked} | {self.num_exact} | {close} | {middle:.2%} "
            f"| {worst:.1%} |"
        )


def main() -> None:
    """Ask everyone, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="also the tools that need torch")
    parser.add_argument("--environments", type=Path, default=ROOT / "build" / "peers", help="where they are installed")
    parser.add_argument("--only", nargs="+", help="packages")
    options = parser.parse_args()
    asked = questions()
    peers = [peer for peer in PEERS if options.large or not peer.is_large]
    peers = [peer for peer in peers if not options.only or peer.package in options.only]
    lines = [scored(OURS, kind, [(one, ours(one)) for one in asked if one.kind == kind]) for kind in KINDS]
    names = {OURS: f"**{OURS}** {bw.__version__}"}
    with tempfile.TemporaryDirectory() as folder, hub_of(asked) as hub:
        for peer in peers:
            environment = installed(peer, options.environments)
            names[peer.package] = f"{peer.package} {version_in(environment, peer.package)}"
            for kind in peer.read:
                same = [one for one in asked if one.kind == kind]
                found = answers(peer, environment, same, Path(folder), hub.endpoint)
                lines.append(scored(peer.package, kind, found))
                print(lines[-1].cells(), flush=True)
    (HERE / "table.md").write_text(table(lines, names), encoding="utf-8")


def ours(question: Question) -> float:
    """What this package says."""
    config = question.config
    if question.kind == "parameters":
        return bw.architecture(config).num_parameters
    if question.kind == "KV cache":
        sizes = {"batch_size": question.batch_size, "seq_length": question.seq_length}
        return bw.calculate(config, precision="bf16", kv_cache_precision="bf16", **sizes).kv_cache_bytes
    if question.kind == "GGUF file":
        return file_layout(build(config), question.file_type).tensor_bytes
    name, memory_gib = question.accelerator
    num_bytes = int(memory_gib * GIB)
    accelerator = replace(find(name), usable_bytes=num_bytes, usable_bytes_range=(num_bytes, num_bytes))
    engine = bw.VLLM(**dict(question.settings))
    sizes = {"seq_length": question.seq_length, "tensor_parallel": question.tensor_parallel}
    return bw.fit(config, accelerator, engine=engine, **sizes).cache_tokens


def answers(
    peer: Peer, environment: Path, asked: Sequence[Question], folder: Path, endpoint: str
) -> list[tuple[Question, float | None]]:
    """What a tool says to questions of one kind."""
    ask = partial(answer, peer, environment, folder, endpoint)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(ask, asked[:ENOUGH]))
        if not peer.reads_files or any(one is not None for one in found):
            found += pool.map(ask, asked[ENOUGH:])
    return [*zip(asked, [*found, *[None] * (len(asked) - len(found))], strict=True)]


def answer(peer: Peer, environment: Path, folder: Path, endpoint: str, question: Question) -> float | None:
    """One answer, or None: none was given, or none in time."""
    path = folder / question.model_id.replace("/", "--") / "config.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(question.config), encoding="utf-8")
    own = {"HF_ENDPOINT": endpoint, "HF_HOME": str(folder / "home"), "NO_PROXY": "127.0.0.1,localhost"}
    own |= {"HOME": str(folder), "COLUMNS": "200", "HF_HUB_DISABLE_TELEMETRY": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [str(environment / "bin" / peer.command), *peer.asked(question, path)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING_FACE_"))}
    try:
        done = subprocess.run(
            command, env=kept | own, cwd=folder, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
        )
        return peer.read[question.kind](question, done.stdout)
    except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):  # none in time, or none that says it
        return None


def scored(tool: str, kind: Kind, found: Iterable[tuple[Question, float | None]]) -> Line:
    """How far the answers are off."""
    pairs = [*found]
    errors = [(one, abs(told / one.true - 1)) for one, told in pairs if told is not None]
    exact = sum(error <= one.right_to() for one, error in errors)
    return Line(tool, kind, tuple(error for _, error in errors), exact, len(pairs))


def hub_of(asked: Iterable[Question]) -> LoopbackHub:
    """A Hub with the configs alone."""
    configs = {one.model_id: one.config for one in asked}
    files = {name: (("config.json", json.dumps(config).encode()),) for name, config in configs.items()}
    return LoopbackHub(tuple(Repo(model_id=name, files=content) for name, content in files.items()))


def installed(peer: Peer, folder: Path) -> Path:
    """The environment of a tool, made where it doesn't stand."""
    environment = folder / peer.package
    if not (environment / "bin" / peer.command).exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        pip = [str(environment / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run(
            [*pip, "install", peer.package, *(["torch", "transformers"] if peer.is_large else [])], check=True
        )
    return environment


def version_in(environment: Path, package: str) -> str:
    """The version that is installed there."""
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    done = subprocess.run([str(environment / "bin" / "python"), "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


ABOUT: dict[Kind, str] = {
    "parameters": "the parameters of released models, as their publishers' files have them; from the config alone",
    "KV cache": "bytes of keys and values that a run with transformers held, the longest run of each model type",
    "GGUF file": "bytes of a file's tensors as llama-quantize counts them, of 22 models as Q8_0 and as Q4_K_M",
    "vLLM tokens": "tokens of the cache that vLLM's log printed, from config, card and settings alone",
}


def table(lines: Sequence[Line], names: dict[str, str]) -> str:
    """The page's part."""
    date, python = f"{datetime.now(timezone.utc):%Y-%m-%d}", sys.version.split()[0]
    parts = [f"Run on {date} with Python {python} by `python benchmarks/accuracy/run.py --large`."]
    for kind in KINDS:
        parts.append(f"**{kind}**: {ABOUT[kind]}.")
        rows = sorted(
            (line for line in lines if line.kind == kind), key=lambda line: (-line.num_exact, -len(line.errors))
        )
        head = "| | answered | exact | within 1 % | median error | worst |\n|---|---|---|---|---|---|"
        parts.append("\n".join([head, *(replace(line, tool=names[line.tool]).cells() for line in rows)]))
    return "\n\n".join([*parts, ""])


if __name__ == "__main__":
    main()
