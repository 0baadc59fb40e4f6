"""What the command says to the shell when it ends."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

FITS: Final = 0
"""It fits, tight fits included; or nothing was asked that could be no."""

DOES_NOT_FIT: Final = 1

BAD_USAGE: Final = 2
"""What was given can't be used: an option, a value, a file."""

NEEDS_CONFIG: Final = 3
"""The Hub gave no config, and a pasted one would go on."""

INTERRUPTED: Final = 130
"""As shells have it: 128 and the number of SIGINT."""

OUTPUT_CLOSED: Final = 141
"""As shells have it: 128 and the number of SIGPIPE."""
