"""What the version of transformers that wrote a file says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from budsim_widgets.formats.fields import Fields

_FUSES_EXPERTS: Final = 5


def leaves_fused_experts(fields: Fields) -> bool:
    """Whether a version wrote it that makes one parameter of a layer's experts, which libraries leave as they are.

    Example:
        >>> from budsim_widgets.formats.fields import Fields
        >>> leaves_fused_experts(Fields({"transformers_version": "5.3.0"})), leaves_fused_experts(Fields({}))
        (True, False)
    """
    major = str(fields.get("transformers_version", "")).partition(".")[0]
    return major.isascii() and major.isdecimal() and int(major[:9]) >= _FUSES_EXPERTS
