from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.errors import StoreError
from budsim_widgets.store import ConfigStore, StoreDamagedWarning
from budsim_widgets.store.file import atomic
from store.samples import llama, run_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def leftovers(path: Path) -> list[str]:
    return [file.name for file in path.parent.iterdir() if file.suffix == ".tmp"]


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that any account may enter, as pytest's own may not be entered."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "no room"),
        (errno.EDQUOT, "no room"),
        (errno.EFBIG, "no room"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "read-only"),
        (errno.EIO, "Input/output error"),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "open"])
def test_a_fault_while_writing_keeps_what_was_there_and_says_what_to_do(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch, step: str, code: int, message: str
) -> None:
    kept = store.put("org/model", llama())
    before = store.path.read_bytes()

    def fail(*_: object, **__: object) -> int:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, step, fail)
        with pytest.raises(StoreError, match=message) as caught:
            store.put("org/model", llama(vocab_size=2))
    assert "BUDSIM_STORE" in caught.value.next_step
    assert caught.value.path == str(store.path)
    assert store.path.read_bytes() == before
    assert store.get("org/model") == kept
    assert leftovers(store.path) == []
    assert store.put("org/model", llama(vocab_size=2)).version == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limits on the size of files")
def test_a_full_disk_keeps_all_that_was_acknowledged(path: Path) -> None:
    message, acknowledged, found = run_worker("fill", path, 30_000).splitlines()
    assert "no room" in message
    assert int(acknowledged) == int(found) > 10
    assert len(ConfigStore(path).list()) == int(found)
    assert leftovers(path) == []


@pytest.mark.skipif(os.name == "nt", reason="modes of folders mean little on Windows")
def test_a_read_only_folder_is_read_and_refuses_writes(public_folder: Path) -> None:
    path = public_folder / "configs.json"
    ConfigStore(path).put("org/model", llama())
    before = path.read_bytes()
    path.chmod(0o644)
    public_folder.chmod(0o555)
    message, found = run_worker("as_nobody", path).splitlines()
    assert "read-only" in message
    assert found == "4096"
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="modes of files mean little on Windows")
def test_a_file_of_another_account_is_named(public_folder: Path) -> None:
    path = public_folder / "configs.json"
    ConfigStore(path).put("org/model", llama())
    path.chmod(0o000)
    for message in run_worker("as_nobody", path).splitlines():
        assert "Give this account permission" in message


def test_a_path_under_a_file_is_no_place_for_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = ConfigStore(tmp_path / "file" / "configs.json")
    for question in (lambda: store.get("org/model"), lambda: store.put("org/model", llama())):
        with pytest.raises(StoreError) as caught:
            question()
        assert "BUDSIM_STORE" in caught.value.next_step


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="a system without /proc")
@pytest.mark.parametrize("name", ["/proc/self/configs.json", "/proc/self/fd/configs.json"])
def test_where_no_file_can_be_made_nobody_is_waited_for(name: str) -> None:
    with pytest.raises(StoreError, match="no such place for a file") as caught:
        ConfigStore(name).put("org/model", llama())
    assert "busy" not in str(caught.value)


def test_a_folder_in_the_place_of_the_file_is_named(store: ConfigStore) -> None:
    store.path.mkdir(parents=True)
    with pytest.raises(StoreError):
        store.get("org/model")
    with pytest.raises(StoreError):
        store.put("org/model", llama())


def test_a_folder_deleted_while_in_use_is_made_again(store: ConfigStore) -> None:
    store.put("org/model", llama())
    shutil.rmtree(store.path.parent)
    assert store.get("org/model") is None
    store.put("org/other", llama())
    assert [one.model_id for one in ConfigStore(store.path).list()] == ["org/other"]


def once(action: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do something between the reading and the replacing of the next change, as a program without our lock would."""
    original, pending = atomic._write_new, [action]

    def write_new(*arguments: object, **named: object) -> object:
        if pending:
            pending.pop()()
        return original(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(atomic, "_write_new", write_new)


def test_a_folder_deleted_while_it_is_written_is_made_again(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("org/model", llama())
    once(lambda: shutil.rmtree(store.path.parent), monkeypatch)
    store.put("org/other", llama())
    assert [one.model_id for one in ConfigStore(store.path).list()] == ["org/other"]


def test_what_another_program_put_in_the_files_place_meanwhile_is_not_lost(
    store: ConfigStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ConfigStore(tmp_path / "other.json")
    other.put("org/theirs", llama())
    store.put("org/before", llama())
    once(lambda: shutil.copy(other.path, store.path), monkeypatch)
    store.put("org/mine", llama())
    assert [one.model_id for one in ConfigStore(store.path).list()] == ["org/mine", "org/theirs"]


def test_a_program_that_never_stops_replacing_the_file_is_named(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("org/model", llama())
    content, original = store.path.read_bytes(), atomic._write_new

    def write_new(*arguments: object, **named: object) -> object:
        store.path.write_bytes(content + b"\n" * next(count))
        return original(*arguments, **named)  # type: ignore[arg-type]

    count = iter(range(1, 1000))
    monkeypatch.setattr(atomic, "_write_new", write_new)
    with pytest.raises(StoreError, match="keeps replacing"):
        store.put("org/other", llama())
    assert leftovers(store.path) == []


def test_a_file_put_back_from_a_backup_is_read_anew(store: ConfigStore, tmp_path: Path) -> None:
    store.put("org/model", llama())
    shutil.copy(store.path, tmp_path / "backup.json")
    store.put("org/model", llama(vocab_size=2))
    shutil.copy(tmp_path / "backup.json", store.path)
    stored = store.get("org/model")
    assert stored is not None
    assert stored.config == llama()


def test_two_states_of_the_file_never_look_the_same(store: ConfigStore) -> None:
    states = set()
    for number in range(100, 150):
        store.put("org/model", {"hidden_size": number})
        store.delete("org/model")
        states.add(atomic.signature(store.path))
    assert len({state.mtime_ns for state in states if state}) == 50
    future = time.time_ns() + 10**15
    os.utime(store.path, ns=(future, future))
    store.put("org/model", llama())
    assert store.path.stat().st_mtime_ns == future + 1


def test_old_leftovers_of_killed_writers_are_swept_young_ones_and_other_files_stay(store: ConfigStore) -> None:
    store.path.parent.mkdir()
    swept = [".configs.json.1-0123abcd.tmp", ".configs.json.damaged-20260729T120000Z.1-0123abcd.tmp"]
    young = ".configs.json.2-0123abcd.tmp"
    others = [".other.json.3-0123abcd.tmp", "configs.json.tmp", ".configs.json.my-notes.tmp", ".configs.json.1-x.tmp"]
    for name in (*swept, young, *others):
        (store.path.parent / name).write_text("{")
        if name != young:
            os.utime(store.path.parent / name, (0, 0))
    store.put("org/model", llama())
    assert sorted(leftovers(store.path)) == sorted([young, *others])


def test_on_windows_a_reader_delays_the_replacement_but_does_not_prevent_it(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("org/model", llama())
    original, refusals = Path.replace, [PermissionError(13, "in use")] * 3

    def replace(source: Path, target: Path) -> Path:
        if refusals:
            raise refusals.pop()
        return original(source, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(atomic, "_REPLACE_ATTEMPTS", 4)
    monkeypatch.setattr(atomic, "_is_windows", lambda: True)
    assert store.put("org/model", llama(vocab_size=2)).version == 2
    refusals += [PermissionError(13, "in use")] * 4
    with pytest.raises(StoreError):
        store.put("org/model", llama(vocab_size=3))
    stored = ConfigStore(store.path).get("org/model")
    assert stored is not None
    assert stored.version == 2


def test_an_interruption_leaves_the_store_whole_and_unlocked(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("org/model", llama())

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            store.put("org/model", llama(vocab_size=2))
    assert leftovers(store.path) == []
    assert store.put("org/model", llama(vocab_size=3)).version == 2
    assert json.loads(store.path.read_text())


def wait_for_a_tick(path: Path) -> None:
    """Until the file system's clock, however coarse it is, has gone on since the file was changed."""
    probe = path.with_name("probe")
    probe.touch()
    while probe.stat().st_ctime_ns <= path.stat().st_ctime_ns:
        time.sleep(0.001)
        probe.chmod(0o600)


def test_what_another_program_writes_in_place_with_the_old_size_and_time_is_noticed(store: ConfigStore) -> None:
    store.put("org/model", llama(vocab_size=11))
    before, content = store.path.stat(), store.path.read_bytes()
    wait_for_a_tick(store.path)
    store.path.write_bytes(content.replace(b":11,", b":22,"))
    os.utime(store.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = store.path.stat()
    assert (after.st_mtime_ns, after.st_size, after.st_ino) == (before.st_mtime_ns, before.st_size, before.st_ino)
    assert [one.config["vocab_size"] for one in store.list()] == [22]


@pytest.mark.parametrize("name", ["my configs.json", "Конфиги ✓.json", "ключ", "{0} %s.json", "-rf.json"])
def test_any_name_is_the_name_of_a_store(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a folder ü" / name
    ConfigStore(path).put("org/model", llama())
    assert run_worker("put", path, "org", 1)
    assert len(ConfigStore(path).list()) == 2


def test_a_linked_store_is_written_where_it_lies(tmp_path: Path) -> None:
    target, link = tmp_path / "far" / "configs.json", tmp_path / "link.json"
    link.symlink_to(target)
    here, there = ConfigStore(link), ConfigStore(target)
    here.put("org/here", llama())
    there.put("org/there", llama())
    assert link.is_symlink()
    assert [one.model_id for one in here.list()] == ["org/here", "org/there"]


@pytest.mark.parametrize("typed", ["a\0b", "~nobody-of-this-name/configs.json", "\ud800"])
def test_what_is_no_path_is_refused_by_name(store: ConfigStore, typed: str) -> None:
    for question in (lambda: ConfigStore(typed), lambda: store.export_file(typed), lambda: store.import_file(typed)):
        with pytest.raises(StoreError, match="no path of a file"):
            question()


def test_a_name_that_is_too_long_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such place"):
        ConfigStore(tmp_path / ("a" * 300)).get("org/model")


def test_a_full_disk_makes_no_second_copy_of_an_older_file(store: ConfigStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("org/model", llama())
    old = store.path.read_bytes().replace(b'"schema_version":2', b'"schema_version":1').replace(b'""', b"[]")
    store.path.write_bytes(old)
    replace = atomic.replace

    def only_copies(path: Path, content: bytes, **named: Any) -> atomic.Signature:
        if path == store.path:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(path, content, **named)

    with monkeypatch.context() as patched:
        patched.setattr(atomic, "replace", only_copies)
        for _ in range(3):
            with pytest.raises(StoreError, match="no room"):
                store.put("org/other", llama())
    assert store.path.read_bytes() == old
    store.put("org/other", llama())
    assert [copy.read_bytes() for copy in store.path.parent.glob("*backup*")] == [old]


def test_a_folder_that_cannot_be_synced_is_told_as_saved_but_unconfirmed(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(atomic, "_sync_folder", fail)
        with pytest.raises(StoreError, match="was written, but the disk didn't confirm"):
            store.put("org/model", llama())
    assert store.get("org/model") is not None


def test_of_a_damaged_store_that_cannot_be_fixed_what_can_be_read_is_read(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("org/bad", llama())
    store.put("org/good", llama())
    content = store.path.read_bytes().replace(b'"version":1', b'"version":0', 1)
    store.path.write_bytes(content)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(atomic, "replace", refuse)
        assert [one.model_id for one in store.list()] == ["org/good"]
        assert [one.model_id for one in store.list()] == ["org/good"]
        assert "org/bad" in store.notices[0]
        with pytest.raises(StoreError):
            store.put("org/new", llama())
    assert store.path.read_bytes() == content
    with pytest.warns(StoreDamagedWarning):
        store.put("org/new", llama())
    assert [aside.read_bytes() for aside in store.path.parent.glob("*.damaged-*")] == [content]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this account may not mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(store: ConfigStore) -> None:
    for number in range(1000):
        store.put(f"org/model-{number}", llama(padding="x" * 2_000))


def test_a_disk_that_runs_full_keeps_what_was_saved_and_goes_on_once_there_is_room(tiny_disk: Path) -> None:
    store = ConfigStore(tiny_disk / "configs.json")
    with pytest.raises(StoreError, match="no room"):
        fill(store)
    saved = len(store.list())
    assert len(ConfigStore(store.path).list()) == saved > 20
    assert leftovers(store.path) == []
    for number in range(saved // 2):
        store.delete(f"org/model-{number}")
    store.put("org/new", llama())
    assert len(ConfigStore(store.path).list()) == saved - saved // 2 + 1
