r"""Lists of modules, as each library reads its own: made into the one language of `formats.skip_modules`.

transformers takes a name up to a dot, as an ending, or as a regular expression; compressed-tensors the whole name, a
class or `re:` and an expression; AutoAWQ any part of a name; Model Optimizer shell globs.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Final

from budsim_widgets.formats.globs import regex_of_glob
from budsim_widgets.formats.patterns.pattern import MAX_PATTERNS
from budsim_widgets.formats.plain_names import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterable

REGEX: Final = "re:"
EVERYTHING: Final = "re:.*"
"""Every module."""

NUMBERED_LAYERS: Final = r"re:(.*\.)?(layers?|h|blocks?)\.\d+\."
"""What lies inside of a stack of layers, as GPTQ and AutoAWQ quantize it."""

_LINEAR_CLASSES: Final = frozenset({"Linear", "LinearBase", "Module"})
_GLOB_SIGN: Final = re.compile(r"[*?\[]")
_DIGIT: Final = re.compile(r"\d")
_ESCAPES: Final = {ord(sign): f"\\{sign}" for sign in string.punctuation + string.whitespace if sign not in "_-"}


def whole_names(names: Iterable[str]) -> tuple[str, ...]:
    r"""Names that mean the module of this very name, as compressed-tensors has them.

    A name with a layer's number is looked up, which takes less than a pattern.

    Example:
        >>> whole_names(("lm_head", "model.layers.0.mlp.gate", "re:.*gate$", "Linear"))
        ('re:lm_head$', '=model.layers.0.mlp.gate', 're:.*gate$', 're:.*')
    """
    return tuple(_whole_name(name) for name in names)


def _whole_name(name: str) -> str:
    if name in _LINEAR_CLASSES:
        return EVERYTHING
    if name.startswith(REGEX):
        return name
    return f"{WHOLE}{name}" if _has_digit(name) else f"{REGEX}{literal(name)}$"


def parts_of_names(names: Iterable[str]) -> tuple[str, ...]:
    r"""Names that mean every module in whose name they stand, as AutoAWQ has them.

    Example:
        >>> parts_of_names(("visual", "model.layers.0.mlp"))
        ('re:.*visual', 'model.layers.0.mlp')
    """
    return tuple(name if _has_digit(name) else f"{REGEX}.*{literal(name)}" for name in names)


def globs(names: Iterable[str]) -> tuple[str, ...]:
    r"""Shell globs (`fnmatch`), as Model Optimizer has them; those that stand after too many are left as they are.

    Example:
        >>> globs(("lm_head", "model.layers.0*", "model.layers.[12].*"))
        ('lm_head', 're:model\\.layers\\.0.*$', 're:model\\.layers\\.[12]\\..*$')
    """
    listed = tuple(dict.fromkeys(names))
    read = {name: REGEX + regex_of_glob(name) for name in [*filter(_GLOB_SIGN.search, listed)][:MAX_PATTERNS]}
    return tuple(read.get(name, name) for name in listed)


def fused_experts(name: str) -> str:
    """A single expert's module as the one that holds them all.

    Example:
        >>> fused_experts("model.layers.3.mlp.experts.17.up_proj"), fused_experts("lm_head")
        ('model.layers.3.mlp.experts', 'lm_head')
    """
    start, found, _ = name.partition(".experts.")
    return f"{start}.experts" if found else name


def literal(text: str) -> str:
    r"""A regular expression that matches this text alone.

    Example:
        >>> literal("model.visual")
        'model\\.visual'
    """
    return text.translate(_ESCAPES)


def _has_digit(name: str) -> bool:
    return _DIGIT.search(name) is not None
