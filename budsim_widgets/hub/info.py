"""What the Hub publishes about a model, gated or not."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

_ID: Final = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
_QUANTIZED: Final = "base_model:quantized:"


@dataclass(frozen=True)
class HubInfo:
    """Public information about a model. That it can be read is no proof that the files can.

    Attributes:
        model_id: The canonical id.
        gated: `auto`, `manual` or False.
        num_parameters: The total that the Hub counted in the safetensors headers, or None.
        parameters_by_dtype: The same by dtype, such as `{"BF16": 8030261248}`.
        siblings: The paths of the repository's files.
        disabled: Whether the Hub has taken it down.
        model_type: The `model_type` of its config, which is public even where the config isn't.
        sizes: The size of each file in bytes, where they were asked for.
        base_model: The model that its card says it was made from, or None.
    """

    model_id: str
    gated: str | bool = False
    num_parameters: int | None = None
    parameters_by_dtype: dict[str, int] = field(default_factory=dict)
    siblings: tuple[str, ...] = ()
    disabled: bool = False
    model_type: str | None = None
    sizes: dict[str, int] = field(default_factory=dict)
    base_model: str | None = None


def read_info(body: bytes) -> HubInfo | None:
    """Read the Hub's JSON; None if it isn't that (a portal's page, another site)."""
    try:
        info = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(info, dict) or not isinstance(info.get("id"), str):
        return None
    counted = _mapping(info.get("safetensors"))
    by_dtype = {str(name): count for name, count in _mapping(counted.get("parameters")).items() if _is_count(count)}
    total = counted.get("total")
    listed = info.get("siblings")
    siblings = [_mapping(sibling) for sibling in listed] if isinstance(listed, list) else []
    model_type = _mapping(info.get("config")).get("model_type")
    return HubInfo(
        model_id=info["id"],
        gated=info.get("gated") or False,
        num_parameters=total if _is_count(total) else None,
        parameters_by_dtype=by_dtype,
        siblings=tuple(_names(siblings)),
        disabled=info.get("disabled") is True,
        model_type=model_type if isinstance(model_type, str) else None,
        sizes={name: one["size"] for one in siblings for name in _names([one]) if _is_count(one.get("size"))},
        base_model=_base_model(info),
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _names(siblings: list[dict[str, Any]]) -> list[str]:
    return [name for sibling in siblings if isinstance(name := sibling.get("rfilename"), str)]


def _base_model(info: dict[str, Any]) -> str | None:
    """The model that the card names, where it is one; else the one in the Hub's own tags."""
    named = _mapping(info.get("cardData")).get("base_model")
    names = named if isinstance(named, list) else [named]
    tags = info.get("tags")
    tagged = (
        [tag.rpartition(":")[2] for tag in tags if str(tag).startswith(_QUANTIZED)] if isinstance(tags, list) else []
    )
    return next((name for name in (*names, *tagged) if isinstance(name, str) and _ID.fullmatch(name)), None)
