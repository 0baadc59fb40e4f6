"""The structure that CONTRIBUTING.md describes: which part may import which, and what README and Makefile claim."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import budsim_widgets as bw

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "budsim_widgets"
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 400


def rows_of_parts() -> list[list[str]]:
    """The parts of the package as the table in CONTRIBUTING.md orders them: each imports only from the rows above."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## The packages")[2].partition("\n## ")[0]
    return [re.findall(r"`(\w+)(?:/|\.py)`", row.split("|")[1]) for row in table.splitlines() if row.startswith("| `")]


ROWS = rows_of_parts()
CALCULATOR = ("intake", "architectures", "formats", "hardware", "engines", "memory", "fitting")
HOMES = {
    "tinydb": {"store"},
    "filelock": {"store"},
    "platformdirs": {"store"},
    "huggingface_hub": {"hub"},
    "ipywidgets": {"panel"},
    "traitlets": {"panel", "server"},
    "jupyter_server": {"server"},
    "tornado": {"server"},
}
HEAVY = {"pydantic", "tinydb", "huggingface_hub", "ipywidgets", "IPython", "jupyter_server", "pandas", "asyncio", "ssl"}


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> list[tuple[int, str]]:
    """Every imported module with its line, wherever in the file it is imported."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def imported_part(name: str) -> str | None:
    """`store` for `budsim_widgets.store.file.atomic`; None for a module of somebody else."""
    top, *rest = name.split(".")
    return rest[0] if top == PACKAGE.name and rest else None


def where(path: Path, line: int, name: str) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line} imports {name}"


def test_modules_stay_short() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_parts_are_imported_by_their_full_name() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
    relative = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_the_table_in_contributing_names_every_part_once() -> None:
    assert sorted(part for row in ROWS for part in row) == sorted({part_of(path) for path in MODULES} - {"__init__"})


def test_imports_run_one_way() -> None:
    """A part imports what stands in the rows above its own, and nothing beside it."""
    wrong = []
    for number, row in enumerate(ROWS):
        above = {part for parts in ROWS[:number] for part in parts}
        for path in (path for path in MODULES if part_of(path) in row):
            allowed = {None, "__version__", part_of(path), *above}
            wrong += [where(path, line, name) for line, name in imports_of(path) if imported_part(name) not in allowed]
    assert wrong == []


def graph_of(imports: Callable[[Path], list[str]]) -> dict[str, set[str]]:
    """What each module imports of the package, by the names below it."""
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in MODULES}
    modules = set(names.values())
    graph: dict[str, set[str]] = {}
    for path, name in names.items():
        imported = {found if found in modules else found.rpartition(".")[0] for found in imports(path)} & modules
        graph[name.partition(".")[2]] = {found.partition(".")[2] for found in imported - {name}}
    return graph


def circle_in(graph: dict[str, set[str]]) -> str:
    """A circle of imports; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " imports ".join(error.args[1][::-1])
    return ""


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Wherever in a file the import stands, and where only type checkers read it, too."""
    assert circle_in(graph_of(lambda path: [found for _, found in imports_of(path)])) == ""


def test_a_circle_is_found() -> None:
    assert circle_in({"engines.base": {"engines.workload"}, "engines.workload": {"engines.base"}}) != ""


def test_each_library_is_imported_where_it_belongs() -> None:
    wrong = [
        where(path, line, name)
        for path in MODULES
        for line, name in imports_of(path)
        if part_of(path) not in HOMES.get(name.split(".")[0], {part_of(path)})
    ]
    assert wrong == []


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that a new process holds after this statement."""
    probe = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    # Without `site`: an editable installation may load modules of its own when the process starts.
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {[str(ROOT), *sys.path]!r}\n{probe}"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split())


@pytest.mark.parametrize("part", CALCULATOR)
def test_the_calculator_loads_no_network_no_store_and_no_jupyter(part: str) -> None:
    assert not loaded_by(f"import budsim_widgets.{part}") & HEAVY


def own_modules_of(statement: str) -> set[str]:
    """The modules of the package that a new process holds after this statement."""
    printed = "print(*[name for name in __import__('sys').modules if name.startswith('budsim_widgets.')])"
    command = [
        sys.executable,
        "-S",
        "-c",
        f"import sys; sys.path[:0] = {[str(ROOT), *sys.path]!r}\n{statement}\n{printed}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return {name.partition(".")[2] for name in done.stdout.split()}


CALCULATION = """
import budsim_widgets as bw
bw.calculate({"model_type": "llama", "vocab_size": 64, "hidden_size": 64, "intermediate_size": 64,
              "num_hidden_layers": 2, "num_attention_heads": 4}, engine=ENGINE).recommendations
"""
CODE_OF_OTHERS = {
    "transformers": ("engines.vllm", "engines.sglang", "engines.llama_cpp", "formats.gguf", "formats.skip_modules"),
    "vllm": ("engines.sglang", "engines.llama_cpp", "formats.gguf"),
}


@pytest.mark.parametrize("engine", CODE_OF_OTHERS)
def test_a_calculation_loads_the_code_of_its_own_engine_and_family_alone(engine: str) -> None:
    loaded = own_modules_of(CALCULATION.replace("ENGINE", repr(engine)))
    others = (*CODE_OF_OTHERS[engine], "architectures.generic", "memory.analysis", "training", "fitting.what_fits")
    assert {name for name in loaded if name.startswith(others)} == set()
    assert {name for name in loaded if name.startswith("architectures.families.")} == {"architectures.families.llama"}


def test_importing_the_package_loads_none_of_its_parts() -> None:
    assert not loaded_by("import budsim_widgets") & HEAVY


@pytest.mark.parametrize("part", ["hub", "resolver", "actions"])
def test_the_hubs_client_is_loaded_only_when_it_is_asked(part: str) -> None:
    assert "huggingface_hub" not in loaded_by(f"import budsim_widgets.{part}")


def test_one_place_escapes_for_html_and_makes_printable_too() -> None:
    """Escaped, a direction mark or an escape sequence still changes how a page or a terminal reads."""
    escaping = [path.name for path in MODULES if "html.escape" in {name for _, name in imports_of(path)}]
    assert escaping == ["printable.py"]


def test_what_others_wrote_is_quoted_by_one_function() -> None:
    """`repr` of a part of a text keeps what is left of an access token, and takes as long as the value is deep."""
    by_repr = [
        path.relative_to(ROOT).as_posix() for path in MODULES if re.search(r"\]!r|!r:\.", path.read_text("utf-8"))
    ]
    assert by_repr == []


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    unexplained = [line for line in block[1].splitlines() if not re.search(r"\",\s+# .{8,}", line)]
    assert unexplained == []


def test_the_license_is_the_one_that_the_package_names() -> None:
    named = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'license = "Apache-2.0"\nlicense-files = ["LICENSE"]\n' in named
    text = (ROOT / "LICENSE").read_bytes()
    # that of https://www.apache.org/licenses/LICENSE-2.0.txt
    assert hashlib.sha256(text).hexdigest() == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_a_page_names_only_what_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = set(
        re.findall(r"`?make (?:[A-Z]+=\S+ )*([a-z-]+)", "\n".join(re.findall(r"^    .*|`[^`]+`", text, re.MULTILINE)))
    )
    assert commands
    assert commands <= targets
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_a_pages_python_is_python(page: str) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    for block in blocks:
        tree = ast.parse(block)
        names = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "bw"
        }
        assert names <= set(bw.__all__)


def test_the_worked_example_is_a_real_description() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(@family.*?)```", text, re.DOTALL)
    sources = [path.read_text(encoding="utf-8") for path in (PACKAGE / "architectures" / "families").glob("*.py")]
    assert blocks
    assert all(any(block in source for source in sources) for block in blocks)


@pytest.mark.skipif(os.name == "nt", reason="make needs a POSIX shell")
def test_an_older_python_is_refused_by_name(tmp_path: Path) -> None:
    old = tmp_path / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" != --version ] || echo "Python 3.8.1"\nexit 1\n', encoding="utf-8")
    old.chmod(0o755)
    command = ["sh", "tools/make_venv.sh", str(old), str(tmp_path / "venv")]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 1
    assert "needs Python 3.10 or newer" in told.stderr
    assert "Python 3.8.1" in told.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_without_a_browser_only_ci_fails(tmp_path: Path, ci: str, status: int) -> None:
    for name in ("sh", "id"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    environment = {"PATH": str(tmp_path), "CI": ci}
    script = str(ROOT / "tools" / "find_chromium.sh")
    told = subprocess.run(
        [str(tmp_path / "sh"), script], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == status
    assert "sudo apt-get install chromium" in told.stderr
