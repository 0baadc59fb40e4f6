"""GGUF files that were read elsewhere, such as in a browser, and stand for their names."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from budsim_widgets.resolver.resolved_config import ResolvedConfig

if TYPE_CHECKING:
    from budsim_widgets.intake.gguf_file import GgufFile

_MOST: Final = 8


class KeptGgufFiles:
    """The last few of them, resolved."""

    def __init__(self) -> None:
        self._by_name: OrderedDict[str, ResolvedConfig] = OrderedDict()

    def get(self, name: str) -> ResolvedConfig | None:
        """The config of the file of this name, or None."""
        return self._by_name.get(name)

    def keep(self, name: str, file: GgufFile) -> None:
        """A file stands for its name from now on.

        Raises:
            ConfigError: It is no model's, or its model isn't converted.
        """
        from budsim_widgets.gguf_files import read_model  # noqa: PLC0415 - nearly every config is JSON

        reading = read_model(file)
        self._by_name.pop(name, None)
        self._by_name[name] = ResolvedConfig(
            model_id=None, config=reading.config, source="file", notices=reading.repairs, gguf_file=file
        )
        while len(self._by_name) > _MOST:
            self._by_name.popitem(last=False)
