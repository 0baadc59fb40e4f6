"""A person in a process of its own: `player.py STORE NAME CLOCK_HOURS SEED STEPS`, begun by a line on standard input.

What is done is drawn by chance: an edit, going back, forgetting, sharing, syncing. A line is printed before each edit
(`edit NUMBER`) and each forgetting (`forget MODEL`), so that whoever started it knows whose edit it is.
"""

from __future__ import annotations

import os
import random
import sys
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import slow_disk

from budsim_widgets.actions import Actions
from budsim_widgets.errors import HubError
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.records import clock
from sharing.play import CONFIG, MODELS, REPO


def main(store: str, name: str, clock_hours: str, seed: str, steps: str) -> None:
    """Do so many things."""
    actions = Actions(Resolver(ConfigStore(Path(store)), HubClient()))
    clock.utc_now = lambda: datetime.now(timezone.utc) + timedelta(hours=int(clock_hours))
    chance = random.Random(f"{name} {seed}")  # noqa: S311 - no secret
    os.write(1, b"ready\n")
    sys.stdin.readline()
    for number in range(int(steps)):
        model_id = chance.choice(MODELS)
        what = chance.choice(["edit", "edit", "restore", "forget", "share", "share", "sync", "sync"])
        kept = actions.resolver.store.versions(model_id)
        if what == "edit":
            theta = int(seed) * 1000 + number
            os.write(1, f"edit {theta}\n".encode())
            actions.resolver.store.put(model_id, {**CONFIG, "rope_theta": theta})
        elif what == "restore" and kept:
            actions.saved.restore(model_id, chance.choice(kept).version)
        elif what == "forget" and kept and chance.random() < 0.3:
            os.write(1, f"forget {model_id}\n".encode())
            actions.saved.forget(model_id)
        elif what in {"share", "sync"}:
            with suppress(HubError):  # others were faster each time, or the account may only read
                getattr(actions.team, what)(REPO)


if __name__ == "__main__":
    slow_disk.slow_down()
    main(*sys.argv[1:])
