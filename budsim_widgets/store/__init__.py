"""The store: configs that people pasted, and those that were resolved before, in one TinyDB file.

Several kernels write it at once and lose nothing, and a kernel killed at any moment leaves it whole.

    config_store   ConfigStore: what the rest of the package uses
    records        the values handed out, and the records that keep them
    versions       what a resubmission or an import makes of the versions kept so far
    exchange       export to a file, import from one
    shared_file    one model's configs as a file that several people keep together
    store_file     the file with its cache, and changes to it, one at a time
    session        TinyDB over one change
    layout         tables to bytes and back; which files aren't ours
    schema         the version of the layout, and the way from an older one
    files          reading and replacing files, whole or not at all
    locking        one writer at a time, across threads and processes
    faults         what the system reports, as a StoreError with the next step
"""

from __future__ import annotations

from budsim_widgets.store.config_store import ConfigStore
from budsim_widgets.store.location import default_path
from budsim_widgets.store.records import CatalogEntry, ImportSummary, RejectedConfig, StoredConfig
from budsim_widgets.store.store_file import StoreDamagedWarning

__all__ = [
    "CatalogEntry",
    "ConfigStore",
    "ImportSummary",
    "RejectedConfig",
    "StoreDamagedWarning",
    "StoredConfig",
    "default_path",
]
