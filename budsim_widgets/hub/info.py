"""What the Hub publishes about a model, gated or not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


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
    """

    model_id: str
    gated: str | bool = False
    num_parameters: int | None = None
    parameters_by_dtype: dict[str, int] = field(default_factory=dict)
    siblings: tuple[str, ...] = ()
    disabled: bool = False
    model_type: str | None = None


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
    siblings = info.get("siblings")
    model_type = _mapping(info.get("config")).get("model_type")
    return HubInfo(
        model_id=info["id"],
        gated=info.get("gated") or False,
        num_parameters=total if _is_count(total) else None,
        parameters_by_dtype=by_dtype,
        siblings=tuple(_names(siblings if isinstance(siblings, list) else [])),
        disabled=info.get("disabled") is True,
        model_type=model_type if isinstance(model_type, str) else None,
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _names(siblings: list[Any]) -> list[str]:
    return [name for sibling in siblings if isinstance(name := _mapping(sibling).get("rfilename"), str)]
