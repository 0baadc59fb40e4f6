"""The actions over HTTP, in Jupyter Server: POST and GET below `{base_url}budsim/api/models/`.

extension    BudsimExtension: settings, and what the server loads
context      what the handlers work with
handlers     the routes: a request → one call of an action → a response
base         what they share: who may ask, how much may come, errors as JSON
bodies       a request's body, bounded while it arrives
requests     what the bodies hold
responses    errors as JSON with their status
reports      what is given back
service      the actions on threads, so that a slow Hub holds up nobody else
rate_limit   how many submissions a minute
operations   what each route takes and gives
openapi      the description of all this, made from the schemas
"""

from __future__ import annotations

from typing import Any

from budsim_widgets import __version__

__all__ = ["__version__"]  # what `jupyter server extension list` shows


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from budsim_widgets.server.extension import BudsimExtension  # noqa: PLC0415 - loaded by a server only

    return [{"module": "budsim_widgets.server", "app": BudsimExtension}]
