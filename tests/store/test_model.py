"""The store against a dict, step by step, with two stores on one file as two kernels would have them."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from budsim_widgets.errors import StoreError
from budsim_widgets.store import ConfigStore, StoredConfig
from budsim_widgets.store.records.versions import MAX_EARLIER_VERSIONS

model_ids = st.sampled_from(["a/a", "A/a", "b/b", "c/C", "c/c"])
configs = st.integers(0, 3).map(lambda size: {"hidden_size": size, "nested": {"sizes": [size]}})
kernels = st.integers(0, 1)

Kept = list[tuple[int, dict[str, Any]]]


class StoreMachine(RuleBasedStateMachine):
    """`kept` is the truth: for each id in lower case its versions, the newest first, as (number, config)."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "configs.json"
        self.stores = [ConfigStore(self.path), ConfigStore(self.path)]
        self.kept: dict[str, Kept] = {}
        self.catalogue: dict[str, dict[str, Any]] = {}

    @rule(kernel=kernels, model_id=model_ids, config=configs)
    def put(self, kernel: int, model_id: str, config: dict[str, Any]) -> None:
        stored = self.stores[kernel].put(model_id, config)
        kept = self.kept.setdefault(model_id.lower(), [])
        if not kept or kept[0][1] != config:
            kept.insert(0, (kept[0][0] + 1 if kept else 1, config))
            del kept[MAX_EARLIER_VERSIONS + 1 :]
        assert (stored.version, stored.config, stored.model_id) == (*kept[0], model_id)

    @rule(kernel=kernels, model_id=model_ids, version=st.integers(1, 6))
    def restore(self, kernel: int, model_id: str, version: int) -> None:
        kept = self.kept.get(model_id.lower(), [])
        wanted = dict(kept).get(version)
        if wanted is None:
            try:
                self.stores[kernel].restore(model_id, version)
            except StoreError:
                return
            raise AssertionError
        stored = self.stores[kernel].restore(model_id, version)
        if wanted != kept[0][1]:
            kept.insert(0, (kept[0][0] + 1, wanted))
        assert (stored.version, stored.config) == kept[0]

    @rule(kernel=kernels, model_id=model_ids)
    def delete(self, kernel: int, model_id: str) -> None:
        assert self.stores[kernel].delete(model_id) is (self.kept.pop(model_id.lower(), None) is not None)

    @rule(kernel=kernels, model_id=model_ids, config=configs)
    def put_catalogued(self, kernel: int, model_id: str, config: dict[str, Any]) -> None:
        self.stores[kernel].catalog.put(model_id, config, "abc")
        self.catalogue[model_id.lower()] = config

    @rule(kernel=kernels, model_id=model_ids, is_verified=st.booleans())
    def set_verified(self, kernel: int, model_id: str, *, is_verified: bool) -> None:
        noted = self.stores[kernel].set_verified(model_id, is_verified, 7)
        assert (noted is not None) is (model_id.lower() in self.kept)
        assert noted is None or noted.is_verified is is_verified

    @rule(kernel=kernels)
    def open_anew(self, kernel: int) -> None:
        self.stores[kernel] = ConfigStore(self.path)

    @rule(kernel=kernels)
    def export_forget_and_import(self, kernel: int) -> None:
        store, exported = self.stores[kernel], self.folder / "exported.json"
        before = self.told(store)
        assert store.export_file(exported) == len(self.kept)
        for model_id in self.kept:
            store.delete(model_id)
        assert len(store.import_file(exported).added) == len(self.kept)
        assert self.told(store) == before

    def told(self, store: ConfigStore) -> list[StoredConfig]:
        """All that is kept, but for what an import never takes over."""
        kept = [*store.list(), *(version for model_id in self.kept for version in store.history(model_id))]
        return [replace(one, is_verified=False, published_parameters=None, contributor=None) for one in kept]

    @invariant()
    def both_kernels_see_what_is_kept(self) -> None:
        for store in self.stores:
            assert {one.model_id.lower(): one.config for one in store.list()} == {
                model_id: kept[0][1] for model_id, kept in self.kept.items()
            }
            for model_id, kept in self.kept.items():
                assert [(one.version, one.config) for one in store.history(model_id)] == kept[1:]
            for model_id, config in self.catalogue.items():
                entry = store.catalog.get(model_id.upper())
                assert entry is not None
                assert entry.config == config

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


TestStoreAgainstADict = StoreMachine.TestCase
TestStoreAgainstADict.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
