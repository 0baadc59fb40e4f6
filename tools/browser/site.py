"""A JupyterLite with this package in it: `python tools/browser/site.py build/lite`, then any web server on that folder.

Everything that it runs lies in the folder: nothing is asked of another host but what a notebook asks of the Hub.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE)]

import distribution
from wheels import Wheel

DISTRIBUTION = ROOT / "build" / "pyodide"


def main() -> None:
    """Build it where the command line says."""
    site = Path(sys.argv[1]).absolute()
    distribution.make(DISTRIBUTION)
    with tempfile.TemporaryDirectory() as temporary:
        pyodide = Path(temporary, "static", "pyodide")
        shutil.copytree(DISTRIBUTION, pyodide)
        add_package(pyodide)
        shutil.rmtree(site, ignore_errors=True)
        options = ("--no-sourcemaps", "--apps", "lab", "--contents", str(ROOT / "notebooks"))
        _run("jupyter", "lite", "build", "--lite-dir", temporary, "--output-dir", str(site), *options, cwd=temporary)
    print(f"{site}/lab/index.html?path=quickstart.ipynb, behind any web server")  # noqa: T201 - a script


def add_package(folder: Path) -> None:
    """Put this package's own wheel beside the others."""
    _run("pip", "--quiet", "--disable-pip-version-check", "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    wheel = Wheel(next(folder.glob("budsim_widgets-*.whl")))
    path = folder / distribution.LOCK
    lock = json.loads(path.read_text(encoding="utf-8"))
    lock["packages"][wheel.name] = wheel.lock_entry()
    path.write_text(json.dumps(lock), encoding="utf-8")


def _run(module: str, *arguments: str, cwd: str | None = None) -> None:
    line = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603 - a module of this environment
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


if __name__ == "__main__":
    main()
