"""The actions over HTTP, in Jupyter Server: POST and GET below `{base_url}budsim/api/models/`.

extension    BudsimExtension: settings, and what the server loads
routes       the table of routes, and what each takes and gives
handlers     a request → one call of an action → an answer
bodies       a request's body, bounded while it arrives
requests     what the bodies hold
answers      what is given back, and errors as JSON with their status
service      the actions on threads, so that a slow Hub holds up nobody else
limits       how many submissions a minute
openapi      the description of all this, made from the schemas
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from budsim_widgets.server.extension import BudsimExtension  # noqa: PLC0415 - loaded by a server only

    return [{"module": "budsim_widgets.server", "app": BudsimExtension}]
