"""The store: configs that people pasted, and those that were resolved before, in one TinyDB file.

Several kernels write it at once and lose nothing, and a kernel killed at any moment leaves it whole.

    config_store    ConfigStore: what the rest of the package uses, made of the next five
    open_store      what they have in common
    pasted          the configs that people pasted, with their history
    catalogue       the configs that the Hub gave before
    exporting       configs to a file
    importing       configs from one, merged
    import_offers   what such a file offers, checked
    values          what is handed out
    versions        what a resubmission or an import makes of the versions kept so far
    store_file      questions to the file and changes to it, one at a time
    snapshots       what the file held when it was last looked at
    session         TinyDB over one question or one change
    layout          tables to bytes and back; which files aren't ours
    schema          the version of the layout, and the way from an older one
    records         values to records and back
    record_checks   whether a record can be used
    record_sorting  those that can, by their model, and those that can't
    record_texts    records as JSON, each encoded once
    packing         earlier versions, packed
    plain_json      configs as plain values of bounded depth
    files           reading and replacing files, whole or not at all
    temporaries     what writers fill, and what killed ones left
    copies          copies kept beside the store
    locking         one writer at a time, across threads and processes
    process_lock    a lock that a fork doesn't inherit
    faults          what the system reports, as a StoreError with the next step
    location        where the store lies
    clock           the time
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
