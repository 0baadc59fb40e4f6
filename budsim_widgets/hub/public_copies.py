"""Public copies of a gated model: others that were made from it and have as many parameters."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from budsim_widgets.hub.fetch_config import fetch_info, get_response
from budsim_widgets.hub.transport.connection import MAX_RESPONSE_BYTES

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.deadline import Deadline
    from budsim_widgets.hub.transport.request_context import RequestContext

_ID: Final = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
_LOOKED_AT: Final = 100
_MOST: Final = 3


def fetch_public_copies(context: RequestContext, deadline: Deadline) -> tuple[str, ...]:
    """The ids of public models that name this one as their base and have as many parameters, the most used first.

    That the numbers agree is no proof: a fine-tuned model has the same config but for its weights, as a rule.

    Raises:
        HubError: The Hub gave nothing.
    """
    total = fetch_info(context, deadline).num_parameters
    if not total:
        return ()
    asked = [
        ("filter", f"base_model:{context.repo_id}"),
        ("gated", "false"),
        ("sort", "downloads"),
        ("limit", str(_LOOKED_AT)),
        ("expand", "safetensors"),
        ("expand", "gated"),
    ]
    found = get_response(context, f"/api/models?{urlencode(asked)}", deadline, MAX_RESPONSE_BYTES).response
    return tuple(_as_large(found.body, total))[:_MOST]


def _as_large(body: bytes, total: int) -> list[str]:
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError):
        return []
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    public = [row for row in rows if row.get("gated") is False and _total(row) == total]
    return [name for row in public if isinstance(name := row.get("id"), str) and _ID.fullmatch(name)]


def _total(row: dict[str, Any]) -> object:
    counted = row.get("safetensors")
    return counted.get("total") if isinstance(counted, dict) else None
