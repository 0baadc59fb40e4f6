"""A line in the paste box that says which account and which token the Hub was asked with."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from budsim_widgets.panel.flow.runner import Runner, running_loop
from budsim_widgets.rendering.markup import Html, join, tag
from budsim_widgets.rendering.prose import linked_prose
from budsim_widgets.translation import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.errors import BudsimError
    from budsim_widgets.hub import HubAccount, HubClient
    from budsim_widgets.panel.html.region import Region

_KINDS: Final = {
    "read": mark("read token"),
    "write": mark("write token"),
    "fineGrained": mark("fine-grained token"),
    None: mark("access token"),
}
_PLACES: Final = {"HF_TOKEN": "HF_TOKEN", "the saved login": mark("the saved login")}
_LOGGER = logging.getLogger(__name__)
_LOGGER.addHandler(logging.NullHandler())


class AccountLine:
    """Asks the Hub for the account while the box is open already; it waits for nothing, and nothing waits for it.

    Args:
        region: Where the line stands.
        hub: The client, asked for when it is needed.
        show_error: Called with an error that is none of the package's.
    """

    def __init__(self, region: Region, hub: Callable[[], HubClient], show_error: Callable[[Exception], None]) -> None:
        self._region, self._hub = region, hub
        self._runner = Runner(lambda _: None, show_error)

    @property
    def html(self) -> str:
        """What it says now; empty while nothing is known."""
        return str(self._region.value)

    def begin(self, error: BudsimError, *, anew: bool) -> None:
        """Looks for the account that an error came to.

        Args:
            error: Why a config is asked for; what it says already isn't said again.
            anew: Ask the Hub again where something was wrong with the token.
        """
        self._region.value = Html()
        if running_loop() is not None:  # a script has nobody who reads it
            self._runner.run(
                lambda: self._hub().fetch_account(anew=anew),
                lambda found: self._show(found, error),
                _log,
                status="",
            )

    def end(self) -> None:
        """Forgets the account: the box is closed."""
        self._runner.cancel()
        self._region.value = Html()

    async def idle(self) -> None:
        """Returns when the Hub has answered, or the time for that is over."""
        await self._runner.idle()

    def _show(self, account: HubAccount | None, error: BudsimError) -> None:
        if account is not None:
            self._region.value = account_html(account, said=error.next_step)


def account_html(account: HubAccount, *, said: str = "") -> Html:
    """Who is logged in with which token, and what is wrong with that one.

    Args:
        account: What the Hub told.
        said: The next step that stands beside it: what it tells to do about the token isn't told twice.
    """
    is_said = account.tokens_page in said
    sentences = [_who(account)]
    if account.name is not None and not account.is_fine and not is_said:
        sentences.append(tr("This token may not read gated models."))
    if account.hides_saved_login:
        sentences.append(tr("HF_TOKEN goes before the saved login."))
    if not account.is_fine and not is_said:
        sentences.append(_fix(account))
    return tag("p", join(*(part for one in sentences for part in (linked_prose(one), " "))), class_="budsim-hint")


def _who(account: HubAccount) -> str:
    place = tr(_PLACES[account.source])
    if account.name is None:
        return tr("Nobody is logged in: the Hub doesn't know the token in {place}.", place=place)
    kind = tr(_KINDS[account.role])
    return tr("Logged in as {account}, with the {kind} in {place}.", account=account.name, kind=kind, place=place)


def _fix(account: HubAccount) -> str:
    if account.name is None:
        return tr("It may be expired or mistyped: renew it at {page}, then try again.", page=account.tokens_page)
    return tr(
        "Tick “Read access to contents of all public gated repos you can access” in its settings at {page}, then try "
        "again.",
        page=account.tokens_page,
    )


def _log(error: BudsimError) -> None:
    _LOGGER.info("budsim: the account on the Hub: %s", error)
