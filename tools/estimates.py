"""How far estimates are off: the ranges of `budsim_widgets/architectures/uncertainty.py`, and what they hold.

    python tools/estimates.py

Each range is measured on one half of the model types and tested on the other.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from architectures.estimate_ratios import SETS, measurement


def main() -> None:
    """Measure, and print."""
    for stated, ratios in SETS:
        found = measurement(list(ratios()))
        sys.stdout.write(
            f"{ratios.__name__}: {found.measured} measured, {found.tested} tested\n  stated {tuple(stated)}\n"
            f"  found  {tuple(found.range)}, holds {found.parameters:.1%} (parameters), {found.cache:.1%} (cache)\n"
        )


if __name__ == "__main__":
    main()
