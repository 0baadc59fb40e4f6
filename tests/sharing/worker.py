"""A person with a notebook of their own: `worker.py STORE REPO NAME ROUNDS`, begun by a line on standard input.

Each round pastes a config of a model that only this person has, and another one of a model that everybody has, and
shares them, again where others were faster each time. A line is printed for each config whose sharing was acknowledged:
model id, rope_theta.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import slow_disk

from budsim_widgets.actions import Actions
from budsim_widgets.errors import TeamConflictError
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from budsim_widgets.sharing.summaries import ShareSummary

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 100,
}


def main(store: str, repo_id: str, name: str, rounds: str) -> None:
    """Share that often, at the same time as others."""
    actions = Actions(Resolver(ConfigStore(Path(store)), HubClient()))
    os.write(1, b"ready\n")
    sys.stdin.readline()
    for number in range(int(rounds)):
        theta = 1000.0 * int(name) + number + 1
        for model_id in (f"org/of-{name}-{number}", "org/common"):
            actions.resolver.store.put(model_id, {**CONFIG, "rope_theta": theta})
        shared = share(actions, repo_id)
        assert not shared.rejected, shared.rejected
        for model_id in (f"org/of-{name}-{number}", "org/common"):
            os.write(1, f"{model_id} {theta}\n".encode())
        time.sleep(0.1)  # who never pauses leaves no room to the others


def share(actions: Actions, repo_id: str) -> ShareSummary:
    while True:
        with suppress(TeamConflictError):  # nothing was acknowledged, nothing is lost
            return actions.team.share(repo_id)


if __name__ == "__main__":
    slow_disk.slow_down()
    main(*sys.argv[1:])
