"""`python -m budsim_widgets`: the same as `budsim`."""

from __future__ import annotations

import sys

from budsim_widgets.cli import main

if __name__ == "__main__":
    sys.exit(main())
