"""The tables of what transformers declares and keeps are of the version that was measured last."""

from __future__ import annotations

import re

import pytest

from architectures.oracle_rows import FOLDER, rows, source
from budsim_widgets.data import load_table

DECLARED = ("config_classes", "config_fields", "defaults", "heads", "weights")
READ_OR_BUILT = ("activations", "gguf", "published", "training", "working_sets")
TABLES = DECLARED + READ_OR_BUILT
"""What `tools/` makes of an installed transformers, and what was read in it or built with it.

`tools/oracle/measure.py news` lists what has changed since.
"""

MEASURED = ("defaults", "field_sets", "perturbed", "perturbed_runs")


def version(text: str) -> tuple[int, ...]:
    """The numbers of a version: `transformers 5.24.0 …` is (5, 24)."""
    found = re.search(r"(\d+)\.(\d+)", text)
    assert found is not None, text
    return int(found[1]), int(found[2])


def newest_measured() -> tuple[int, ...]:
    """The newest version of transformers that any row was measured with."""
    whole = [version(source(name)["transformers"]) for name in MEASURED]
    single = [
        version(row["measured_with"]["transformers"])
        for name in MEASURED
        for row in rows(name)
        if "measured_with" in row
    ]
    return max(whole + single)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_as_new_as_the_newest_measured_version(name: str) -> None:
    table = load_table(name)
    said = str(table.get("_source", table.get("source"))).partition("transformers ")[2]
    assert version(said) == newest_measured(), f"{name}.json is of transformers {said[:8]}: make it again (see tools/)"


@pytest.mark.parametrize("name", MEASURED)
def test_most_rows_are_of_the_newest_measured_version(name: str) -> None:
    own = version(source(name)["transformers"])
    older = [
        row for row in rows(name) if version(row.get("measured_with", source(name))["transformers"]) < newest_measured()
    ]
    assert own == newest_measured(), f"{name}.jsonl.gz is of an older transformers: `measure.py regenerate`, `perturb`"
    assert len(older) <= len(rows(name)) // 20


def test_the_readme_names_the_version() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert version(text.partition("Measured with transformers ")[2]) == newest_measured()
