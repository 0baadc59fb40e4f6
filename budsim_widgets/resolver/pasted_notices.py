"""What a person should know of a config that was pasted, or copied from another model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.units import format_count

if TYPE_CHECKING:
    from budsim_widgets.hub import ModelRef
    from budsim_widgets.store import StoredConfig


def doubts(pasted: StoredConfig) -> tuple[str, ...]:
    """What the comparison with the Hub found when the config was pasted, where they differ."""
    if pasted.is_verified or pasted.published_parameters is None:
        return ()
    doubt = (
        "The pasted config has another number of parameters than the Hub publishes for this model "
        f"({format_count(pasted.published_parameters)}): it may be the config of another one."
    )
    return (doubt,)


def revision_notices(ref: ModelRef) -> tuple[str, ...]:
    """That a revision was asked for, of which a pasted config says nothing."""
    if ref.revision is None:
        return ()
    return (f"The pasted config is used; it isn't known whether it is that of revision {ref.revision}.",)
