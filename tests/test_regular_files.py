from __future__ import annotations

import os
from pathlib import Path

import pytest
from odd_files import ODD, POSIX, PRECIOUS, no_wait, state_of

from budsim_widgets import regular_files
from budsim_widgets.regular_files import NotRegularFileError, check_regular, open_regular, read_regular

pytestmark = POSIX

STATUS = Path("/proc/self/status")
DESCRIPTORS = Path("/dev/fd")


@pytest.fixture(params=ODD)
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """What it is, and where."""
    path = tmp_path / "odd"
    ODD[request.param](path)
    return str(request.param), path


def num_open_descriptors() -> int:
    return sum(1 for _ in DESCRIPTORS.iterdir()) if DESCRIPTORS.is_dir() else 0


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_WRONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC])
def test_what_is_no_regular_file_is_neither_opened_nor_waited_for(odd: tuple[str, Path], flags: int) -> None:
    kind, path = odd
    before = state_of(path)
    with no_wait(), pytest.raises(NotRegularFileError) as caught:
        open_regular(path, flags)
    assert caught.value.kind in kind
    assert caught.value.filename == str(path)
    assert state_of(path) == before


def test_a_link_is_followed_only_where_that_is_asked_for_and_only_to_a_file(odd: tuple[str, Path]) -> None:
    kind, path = odd
    with no_wait():
        if kind == "a link":
            assert read_regular(path, limit_bytes=100) == PRECIOUS
            return
        with pytest.raises(OSError, match=str(path)):
            read_regular(path, limit_bytes=100)


def test_what_is_put_there_between_the_look_and_the_opening_is_refused_too(
    odd: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = odd
    monkeypatch.setattr(regular_files, "check_regular", lambda *_, **__: None)
    before = num_open_descriptors()
    for flags in (os.O_RDONLY, os.O_WRONLY):
        with no_wait(), pytest.raises(OSError, match=str(path)):
            open_regular(path, flags)
    assert num_open_descriptors() == before


def test_nothing_may_become_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new"
    check_regular(path)
    with pytest.raises(FileNotFoundError):
        open_regular(path, os.O_RDONLY)
    os.close(open_regular(path, os.O_WRONLY | os.O_CREAT))
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 200_000])
@pytest.mark.parametrize("limit", [0, 1, 65_536, 200_000, 1 << 40])
def test_a_file_is_read_to_its_end_or_to_the_limit(tmp_path: Path, size: int, limit: int) -> None:
    path = tmp_path / "file"
    content = os.urandom(size)
    path.write_bytes(content)
    assert read_regular(path, limit_bytes=limit) == content[:limit]


@pytest.mark.skipif(not STATUS.exists(), reason="no such file here")
def test_a_file_that_does_not_know_its_size_is_read_too() -> None:
    assert STATUS.stat().st_size == 0
    assert b"VmPeak" in read_regular(STATUS, limit_bytes=1 << 20)
