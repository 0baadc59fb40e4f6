"""A Pyodide that holds what this package needs: `python tools/browser/distribution.py build/pyodide`.

Pyodide itself comes from npm, the wheels from PyPI: nothing is loaded from elsewhere when it runs. Made once; made anew
when pyproject.toml or this folder changed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE)]

from wheels import collect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wheels import Wheel

VERSION = "314.0.6"
"""The release that jupyterlite-pyodide-kernel 0.8 is made for."""

LOCK = "pyodide-lock.json"
_RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", LOCK, "package.json")
_OF_THE_KERNEL = ("micropip", "ipython", "comm")
_DEPENDENCIES = re.compile(r"^dependencies = \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)


def make(folder: Path) -> None:
    """Make it in a folder, unless it stands there."""
    if is_current(folder):
        return
    print("Getting Pyodide and the wheels for it (half a minute, the first time only)")  # noqa: T201 - a script
    with tempfile.TemporaryDirectory(dir=_made(folder.parent)) as temporary:
        new = Path(temporary, "new")
        unpack(new)
        write_lock(new, collect(requirements(), new).values())
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)


def is_current(folder: Path) -> bool:
    """Whether it was made after what it is made from changed."""
    sources = [ROOT / "pyproject.toml", HERE / "distribution.py", HERE / "wheels.py"]
    lock = folder / LOCK
    return lock.exists() and lock.stat().st_mtime > max(path.stat().st_mtime for path in sources)


def unpack(folder: Path) -> None:
    """Put the files that run into a new folder."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm isn't on the PATH: Pyodide comes from its registry.")
    with tempfile.TemporaryDirectory() as temporary:
        line = [npm, "pack", "--silent", f"pyodide@{VERSION}", "--pack-destination", temporary]
        done = subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603 - npm
        if done.returncode:
            raise SystemExit(done.stderr)
        folder.mkdir()
        with tarfile.open(next(Path(temporary).glob("*.tgz"))) as archive:
            for name in _RUNTIME:
                member = archive.extractfile(f"package/{name}")
                if member is None:
                    raise SystemExit(f"The package pyodide of npm has no {name}.")
                (folder / name).write_bytes(member.read())


def requirements() -> list[Requirement]:
    """What pyproject.toml names, and what JupyterLite's kernel needs."""
    found = _DEPENDENCIES.search((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit("pyproject.toml has no list of dependencies.")
    named = re.findall(r"^\s*\"([^\"]+)\"", found[1], re.MULTILINE)
    return [Requirement(one) for one in (*named, *_OF_THE_KERNEL)]


def write_lock(folder: Path, wheels: Iterable[Wheel]) -> None:
    """Say in the lock file which wheels lie beside it: these, and none that would be loaded from elsewhere."""
    lock = json.loads((folder / LOCK).read_text(encoding="utf-8"))
    lock["packages"] = {wheel.name: wheel.lock_entry() for wheel in wheels}
    (folder / LOCK).write_text(json.dumps(lock), encoding="utf-8")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    make(Path(sys.argv[1]))
