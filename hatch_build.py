"""The addresses in the package's metadata: those of the repository that it is built from."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_GITHUB = re.compile(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")


class Addresses(MetadataHookInterface):
    """Fills in the project's URLs, so that a fork's package names the fork; none where no repository is known."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Called by hatchling."""
        repository = os.environ.get("GITHUB_REPOSITORY") or _remote(Path(self.root))
        if not repository:
            metadata["urls"] = {}
            return
        home = f"https://github.com/{repository}"
        owner, _, name = repository.partition("/")
        metadata["urls"] = {
            "Homepage": home,
            "Documentation": f"https://{owner}.github.io/{name}/",
            "Changelog": f"{home}/blob/main/CHANGELOG.md",
            "Issues": f"{home}/issues",
        }


def _remote(root: Path) -> str | None:
    """`owner/name` of the clone's origin."""
    command = ["git", "-C", str(root), "remote", "get-url", "origin"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 - git, and a path of ours
    except OSError:
        return None
    found = _GITHUB.search(told.stdout.strip())
    return found[1] if found else None
