"""The store: configs that people pasted, and those that were resolved before, in one TinyDB file.

Several kernels write it at once and lose nothing, and a kernel killed at any moment leaves it whole.

    config_store    ConfigStore: what the rest of the package uses
    catalog         its part for what the Hub gave before
    file/           the file: read, changed under a lock, replaced whole, set aside where it is damaged
    records/        what stands in it: records checked, packed, and made into values and back
    exchange/       configs to other files and from them
"""

from __future__ import annotations

from budsim_widgets.store.config_store import ConfigStore
from budsim_widgets.store.file.location import default_path
from budsim_widgets.store.file.store_file import StoreDamagedWarning
from budsim_widgets.store.records.values import CatalogEntry, ImportSummary, RejectedConfig, StoredConfig

__all__ = [
    "CatalogEntry",
    "ConfigStore",
    "ImportSummary",
    "RejectedConfig",
    "StoreDamagedWarning",
    "StoredConfig",
    "default_path",
]
