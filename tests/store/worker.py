"""A process of its own for the tests: `worker.py COMMAND STORE [ARGUMENT …]`."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import slow_disk

from budsim_widgets.errors import StoreError
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.file.locking import StoreLock
from budsim_widgets.store.records import schema

PATIENCE_SECONDS = 600  # as of samples.py


def say(text: object) -> None:
    """Print at once: the process may be killed right after."""
    os.write(1, f"{text}\n".encode())


def put(path: Path, prefix: str, count: str) -> None:
    """Put that many configs, and name each when it is acknowledged."""
    store = ConfigStore(path, lock_timeout_seconds=PATIENCE_SECONDS)
    for number in range(int(count)):
        model_id = f"{prefix}/model-{number}"
        store.put(model_id, {"hidden_size": number, "padding": "x" * 500})
        say(model_id)


def churn(path: Path, prefix: str) -> None:
    """Grow and shrink the store until killed; tell each change before it is made and after it is acknowledged.

    A line is `try MODEL VALUE` or `done MODEL VALUE`; the value is the model's `hidden_size`, 0 once it is forgotten.
    """
    store = ConfigStore(path, lock_timeout_seconds=PATIENCE_SECONDS)
    other = ConfigStore(path.with_name(f"{prefix}.json"))
    for number in itertools.count(1):
        model_id = f"{prefix}/model-{number % 3}"
        say(f"try {model_id} {number}")
        config = {"hidden_size": number, "padding": "x" * (20_000 if number % 2 else 10)}
        if number % 5:
            store.put(model_id, config)
        else:
            if store.get(model_id) is not None:  # an edit that didn't know this one would be kept behind it
                other.import_bytes(store.export_bytes([model_id]))
            other.put(model_id, config)
            store.import_bytes(other.export_bytes([model_id]))
        say(f"done {model_id} {number}")
        if number % 4 == 0:
            say(f"try {model_id} 0")
            store.delete(model_id)
            say(f"done {model_id} 0")


def put_as_version_1(path: Path, prefix: str) -> None:
    """Put as a package would that knows the first layout only, until it is told of a newer one."""
    schema.CURRENT = schema.Schema(version=1)  # type: ignore[misc]
    store = ConfigStore(path, lock_timeout_seconds=PATIENCE_SECONDS)
    for number in itertools.count():
        try:
            store.put(f"{prefix}/model-{number}", {"hidden_size": number})
        except StoreError as error:
            say(error)
            return
        say(f"{prefix}/model-{number}")


def count_up(path: Path, count: str) -> None:
    """Put ever higher numbers for one model."""
    store = ConfigStore(path)
    for number in range(int(count)):
        store.put("org/counter", {"hidden_size": number})


def watch(path: Path, count: str) -> None:
    """Look at that number until it is the last one; say how often, and how many looks read the file."""
    store = ConfigStore(path)
    last, looks = -1, 0
    while last < int(count) - 1:
        stored = store.get("org/counter")
        number = -1 if stored is None else stored.config["hidden_size"]
        if number < last:
            say(f"went back from {last} to {number}")
            return
        last, looks = number, looks + 1
    say(f"fine {looks} {store.reads}")


def hold(path: Path) -> None:
    """Hold the lock until standard input ends."""
    with StoreLock(path, timeout_seconds=PATIENCE_SECONDS).held():
        say("held")
        sys.stdin.read()


def fill(path: Path, limit_bytes: str) -> None:
    """Put until no file may get longer than that, as on a full disk; then see what is there."""
    import resource  # noqa: PLC0415 - no such module on Windows

    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit_bytes), resource.RLIM_INFINITY))
    store = ConfigStore(path)
    acknowledged = 0
    try:
        for number in itertools.count():
            store.put(f"org/model-{number}", {"hidden_size": number, "padding": "x" * 1000})
            acknowledged += 1
    except StoreError as error:
        say(error)
    say(acknowledged)
    say(len(store.list()))


def as_nobody(path: Path) -> None:
    """Put into and get from a store that this account may only read."""
    store = ConfigStore(path)
    store.get("load/what-reading-needs")
    import filelock  # noqa: F401, PLC0415 - imported while this account may still read the installation

    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    try:
        store.put("org/new", {"hidden_size": 1})
    except StoreError as error:
        say(error)
    try:
        stored = ConfigStore(path).get("org/model")
        say(None if stored is None else stored.config["hidden_size"])
    except StoreError as error:
        say(error)


COMMANDS = {
    "put": put,
    "churn": churn,
    "put_as_version_1": put_as_version_1,
    "count_up": count_up,
    "watch": watch,
    "hold": hold,
    "fill": fill,
    "as_nobody": as_nobody,
}

if __name__ == "__main__":
    slow_disk.slow_down()
    COMMANDS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
