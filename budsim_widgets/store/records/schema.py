"""The tables of the file, the version of their layout, and the way from an older one.

A new version takes three things: a higher `version` in `CURRENT`, a function in its `migrations` under the version
that it starts from, and a test. The file is left as it is until the next write, which first keeps a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

CONFIGS_TABLE: Final = "user_model_configs"
CATALOG_TABLE: Final = "models"
PREFERENCES_TABLE: Final = "preferences"
FORGOTTEN_TABLE: Final = "forgotten_configs"
TEAMS_TABLE: Final = "team_repositories"

Tables: TypeAlias = dict[str, dict[str, dict[str, Any]]]
"""What a TinyDB file holds: tables by name, documents by id."""

Migration: TypeAlias = Callable[[Tables], Tables]
"""Makes the tables of the next version from those of one; leaves what it is given as it is."""


@dataclass(frozen=True)
class Schema:
    """A version of the layout, and for each older one the step to the next.

    Attributes:
        version: What this code writes, and the newest that it reads.
        migrations: From a version to the next, by the version that it starts from.
    """

    version: int
    migrations: Mapping[int, Migration] = field(default_factory=dict)

    def upgrade(self, tables: Tables, *, version: int) -> Tables:
        """The tables of an older version, brought to this one step by step."""
        for step in range(version, self.version):
            tables = self.migrations[step](tables)
        return tables


def _add_contributor(tables: Tables) -> Tables:
    """From 1 to 2: each version of a config says from whom it came."""
    if CONFIGS_TABLE not in tables:
        return tables
    return {**tables, CONFIGS_TABLE: {key: _submitted_here(record) for key, record in tables[CONFIGS_TABLE].items()}}


def _submitted_here(record: Any) -> Any:
    # What is no record stays as it is: it is found where records are checked.
    if type(record) is not dict or type(record.get("history")) is not list:
        return record
    earlier = [{**item, "contributor": None} if type(item) is dict else item for item in record["history"]]
    return {**record, "contributor": None, "history": earlier}


CURRENT: Final = Schema(version=2, migrations={1: _add_contributor})
