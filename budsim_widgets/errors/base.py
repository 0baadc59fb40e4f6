"""What every error of the package has in common."""

from __future__ import annotations

from typing import Any, ClassVar

from budsim_widgets.printable import printable


class BudsimError(Exception):
    """What every error of the package has in common.

    Attributes:
        message: What is wrong, for a person; one sentence or two.
        next_step: What to do about it; that of the class, `default_next_step`, where whoever raises it knows no better.
        model_id: The Hub id that it is about, or None.
        error_code: A stable code for programs.
    """

    error_code: ClassVar[str] = "ERROR"
    default_next_step: ClassVar[str] = "Correct what the message names, and try again."

    def __init__(self, message: str, *, next_step: str = "", model_id: str | None = None) -> None:
        # Here, since every text of others that a message repeats comes through here.
        self.message = printable(message)
        self.next_step = printable(next_step).strip() or self.default_next_step
        super().__init__(self.message)
        self.model_id = model_id

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".rstrip()

    def __reduce__(self) -> tuple[Any, ...]:
        # By its attributes: the classes' arguments differ, and a process pool sends errors back pickled.
        return (_blank, (type(self), self.args), self.__dict__)

    def _render_traceback_(self) -> list[str]:
        """What IPython and Jupyter show in the place of a traceback, by a name that IPython looks for.

        `%debug` and `__traceback__` still have every frame.
        """
        from budsim_widgets.callers_lines import callers_lines  # noqa: PLC0415 - only a notebook asks

        said = (f"{type(self).__name__}: {self.message}", self.next_step, self._in_code)
        return [*callers_lines(self.__traceback__), *filter(None, said)]

    @property
    def _in_code(self) -> str:
        """What helps in a cell, where there are no buttons; empty: nothing beside the next step."""
        return ""

    def to_dict(self) -> dict[str, Any]:
        """The error as plain JSON values, for a row of a comparison or an answer over HTTP."""
        return {
            "error_code": self.error_code,
            "message": self.message,
            "next_step": self.next_step,
            "model_id": self.model_id,
        }


def _blank(kind: type[BudsimError], args: tuple[Any, ...]) -> BudsimError:
    return kind.__new__(kind, *args)
