"""The lowest versions that pyproject.toml allows, as pip's constraints: `python tools/lowest.py > constraints.txt`.

What tests and checks are made with is left out: the package is used without them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_USED = ("dependencies", "completion", "gpu", "lab")
_LIST = re.compile(r"^(\S+) = \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)
_BOUND = re.compile(r"^\s*\"([\w.-]+)>=([\w.]+)", re.MULTILINE)


def lowest() -> list[str]:
    """One constraint a package.

    Example:
        >>> [line for line in lowest() if line.startswith("tinydb")]
        ['tinydb==4.8']
    """
    # Read as text: Python has no reader of TOML before 3.11.
    lists = dict(_LIST.findall((ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    return [f"{name}=={version}" for group in _USED for name, version in _BOUND.findall(lists[group])]


if __name__ == "__main__":
    sys.stdout.write("\n".join([*lowest(), ""]))
