"""What the parts of dots3.note check of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.config import inconsistent

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


def check_equal(field: str, value: int, wanted: int) -> None:
    """Refuses a field that disagrees with what comes before or behind.

    Raises:
        ConfigError: `INCONSISTENT`, where the value isn't the one wanted.
    """
    if value != wanted:
        raise inconsistent(field, f"`{field}` is {value}, but {wanted} is what it leads to or comes from.")


def audio_out_dim(c: Config) -> int:
    """The dimension that the audio's adapter leaves, under today's name or an older one."""
    return int(c.get("whisper_adapter_out_dim", c.get("adapter_output_size", c.adapter_out_dim)))
