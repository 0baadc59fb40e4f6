"""Ids that lead to another one: renamed models, other letter cases, the one-part ids of the early days."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from budsim_widgets.errors import ModelIdError
from budsim_widgets.hub.ids.model_ids import parse_model_id

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.request_context import RequestContext

_FILE_PATHS = (
    re.compile(r"/api/resolve-cache/models/(?P<id>[^/]+(?:/[^/]+)?)/[0-9a-f]{40}/.*"),
    re.compile(r"/(?P<id>[^/]+(?:/[^/]+)?)/resolve/.*"),
)


def canonical_id(visited: tuple[str, ...], context: RequestContext) -> str:
    """The id in the last address on the way that names one."""
    prefix = urlsplit(context.endpoint).path
    for url in reversed(visited):
        path = urlsplit(url).path.removeprefix(prefix)
        match = next((match for pattern in _FILE_PATHS if (match := pattern.fullmatch(path))), None)
        if match:
            try:
                return parse_model_id(unquote(match["id"])).model_id
            except ModelIdError:  # an address of another kind that happens to look like it
                continue
    return context.repo_id


def renamed_notices(requested: str, canonical: str) -> tuple[str, ...]:
    """What to tell a person whose id led to another one."""
    if requested == canonical:
        return ()
    if requested.lower() == canonical.lower():
        return (f"The Hub writes it {canonical}.",)
    return (f"On the Hub, {requested} is now {canonical}.",)
