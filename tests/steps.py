"""Work counted in steps, which a busy machine doesn't change."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from budsim_widgets.errors import BudsimError

if TYPE_CHECKING:
    from collections.abc import Callable


def steps_of(work: Callable[[], object]) -> int:
    """The calls and returns, of functions of C too, that some work takes; one of our own errors may end it."""
    taken = 0

    def count(*_: object) -> None:
        nonlocal taken
        taken += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    except BudsimError:
        pass
    finally:
        sys.setprofile(before)
    return taken
