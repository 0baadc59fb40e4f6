"""The GGUF files of a repository: what their names say, and how large they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import ListedGguf

if TYPE_CHECKING:
    from collections.abc import Mapping

_LABEL: Final = re.compile(
    r"(?:UD-)?(?:I?Q[0-9](?:_[0-9A-Z]{1,3}){0,3}|TQ[0-9]_[0-9]|MXFP4(?:_MOE)?|NVFP4|BF16|F16|F32)(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_PART: Final = re.compile(r"-([0-9]{5})-of-([0-9]{5})\.gguf$")
_MAX_NAME: Final = 300


def listed_gguf(siblings: tuple[str, ...], sizes: Mapping[str, int]) -> tuple[ListedGguf, ...]:
    """The GGUF files of a repository, the parts of a split one added up; the largest first.

    Example:
        >>> [(file.label, file.num_bytes) for file in listed_gguf(
        ...     ("m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf", "m-UD-Q4_K_XL.gguf"),
        ...     {"m-Q8_0-00001-of-00002.gguf": 5, "m-Q8_0-00002-of-00002.gguf": 3, "m-UD-Q4_K_XL.gguf": 4})]
        [('Q8_0', 8), ('UD-Q4_K_XL', 4)]
    """
    parts: dict[str, list[str]] = {}
    for name in siblings:
        if name.endswith(".gguf") and len(name) <= _MAX_NAME:
            parts.setdefault(_PART.sub("", name), []).append(name)
    found = (_listed(sorted(names), sizes) for names in parts.values())
    return tuple(sorted(found, key=lambda file: (file.is_projector, -(file.num_bytes or 0), file.name)))


def _listed(names: list[str], sizes: Mapping[str, int]) -> ListedGguf:
    first = names[0]
    known = [sizes[name] for name in names if name in sizes]
    file = first.rpartition("/")[2]
    labels = _LABEL.findall(_PART.sub("", file).removesuffix(".gguf")) or _LABEL.findall(first)
    return ListedGguf(
        name=first,
        label=labels[-1].upper() if labels else "",
        num_bytes=sum(known) if len(known) == len(names) else None,
        is_projector="mmproj" in file.lower(),
    )
