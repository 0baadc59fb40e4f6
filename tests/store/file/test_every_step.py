"""A change that fails, is interrupted or forked at every single step of it: the store is whole and goes on."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from budsim_widgets.errors import StoreError
from budsim_widgets.store import ConfigStore
from store.samples import PATIENCE_SECONDS, llama

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

CHANGES: dict[str, Callable[[ConfigStore], object]] = {
    "a paste": lambda store: store.put("org/new", llama()),
    "forgetting": lambda store: store.delete("org/big"),
    "an import": lambda store: store.import_bytes(OFFERED),
    "a migration": lambda store: store.put("org/new", llama()),
    "a damaged record": lambda store: store.put("org/new", llama()),
    "a damaged file": lambda store: store.put("org/new", llama()),
}
FIRST = "the first paste"
OFFERED = (
    b'{"user_model_configs":{"1":{"model_id":"org/new","submitted_at":"2026-07-29","updated_at":"2026-07-29",'
    b'"version":1,"source_format":"json","is_verified":false,"published_parameters":null,"history":[],"config":{}}}}'
)
SYSTEM_CALLS = [(os, "open"), (os, "fsync"), (os, "utime"), (Path, "replace"), (Path, "rename"), (Path, "mkdir")]


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def prepared(path: Path, change: str) -> bytes:
    """A store of two models, as it is before the change."""
    store = ConfigStore(path)
    store.put("org/small", llama())
    store.put("org/big", llama(padding="x" * 50_000))
    content = path.read_bytes()
    if change == "a migration":
        content = content.replace(b'"schema_version":2', b'"schema_version":1').replace(
            b'"history":""', b'"history":[]'
        )
    elif change == "a damaged record":
        content = content.replace(b'"version":1', b'"version":0', 1)
    elif change == "a damaged file":
        content = content[:-9]
    path.write_bytes(content)
    return content


class AtCall:
    """Does something in the place of the n-th of all system calls that change anything, or right after it."""

    def __init__(self, at: int, do: Callable[[], object], *, is_after: bool = False) -> None:
        self.left = at
        self._do = do
        self._is_after = is_after

    @contextmanager
    def patched(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for owner, name in SYSTEM_CALLS:
                patch.setattr(owner, name, self._wrapped(getattr(owner, name)))
            yield

    def _wrapped(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.left -= 1
            is_now = self.left == -1
            if is_now and not self._is_after:
                self._do()
            try:
                return original(*arguments, **named)
            finally:
                if is_now and self._is_after:
                    self._do()

        return call


def fail(code: int) -> NoReturn:
    raise OSError(code, os.strerror(code))


@pytest.mark.filterwarnings("ignore::budsim_widgets.store.StoreDamagedWarning")
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO], ids=["disk full", "disk broken"])
def test_whichever_system_call_fails_the_store_is_whole_and_says_so(tmp_path: Path, change: str, code: int) -> None:
    for step in range(100):
        path = tmp_path / str(step) / "configs.json"
        before = prepared(path, change)
        store = ConfigStore(path, lock_timeout_seconds=PATIENCE_SECONDS)
        failing = AtCall(step, partial(fail, code))
        refused = False
        with failing.patched(), suppress(StoreError):
            refused = True
            CHANGES[change](store)
            refused = False
        if refused:
            copies = [copy.read_bytes() for copy in path.parent.glob("configs.json*")]
            unconfirmed = "org/new" in str(copies) or change in {"forgetting", "a damaged record", "a damaged file"}
            assert before in copies or unconfirmed, "what was there is there"
        assert not [left for left in path.parent.iterdir() if left.suffix == ".tmp"]
        CHANGES[change](store)
        kept = {one.model_id for one in ConfigStore(path).list()}
        assert kept == {one.model_id for one in store.list()} == expected(change)
        if failing.left >= 0:
            break
    assert 3 < step < 100


def expected(change: str) -> set[str]:
    if change == "forgetting":
        return {"org/small"}
    if change in {"a damaged file", FIRST}:
        return {"org/new"}
    return {"org/big", "org/new"} if change == "a damaged record" else {"org/small", "org/big", "org/new"}


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def status_of_child(action: Callable[[], object]) -> int:
    """How a forked child ended that does this: 0, or minus the signal that killed it."""
    child = os.fork()
    if not child:
        with suppress(BaseException):
            action()
            os._exit(0)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
@pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning",
    "ignore::budsim_widgets.store.StoreDamagedWarning",
)
@pytest.mark.parametrize("is_after", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize("change", [*CHANGES, FIRST])
def test_whichever_system_call_it_is_killed_at_the_store_is_as_before_or_after(
    tmp_path: Path,
    change: str,
    is_after: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    make = CHANGES.get(change, CHANGES["a paste"])
    for step in range(100):
        path = tmp_path / str(step) / "configs.json"
        before = prepared(path, change) if change != FIRST else None
        killing = AtCall(step, die, is_after=is_after)

        def change_and_die(path: Path = path, killing: AtCall = killing) -> None:
            with killing.patched():
                make(ConfigStore(path))

        status = status_of_child(change_and_die)
        assert status in {0, -signal.SIGKILL}
        if path.exists() and path.read_bytes() != before:
            found = {one.model_id for one in ConfigStore(path).list()}
            is_set_aside = change == "a damaged record" and found == {"org/big"}  # a change of its own, made first
            assert found == expected(change) or is_set_aside
        elif before is not None and not path.exists():
            assert before in [copy.read_bytes() for copy in path.parent.iterdir()], "set aside"
        make(store := ConfigStore(path, lock_timeout_seconds=PATIENCE_SECONDS))
        kept = {one.model_id for one in ConfigStore(path).list()}
        assert kept == {one.model_id for one in store.list()} == expected(change)
        if status == 0:
            break
    assert 3 < step < 100


def interrupted_at(step: int, action: Callable[[], object]) -> bool:
    """Whether a KeyboardInterrupt came before the action ended: at the n-th instruction of the store's own code."""
    left = step

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
        nonlocal left
        if f"budsim_widgets{os.sep}store" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if left == -1:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    # Python 3.12.1 traces instructions only if some frame asked for them before the tracing began.
    sys._getframe().f_trace_opcodes = True
    sys.settrace(trace)
    try:
        action()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return left < 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("stride", [397, pytest.param(47, marks=pytest.mark.slow)])
def test_a_change_interrupted_anywhere_leaves_the_store_whole_and_free(tmp_path: Path, stride: int) -> None:
    path = tmp_path / "configs.json"
    prepared(path, "a paste")
    store = ConfigStore(path, lock_timeout_seconds=PATIENCE_SECONDS)
    other = ConfigStore(path, lock_timeout_seconds=PATIENCE_SECONDS)
    step, numbers = 0, count()
    while interrupted_at(step, lambda: store.put("org/new", llama(vocab_size=next(numbers)))):
        assert {one.model_id for one in ConfigStore(path).list()} >= {"org/small", "org/big"}
        other.put("org/other", llama(vocab_size=step))
        store.put("org/third", llama(vocab_size=step))
        step += stride
    assert step > 500


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_forked_while_a_thread_writes_can_write_too(store: ConfigStore) -> None:
    store.put("org/before", llama())
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with store._file._lock.held(), store._file._snapshots._loading.held():
            entered.set()
            leave.wait()

    (thread := threading.Thread(target=hold)).start()
    entered.wait()
    child = os.fork()
    if not child:
        found = store.get("org/before") is not None and ConfigStore(store.path).get("org/before") is not None
        store.put("org/child", llama())  # waits until the parent lets go
        os._exit(0 if found else 3)
    leave.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [one.model_id for one in store.list()] == ["org/before", "org/child"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_threads_and_forked_processes_at_once_lose_nothing(store: ConfigStore) -> None:

    def paste(writer: str) -> None:
        for number in range(5):
            store.put(f"{writer}/model-{number}", llama())

    threads = [threading.Thread(target=paste, args=(f"thread-{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    children = []
    for number in range(3):
        child = os.fork()
        if not child:
            paste(f"child-{number}")
            os._exit(0)
        children.append(child)
    for thread in threads:
        thread.join()
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]
    assert len(store.list()) == 30
