"""The Binder demo, as far as it goes without Docker: the Dockerfile, then its steps in a fresh environment."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
QUICKSTART = "/lab/tree/notebooks/quickstart.ipynb"
NOT_IN_A_CLONE = shutil.ignore_patterns(
    ".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__", "screenshots", "build"
)
START_SECONDS = 120


def test_repo2docker_turns_the_folder_into_a_dockerfile() -> None:
    pytest.importorskip("repo2docker", reason="repo2docker runs on Linux and macOS only")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert made.returncode == 0, made.stderr
    steps = [line for line in made.stdout.splitlines() if line.startswith(("FROM", "RUN", "COPY", "ENV", "CMD"))]
    install = next(index for index, step in enumerate(steps) if '-r "binder/requirements.txt"' in step)
    finish = next(index for index, step in enumerate(steps) if step == "RUN ./binder/postBuild")
    assert install < finish
    assert "python=3.12" in made.stderr
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in steps


def test_what_is_no_jupyter_server_starts_as_it_is() -> None:
    told = subprocess.run([ROOT / "binder" / "start", "echo", "hello"], capture_output=True, text=True, check=True)
    assert told.stdout == "hello\n"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables of a machine that holds a clone and what binder/requirements.txt installs, nothing else."""
    home = tmp_path_factory.mktemp("binder")
    shutil.copytree(ROOT, home / "repo", ignore=NOT_IN_A_CLONE)
    venv.create(home / "env", with_pip=True)
    python = home / "env" / "bin" / "python"
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "download", "--no-deps", "--dest", home / "probe", "hatchling"], check=False).returncode:
        pytest.skip("no package registry can be reached from here")
    subprocess.run([*pip, "install", "-r", "binder/requirements.txt"], cwd=home / "repo", check=True, timeout=400)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON", "VIRTUAL"))}
    return {**kept, "HOME": str(home), "PATH": f"{home / 'env' / 'bin'}:{os.environ['PATH']}"}


@pytest.mark.slow
def test_its_last_step_passes_in_a_fresh_environment(image: dict[str, str]) -> None:
    repo = Path(image["HOME"]) / "repo"
    ran = subprocess.run(
        ["./binder/postBuild"], cwd=repo, env=image, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.endswith("MemoryPanel('meta-llama/Llama-3.1-8B')\n")


@pytest.mark.slow
def test_it_opens_on_the_quickstart_notebook(image: dict[str, str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    jupyter = ["jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command = ["./binder/start", *jupyter, "--IdentityProvider.token=", "--ServerApp.port_retries=0"]
    with subprocess.Popen(
        command,
        cwd=Path(image["HOME"]) / "repo",
        env=image,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            assert first_page(port) == QUICKSTART
        finally:
            server.terminate()


def first_page(port: int) -> str:
    """Where a server sends whoever asks for `/`, as soon as it answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/")
            return connection.getresponse().getheader("Location", "").rstrip("?")
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        finally:
            connection.close()
