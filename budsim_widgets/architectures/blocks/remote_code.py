"""What to say of models whose code lies beside their weights on the Hub, where nothing published confirms a total."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


def unconfirmed_notes(c: Config) -> tuple[str, ...]:
    """That no published total confirms the description."""
    return (f"Described from the code that '{c.model_type}' models bring along; no published total confirms it.",)
