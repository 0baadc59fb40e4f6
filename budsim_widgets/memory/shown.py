"""How reports show themselves: as text in a terminal, as HTML in a notebook."""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType


class ShownReport:
    """A report whose looks stand in a module of their own, which is loaded with the first one that is shown.

    Attributes:
        rendering: That module; it has `text(report)` and `html(report)`.
    """

    rendering: ClassVar[str]

    def _rendering(self) -> ModuleType:
        return import_module(self.rendering)

    def __repr__(self) -> str:
        return str(self._rendering().text(self))

    def _repr_html_(self) -> str:
        return str(self._rendering().html(self))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


class ShownTable(ABC):
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
        """What stands below it, in a notebook beside the title."""
        return ()

    @abstractmethod
    def cells(self) -> Iterable[tuple[str, ...]]:
        """The cells of the table, by `headers`."""

    def __repr__(self) -> str:
        from budsim_widgets.memory.tables import text_table  # noqa: PLC0415 - shown later than computed

        return "\n".join((self.title, text_table(self.headers, self.cells()), *self.remarks))

    def _repr_html_(self) -> str:
        from budsim_widgets.memory.tables import html_table  # noqa: PLC0415 - shown later than computed

        return html_table(self.headers, self.cells(), caption=". ".join((self.title, *self.remarks)))
