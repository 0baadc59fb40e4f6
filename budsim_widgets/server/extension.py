"""BudsimExtension: settings, and what the server loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.extension.application import ExtensionApp
from traitlets import Float, Int, Unicode

from budsim_widgets.actions import Actions
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.server.handlers import URLS
from budsim_widgets.server.limits import Limit
from budsim_widgets.server.openapi import describe
from budsim_widgets.server.service import Service
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


@dataclass(frozen=True)
class Extension:
    """What the handlers work with."""

    service: Service
    submissions: Limit
    max_body_bytes: int
    description: dict[str, Any]


class BudsimExtension(ExtensionApp):
    """The memory calculator over HTTP.

    Settings stand in `jupyter_server_config.py`:

        c.BudsimExtension.submissions_per_minute = 60
    """

    name = "budsim_widgets"

    store_path = Unicode(
        "", help="The file of pasted configs, or its folder. By default $BUDSIM_STORE, else the user's own."
    ).tag(config=True)
    hub_endpoint = Unicode(
        "", help="The Hub that is asked, and no other host. By default $HF_ENDPOINT, else the real Hub."
    ).tag(config=True)
    hub_timeout_seconds = Float(
        10.0, min=0.1, max=600.0, help="The most that one question to the Hub may take, in seconds."
    ).tag(config=True)
    submissions_per_minute = Int(
        30, min=0, help="Configs that one user, or one address, may submit within a minute."
    ).tag(config=True)
    max_body_bytes = Int(
        1024 * 1024, min=1024, help="The largest body of a request, in bytes; larger ones are answered with 413."
    ).tag(config=True)

    def initialize_handlers(self) -> None:
        """Add the routes, and what they work with."""
        server = cast("ServerApp", self.serverapp)
        hub = HubClient(endpoint=self.hub_endpoint or None, timeout_seconds=self.hub_timeout_seconds)
        actions = Actions(Resolver(ConfigStore(self.store_path or None), hub))
        self.extension = Extension(
            service=Service(actions),
            submissions=Limit(self.submissions_per_minute),
            max_body_bytes=self.max_body_bytes,
            description=describe(server.base_url),
        )
        server.web_app.settings["budsim_extension"] = self.extension
        self.handlers.extend(URLS)

    async def stop_extension(self) -> None:
        """Start nothing more."""
        self.extension.service.close()
