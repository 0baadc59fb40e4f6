"""Every class that transformers builds from the config of a described type: as many parameters, or an estimate.

`oracle/classes.jsonl.gz` holds random configs with the classes that 5.24 builds of each, and their parameters: other
sizes and flags, heads tied and apart, labels by number and by name. Measured by `tools/oracle/classes.py`.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.errors import ConfigError

LINES = gzip.decompress((Path(__file__).parent / "oracle" / "classes.jsonl.gz").read_bytes()).splitlines()
ROWS: dict[str, list[dict[str, Any]]] = {}
for row in map(json.loads, LINES[1:]):
    ROWS.setdefault(row["model_type"], []).append(row)


def verdicts(rows: list[dict[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """Each class with its config under what is said of it: exact, wrong, an estimate or refused."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        for architecture, num_parameters in row["classes"].items():
            try:
                built = build({**row["config"], "architectures": [architecture]})
            except ConfigError:
                said = "refused"
            else:
                is_right = (built.architecture, built.num_parameters) == (architecture, num_parameters)
                said = "estimate" if built.basis != "exact" else "exact" if is_right else "wrong"
            found.setdefault(said, []).append((architecture, row["name"]))
    return found


@pytest.mark.parametrize("model_type", ROWS)
def test_no_class_is_called_exact_that_is_not(model_type: str) -> None:
    assert verdicts(ROWS[model_type]).get("wrong", []) == []


def test_nearly_all_classes_are_exact() -> None:
    counts = Counter[str]()
    for rows in ROWS.values():
        counts.update({said: len(places) for said, places in verdicts(rows).items()})
    assert counts["exact"] >= 3_265
    assert counts["estimate"] + counts["refused"] <= 260
