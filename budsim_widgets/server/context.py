"""What the handlers work with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from budsim_widgets.server.rate_limit import RateLimit
    from budsim_widgets.server.service import Service

SETTINGS_KEY: Final = "budsim_context"
"""Where the web application keeps it."""


@dataclass(frozen=True)
class ServerContext:
    """What the handlers work with.

    Attributes:
        service: Runs the actions.
        submissions: How many configs may be submitted.
        max_body_bytes: The largest body of a request.
        body_timeout_seconds: The most that a body may take to arrive.
        description: The OpenAPI description.
        store_path: The file of configs, which no client is told.
    """

    service: Service
    submissions: RateLimit
    max_body_bytes: int
    body_timeout_seconds: float
    description: dict[str, Any]
    store_path: str

    def without_store_path(self, text: str) -> str:
        """JSON in which the store isn't called by its path, which its errors and notices name."""
        for path in (self.store_path, printable(self.store_path)):  # as errors and notices show it
            text = text.replace(json.dumps(path)[1:-1], "the server's store")
        return text
