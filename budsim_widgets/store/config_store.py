"""ConfigStore: the configs that people pasted, and those that were resolved before."""

from __future__ import annotations

from budsim_widgets.store.catalog import Catalogue
from budsim_widgets.store.exchange.exporting import Exports
from budsim_widgets.store.exchange.importing import Imports
from budsim_widgets.store.submitted import PastedConfigs


class ConfigStore(PastedConfigs, Exports, Imports, Catalogue):
    """Configs kept in one TinyDB file that several kernels may write at once.

    What a method has returned from is on the disk. Models are found whatever the case of their id. Nothing is read or
    written before the first question.

    Args:
        path: The file, or a folder for the `configs.json` in it; by default `$BUDSIM_STORE`, or else `configs.json` in
            the user's data folder.
        lock_timeout_seconds: How long a change waits for another kernel's.

    Example:
        >>> store = ConfigStore("configs.json")                                     # doctest: +SKIP
        >>> store.put("meta-llama/Llama-3.1-8B", {"model_type": "llama"}).version   # doctest: +SKIP
        1

    Every method may raise a `StoreError`, with the next step in it; what was stored before is then still there.
    """
