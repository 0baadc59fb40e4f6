"""Operations a second by number format: a dict that nobody changes, since everyone shares the table's."""

from __future__ import annotations

from typing import NoReturn


class Rates(dict[str, float]):
    """A read-only dict: pickled, copied and written as JSON like any other.

    Example:
        >>> Rates(bf16=989e12)["bf16"]
        989000000000000.0
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[type[Rates], tuple[dict[str, float]]]:
        return Rates, (dict(self),)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("An accelerator's rates can't be changed; dataclasses.replace makes another accelerator.")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse
