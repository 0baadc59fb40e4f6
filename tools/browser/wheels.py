"""The wheels that a package needs in a browser's Python, and what a Pyodide's lock file says about each of them."""

from __future__ import annotations

import email
import hashlib
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PYTHON: Final = "3.14"
PLATFORM: Final = "pyemscripten_2026_0_wasm32"
"""The platform of the wheels (PEP 783) of the Pyodide that `distribution.VERSION` names."""

_MARKERS: Final = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_system": "Emscripten",
    "python_full_version": f"{PYTHON}.0",
    "python_version": PYTHON,
    "sys_platform": "emscripten",
    "extra": "",
}
_FOR_BROWSERS: Final = (
    *("--only-binary", ":all:", "--python-version", PYTHON, "--implementation", "cp"),
    *("--abi", f"cp{PYTHON.replace('.', '')}", "--abi", "none", "--platform", PLATFORM, "--platform", "any"),
)
_FROM_SOURCE: Final = {"pyyaml"}
"""They publish no wheel that runs everywhere, and make one where no C library is found."""

_SCRIPTS_ONLY: Final = {"widgetsnbextension", "jupyterlab-widgets"}
"""They hold nothing but what the front end loads from elsewhere."""


@dataclass(frozen=True)
class Wheel:
    """A wheel.

    Attributes:
        path: Its file.
    """

    path: Path

    @cached_property
    def _metadata(self) -> email.message.Message:
        with zipfile.ZipFile(self.path) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            return email.message_from_bytes(archive.read(name))

    @property
    def name(self) -> str:
        """The name of its package, as all tools write it."""
        return canonicalize_name(self._metadata["Name"])

    @property
    def requirements(self) -> list[Requirement]:
        """What it needs in a browser."""
        found = map(Requirement, self._metadata.get_all("Requires-Dist", []))
        needed = [one for one in found if one.marker is None or one.marker.evaluate(_MARKERS)]
        return [one for one in needed if canonicalize_name(one.name) not in _SCRIPTS_ONLY]

    @property
    def imports(self) -> list[str]:
        """The names that it can be imported by."""
        with zipfile.ZipFile(self.path) as archive:
            tops = {name.partition("/")[0] for name in archive.namelist() if name.endswith(".py")}
        return sorted(top.removesuffix(".py") for top in tops if not top.endswith((".dist-info", ".data")))

    def lock_entry(self) -> dict[str, Any]:
        """What `pyodide-lock.json` says about it; its file lies beside that."""
        return {
            "name": self.name,
            "version": self._metadata["Version"],
            "file_name": self.path.name,
            "sha256": hashlib.sha256(self.path.read_bytes()).hexdigest(),
            "install_dir": "site",
            "package_type": "package",
            "imports": self.imports,
            "depends": sorted({canonicalize_name(one.name) for one in self.requirements}),
            "unvendored_tests": False,
        }


def collect(requirements: Iterable[Requirement], folder: Path) -> dict[str, Wheel]:
    """Download what is required, and what that requires, into a folder: the newest release of each.

    Of two requirements of one package the first counts, as nothing here asks for an old one.

    Raises:
        SystemExit: pip finds no wheel of one of them that runs in a browser.
    """
    found: dict[str, Wheel] = {}
    asked: set[str] = set()
    waiting = list(requirements)
    while waiting:
        new = {name: one for one in reversed(waiting) if (name := canonicalize_name(one.name)) not in asked}
        asked |= new.keys()
        before = set(folder.glob("*.whl"))
        _pip(_specs(new, {*new} - _FROM_SOURCE), "download", *_FOR_BROWSERS, "--dest", str(folder))
        _pip(
            _specs(new, {*new} & _FROM_SOURCE),
            "wheel",
            "--no-binary",
            ",".join(_FROM_SOURCE),
            "--wheel-dir",
            str(folder),
        )
        wheels = [Wheel(path) for path in sorted(set(folder.glob("*.whl")) - before)]
        found |= {wheel.name: wheel for wheel in wheels}
        waiting = [one for wheel in wheels for one in wheel.requirements]
    return found


def _specs(requirements: dict[str, Requirement], names: set[str]) -> list[str]:
    return sorted(f"{requirements[name].name}{requirements[name].specifier}" for name in names)


def _pip(specs: list[str], *arguments: str) -> None:
    if not specs:
        return
    line = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments, "--no-deps", *specs]
    environment = {**os.environ, "PYYAML_FORCE_LIBYAML": "0"}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - pip
    if done.returncode:
        raise SystemExit(done.stderr)
