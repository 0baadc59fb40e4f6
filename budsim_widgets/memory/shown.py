"""How reports show themselves: as text in a terminal, as HTML in a notebook."""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType


class ShownInNotebook:
    """Text in a terminal, and in a notebook what the panel shows, too.

    The HTML stands in `budsim_widgets.rendering`, which knows every kind of report; it is loaded, by its name, with the
    first report that a notebook shows.
    """

    def _repr_html_(self) -> str:
        return str(import_module("budsim_widgets.rendering.output").output(self))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


class ShownReport(ShownInNotebook):
    """A report whose text stands in a module of its own, which is loaded with the first one that is shown.

    Attributes:
        rendering: That module; it has `text(report)`.
    """

    rendering: ClassVar[str]

    def _rendering(self) -> ModuleType:
        return import_module(self.rendering)

    def __repr__(self) -> str:
        return str(self._rendering().text(self))


class ShownTable(ShownInNotebook, ABC):
    """A report that is one table, with a title above and remarks.

    Attributes:
        headers: The columns of the table.
    """

    headers: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def title(self) -> str:
        """What the table shows."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What stands below it."""
        return ()

    @abstractmethod
    def cells(self) -> Iterable[tuple[str, ...]]:
        """The cells of the table, by `headers`."""

    def __repr__(self) -> str:
        from budsim_widgets.memory.tables import text_table  # noqa: PLC0415 - shown later than computed

        return "\n".join((self.title, text_table(self.headers, self.cells()), *self.remarks))
