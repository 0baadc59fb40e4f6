"""Where the config of a model is looked for: pasted > catalog > Hub."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.config_files import is_file_name, read_config_file
from budsim_widgets.errors import HubError, ModelIdError, StoreError
from budsim_widgets.intake import read_config
from budsim_widgets.resolver.hub_answers import config_in
from budsim_widgets.resolver.kept_gguf_files import KeptGgufFiles
from budsim_widgets.resolver.pasted_notices import doubts, revision_notices
from budsim_widgets.resolver.resolved_config import ResolvedConfig

if TYPE_CHECKING:
    from budsim_widgets.hub import HubClient, HubConfig, ModelRef
    from budsim_widgets.intake.gguf_file import GgufFile
    from budsim_widgets.resolver.resolved_config import Model
    from budsim_widgets.store import ConfigStore


class Resolver:
    """Finds the config of a model.

    Args:
        store: Where pasted and catalog configs are kept; None: the user's own store, opened when first needed.
        hub: The Hub's client; None: the usual one.
        reads_files: Whether a text may name a file. False where texts come from elsewhere than the caller's own code.
    """

    def __init__(
        self, store: ConfigStore | None = None, hub: HubClient | None = None, *, reads_files: bool = True
    ) -> None:
        self._store = store
        self._hub = hub
        self._reads_files = reads_files
        self._canonical_ids: dict[str, str] = {}
        self._kept_files = KeptGgufFiles()
        self._opening = threading.Lock()

    @property
    def store(self) -> ConfigStore:
        """The store, opened when first asked for."""
        with self._opening:
            if self._store is None:
                from budsim_widgets.store import ConfigStore  # noqa: PLC0415 - a dict's calculation needs no TinyDB

                self._store = ConfigStore()
            return self._store

    @property
    def hub(self) -> HubClient:
        """The Hub's client, made when first asked for."""
        with self._opening:
            if self._hub is None:
                from budsim_widgets.hub import HubClient  # noqa: PLC0415 - a stored config needs no Hub

                self._hub = HubClient()
            return self._hub

    def without_file_paths(self) -> Resolver:
        """The same store and Hub, where a text never names a file."""
        return Resolver(self.store, self.hub, reads_files=False)

    def resolve(self, model: Model, *, use_saved: bool = True) -> ResolvedConfig:
        """The config of a model.

        Args:
            model: A Hub id or URL, a config dict, or a path to a config file (`Path`, or text that ends in `.json`) or
                to a GGUF file (`.gguf`), of which the header alone is read.
                What was resolved before stands for itself: its next question asks no one.
            use_saved: False asks the Hub even where a config is kept.

        Raises:
            ModelIdError: The text is no model's id.
            ConfigError: The dict or file, or what the Hub gave, is no usable config.
            HubError: The Hub gave no config; `GatedModelError` where the model is gated.
            StoreError: The store can't be read, and the Hub gives no config either.

        Example:
            >>> Resolver().resolve({"model_type": "llama"}).source
            'dict'
        """
        if isinstance(model, ResolvedConfig):
            return model
        if isinstance(model, str):
            kept = self._kept_files.get(model)
            if kept is not None:
                return kept
            if self._reads_files and is_file_name(model):
                return _from_file(Path(model))
            return self._from_id(model, use_saved=use_saved)
        if hasattr(model, "__fspath__"):
            return _from_file(Path(model))
        if hasattr(model, "keys"):
            with config_errors():
                return ResolvedConfig(model_id=None, config=read_config(model).config, source="dict")
        raise ModelIdError(
            f"A model is given by its id, its config or a file, not by a {type(model).__name__}.",
            next_step="Pass an id such as 'Qwen/Qwen2.5-7B', a dict, or the path of a config.json.",
        )

    def keep_gguf(self, name: str, file: GgufFile) -> None:
        """A GGUF file that was read elsewhere, such as in a browser, stands for its name from now on; the last few do.

        Raises:
            ConfigError: It is no model's, or its model isn't converted.
        """
        self._kept_files.keep(name, file)

    def find_saved(self, text: str) -> ResolvedConfig | None:
        """The config that is kept for a model, pasted or from the Hub; None where the Hub would be asked.

        Raises:
            ModelIdError: The text is no model's id.
            StoreError: The store can't be read.
        """
        ref = _parse(text)
        return None if ref.subfolder else self._saved(ref)

    def model_id(self, text: str) -> str:
        """The id of the model that a person's text names, as the Hub spells it where that is known.

        Raises:
            ModelIdError: The text is no model's id, or names a folder of one: configs are kept for whole models.
        """
        ref = _parse(text)
        if ref.subfolder:
            raise ModelIdError(
                f"This is the address of a folder of {ref.model_id}: a config is kept for a whole model alone.",
                next_step="Type the model's id, or give the config of the folder itself, as a dict or a file.",
            )
        return self._canonical(ref.model_id)

    def _from_id(self, text: str, *, use_saved: bool) -> ResolvedConfig:
        ref = _parse(text)
        if ref.subfolder or not use_saved:  # what is kept is the model's own
            return self._from_hub(ref)
        try:
            saved = self._saved(ref)
        except StoreError as store_error:
            return self._without_store(ref, store_error)
        return saved or self._from_hub(ref)

    def _without_store(self, ref: ModelRef, store_error: StoreError) -> ResolvedConfig:
        """The Hub's answer with a notice; where the Hub has none, the store is what must be fixed."""
        try:
            resolved = self._from_hub(ref)
        except HubError as hub_error:
            raise store_error from hub_error
        return replace(resolved, notices=(str(store_error), *resolved.notices))

    def _saved(self, ref: ModelRef) -> ResolvedConfig | None:
        model_id = self._canonical(ref.model_id)
        pasted = self.store.get(model_id)
        if pasted is not None:
            return ResolvedConfig(
                model_id=pasted.model_id,
                config=pasted.config,
                source="copy" if pasted.copied_from else "user_provided",
                copied_from=pasted.copied_from,
                is_verified=pasted.is_verified,
                notices=(*self.store.notices, *doubts(pasted), *revision_notices(ref)),
            )
        entry = self.store.catalog.get(model_id)
        if entry is None or ref.revision not in {None, entry.revision}:
            return None
        return ResolvedConfig(
            model_id=entry.model_id,
            config=entry.config,
            source="catalog",
            revision=entry.revision,
            is_verified=True,
            notices=self.store.notices,
        )

    def _from_hub(self, ref: ModelRef) -> ResolvedConfig:
        answer = self.hub.fetch_config(ref)
        config = config_in(answer)
        self._canonical_ids[ref.model_id.casefold()] = answer.model_id
        return ResolvedConfig(
            model_id=str(replace(ref, model_id=answer.model_id, revision=None)),
            config=config,
            source="huggingface",
            revision=answer.revision,
            is_verified=True,
            notices=(*answer.notices, *self._keep_in_catalog(ref, answer, config)),
        )

    def _keep_in_catalog(self, ref: ModelRef, answer: HubConfig, config: dict[str, Any]) -> tuple[str, ...]:
        """Keeps what the Hub gave; says so where it can't be kept, since the answer is no worse for it."""
        if ref.revision is not None or ref.subfolder:
            return ()
        # Under the name that was asked for as well, so that it is found without a network.
        names = {name.casefold(): name for name in (ref.model_id, answer.model_id)}
        try:
            for model_id in names.values():
                self.store.catalog.put(model_id, config, answer.revision)
        except StoreError as error:
            return (f"The config isn't kept for the next time. {error}",)
        return self.store.notices

    def _canonical(self, model_id: str) -> str:
        return self._canonical_ids.get(model_id.casefold(), model_id)


def _parse(text: str) -> ModelRef:
    from budsim_widgets.hub import parse_model_id  # noqa: PLC0415 - a dict's calculation needs no Hub

    return parse_model_id(text)


def _from_file(path: Path) -> ResolvedConfig:
    reading, gguf_file = read_config_file(path)
    notices = reading.repairs if gguf_file else ()
    return ResolvedConfig(model_id=None, config=reading.config, source="file", notices=notices, gguf_file=gguf_file)
