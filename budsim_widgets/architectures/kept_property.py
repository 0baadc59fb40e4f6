"""Properties that are computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class kept_property(Generic[T]):  # noqa: N801 - used as a decorator
    """`functools.cached_property` without the lock that it takes up to Python 3.11: a report computes ten of them.

    Two threads may compute it at once; what they find is equal.

    Example:
        >>> class Square:
        ...     def __init__(self, side):
        ...         self.side = side
        ...     @kept_property
        ...     def area(self):
        ...         return self.side**2
        >>> Square(3).area
        9
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> kept_property[T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> kept_property[T] | T:
        """What was computed; from then on it stands in the instance itself."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._compute(instance)
        return value
