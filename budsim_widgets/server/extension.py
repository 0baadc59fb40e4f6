"""BudsimExtension: settings, and what the server loads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from jupyter_server.extension.application import ExtensionApp
from traitlets import Float, Int, TraitError, Unicode, validate

from budsim_widgets.actions import Actions
from budsim_widgets.hub import HubClient
from budsim_widgets.hub.transport.endpoint import is_web_url
from budsim_widgets.resolver import Resolver
from budsim_widgets.server.context import SETTINGS_KEY, ServerContext
from budsim_widgets.server.openapi import describe
from budsim_widgets.server.panel_page import PANEL_PATH, PanelPageHandler
from budsim_widgets.server.rate_limit import RateLimit
from budsim_widgets.server.routes import URLS
from budsim_widgets.server.service import Service
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp
    from traitlets import Bunch
    from traitlets.config import Config


class BudsimExtension(ExtensionApp):
    """The memory calculator over HTTP.

    Settings stand in `jupyter_server_config.py`:

        c.BudsimExtension.submissions_per_minute = 60

    With one that can't be used nothing is served, and the server's log says why; the rest of the server goes on.
    """

    name = "budsim_widgets"

    store_path = Unicode(
        "", help="The file of pasted configs, or its folder. By default $BUDSIM_STORE, else the user's own."
    ).tag(config=True)
    hub_endpoint = Unicode(
        "", help="The Hub that is asked, and no other host. By default $HF_ENDPOINT, else the real Hub."
    ).tag(config=True)
    hub_timeout_seconds = Float(
        10.0, min=0.1, max=120.0, help="The most that one request to the Hub may take, in seconds."
    ).tag(config=True)
    submissions_per_minute = Int(
        30, min=0, help="Configs that one user, or one address, may submit within a minute; 0: none."
    ).tag(config=True)
    max_body_bytes = Int(
        1024 * 1024, min=1024, help="The largest body of a request, in bytes; larger ones are answered with 413."
    ).tag(config=True)
    body_timeout_seconds = Float(
        30.0, min=0.1, max=600.0, help="The most that a body may take to arrive, in seconds; then the server hangs up."
    ).tag(config=True)

    @validate("hub_endpoint")
    def _checked_endpoint(self, proposal: Bunch) -> str:
        """The address, if it is one."""
        address = str(proposal["value"])
        if address and not is_web_url(address):
            raise TraitError(f"BudsimExtension.hub_endpoint is {address!r}: it must begin with https:// or http://.")
        return address

    @validate("hub_timeout_seconds", "body_timeout_seconds")
    def _checked_seconds(self, proposal: Bunch) -> float:
        """The seconds, if they are a number: nan is within all bounds."""
        seconds = float(proposal["value"])
        if math.isnan(seconds):
            raise TraitError(f"BudsimExtension.{proposal['trait'].name} is nan: it must be a number of seconds.")
        return seconds

    context: ServerContext | None = None
    _refused: str = ""

    def update_config(self, config: Config) -> None:
        """Take settings. A bad one is kept for `initialize_handlers`: Jupyter Server would go on with the defaults."""
        try:
            super().update_config(config)
        except TraitError as error:
            self._refused = str(error).rstrip(".")

    @classmethod
    def get_extension_package(cls) -> str:
        """What a server loads that is started by this class, as by its installation."""
        return "budsim_widgets.server"

    def initialize_handlers(self) -> None:
        """Add the routes, and what they work with; none where a setting can't be used."""
        if self._refused:
            self.log.error("budsim_widgets isn't served: %s. Fix the server's configuration.", self._refused)
            return
        server = cast("ServerApp", self.serverapp)
        hub = HubClient(endpoint=self.hub_endpoint or None, timeout_seconds=self.hub_timeout_seconds)
        store = ConfigStore(self.store_path or None)
        self.context = ServerContext(
            service=Service(Actions(Resolver(store, hub))),
            submissions=RateLimit(self.submissions_per_minute),
            max_body_bytes=self.max_body_bytes,
            body_timeout_seconds=self.body_timeout_seconds,
            description=describe(server.base_url),
            store_path=str(store.path),
        )
        server.web_app.settings[SETTINGS_KEY] = self.context
        self.handlers.extend([*URLS, (PANEL_PATH, PanelPageHandler)])

    async def stop_extension(self) -> None:
        """Start nothing more."""
        if self.context is not None:
            self.context.service.close()
