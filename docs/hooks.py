"""What the site takes from elsewhere in the repository: notebooks, CONTRIBUTING.md, and the tables of a test run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).resolve().parent.parent
TEST_RUN = ROOT / "build" / "test-run.txt"
ACCURACY = ROOT / "benchmarks" / "accuracy" / "table.md"
_TABLES = "<!-- the tables of the test run -->"
_PEERS = "<!-- the table of benchmarks/accuracy -->"
_SECTION = "descriptions compared with transformers"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what lies outside of docs/."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        files.append(File.generated(config, f"notebooks/{path.name}", content=path.read_text(encoding="utf-8")))
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "contributing.md", content=contributing))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the tables of the last test run and of the last comparison with other tools in their places."""
    if _PEERS in markdown:
        markdown = markdown.replace(_PEERS, ACCURACY.read_text(encoding="utf-8"))
    return markdown.replace(_TABLES, _tables()) if _TABLES in markdown else markdown


def _tables() -> str:
    if not TEST_RUN.exists():
        return "*This site was built without a test run; `make docs` makes one.*"
    lines = TEST_RUN.read_text(encoding="utf-8").splitlines()
    start = next((number for number, line in enumerate(lines) if _SECTION in line), None)
    if start is None:
        raise SystemExit(f"{TEST_RUN} has no section {_SECTION!r}.")
    rows = []
    for line in lines[start + 1 :]:
        if line.startswith("="):
            break
        rows.append(line)
    return "\n".join(["```text", *rows, "```"])
