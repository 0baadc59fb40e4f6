"""Names that are loaded when they are first used: a script that calculates never loads a widget.

A package inside names the modules of its own in its `__init__.py` (`on_first_use`). Of the public names, the stub
`__init__.pyi` is the one list. Type checkers and editors read it, and so does this module (as SPEC 1 of Scientific
Python proposes: https://scientific-python.org/specs/spec-0001/):

    from budsim_widgets.store import ConfigStore as ConfigStore    a class, in the module that defines it
    calculate = _actions.calculate                                 a method of the process's own `Actions`
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from operator import attrgetter
from pkgutil import get_data
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping

_PACKAGE = __name__.rpartition(".")[0]
_ACTIONS = "_actions."


class Source(NamedTuple):
    """Where a public name comes from.

    Attributes:
        module: The module that defines it.
        attribute: Its name there; for an action the way to the method, such as `team.share`.
        is_action: Whether it is a method of `default_actions()`.
    """

    module: str
    attribute: str
    is_action: bool = False


@cache
def public_names() -> dict[str, Source]:
    """Every public name and where it comes from.

    Example:
        >>> public_names()["ConfigStore"]
        Source(module='budsim_widgets.store', attribute='ConfigStore', is_action=False)
    """
    import ast  # noqa: PLC0415 - importing a part of the package needs no names

    stub = ast.parse(get_data(_PACKAGE, "__init__.pyi") or b"")
    found = dict(pair for statement in stub.body for pair in _names_in(statement))
    return {name: found[name] for name in sorted(found) if not name.startswith("_")}


def load(name: str) -> Any:
    """The value of a public name; a class is kept in the package's namespace, as if it had been imported there.

    Raises:
        AttributeError: There is no such name.
    """
    package = sys.modules[_PACKAGE]
    source = None if name.startswith("_") else public_names().get(name)
    if source is None:
        raise AttributeError(f"module {_PACKAGE!r} has no attribute {name!r}", name=name, obj=package)
    module = import_module(source.module)
    if source.is_action:
        return attrgetter(source.attribute)(module.default_actions())
    value = getattr(module, source.attribute)
    setattr(package, name, value)
    return value


def on_first_use(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose modules are loaded with the first of their names that is used.

    Args:
        package: The package.
        modules: Name → the module inside the package that defines it.
    """

    def load_name(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=sys.modules[package])
        value = getattr(import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return load_name


def _names_in(statement: ast.stmt) -> list[tuple[str, Source]]:
    import ast  # noqa: PLC0415 - as above

    if isinstance(statement, ast.ImportFrom):
        return [(alias.asname or alias.name, Source(statement.module or "", alias.name)) for alias in statement.names]
    if isinstance(statement, ast.Assign):
        attribute = ast.unparse(statement.value).removeprefix(_ACTIONS)
        return [(ast.unparse(statement.targets[0]), Source(f"{_PACKAGE}.actions", attribute, is_action=True))]
    return []
