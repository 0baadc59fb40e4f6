"""A GGUF file that lies elsewhere: of tens of GB the header's bytes alone are asked for."""

from __future__ import annotations

import struct
import time
from contextlib import suppress
from typing import Any

import pytest
from gguf_files import header
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.gguf_file import GgufFile, HeaderReader, read_gguf
from budsim_widgets.intake.gguf_pieces import (
    FIRST_BYTES,
    MAX_HEADER_BYTES,
    MOST_BYTES,
    GgufPieces,
    NamedFile,
)
from intake.test_gguf_file import HOSTILE, TENSORS, VALUES, WHOLE

HUGE = 30 * 10**9
LARGE_HEADER = header({**VALUES, "tokenizer.ggml.tokens": [f"token {index:06}" for index in range(400_000)]}, TENSORS)
"""9 MB, as a tokenizer of 262,144 tokens with its merges has."""


def given_all(contents: list[bytes], size_bytes: int | None = None) -> tuple[GgufFile, int]:
    """What is read, and how many bytes were asked for."""
    pieces = GgufPieces(
        [NamedFile(f"{index}.gguf", size_bytes or len(content)) for index, content in enumerate(contents)]
    )
    asked = 0
    while (piece := pieces.wanted) is not None:
        asked += piece.end - piece.start
        pieces.take(piece, contents[piece.file][piece.start : piece.end].ljust(piece.end - piece.start, b"\0"))
    return pieces.file(), asked


def test_of_a_huge_file_little_more_than_its_header_is_asked_for() -> None:
    file, asked = given_all([LARGE_HEADER], HUGE)
    assert file == read_gguf(LARGE_HEADER)
    assert len(LARGE_HEADER) <= asked <= len(LARGE_HEADER) + MOST_BYTES


def test_a_small_file_is_asked_for_no_more_than_it_has() -> None:
    file, asked = given_all([WHOLE])
    assert (file, asked) == (read_gguf(WHOLE), len(WHOLE))


@given(st.lists(st.integers(1, 200), min_size=1, max_size=20))
def test_a_header_is_the_same_in_whatever_pieces_it_comes(steps: list[int]) -> None:
    reader, end = HeaderReader(), 0
    for step in [*steps, len(WHOLE)]:
        end = min(end + step, len(WHOLE))
        found = reader.read(WHOLE[:end])
        if isinstance(found, GgufFile):
            break
        assert found > end
    assert found == read_gguf(WHOLE)


def parts(*numbers: int, count: int = 3) -> list[bytes]:
    return [
        header({**VALUES, "split.no": number, "split.count": count}, [(f"blk.{number}.x.weight", (4, 256), 12)])
        for number in numbers
    ]


def test_parts_of_a_split_file_are_joined_in_whatever_order_they_are_given() -> None:
    file, _ = given_all(parts(2, 0, 1))
    assert [some.name for some in file.tensors] == [f"blk.{number}.x.weight" for number in range(3)]


@pytest.mark.parametrize(
    "contents", [parts(0), parts(0, 2), parts(1, 1, 2), [WHOLE, WHOLE]], ids=["one", "two", "one twice", "two models"]
)
def test_parts_that_are_not_all_there_are_refused_with_what_to_choose(contents: list[bytes]) -> None:
    with pytest.raises(ConfigError) as refused:
        given_all(contents)
    assert refused.value.code == "NOT_READABLE"
    assert "all parts" in str(refused.value.next_step)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers_are_refused(name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        given_all([HOSTILE[name]])
    assert refused.value.next_step


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers_of_files_that_go_on_with_zeros_take_little_time(name: str) -> None:
    started = time.process_time()
    with suppress(ConfigError):
        given_all([HOSTILE[name]], HUGE)
    assert time.process_time() - started < 1  # a bound for a busy machine; it takes some milliseconds


def test_a_header_that_never_ends_is_given_up() -> None:
    class Endless(bytes):
        def __getitem__(self, piece: Any) -> bytes:
            return bytes(bytearray(self.start)[piece] if piece.start == 0 else bytes(piece.stop - piece.start))

        start = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1) + b"a" + struct.pack("<IQ", 8, HUGE - 99)

    with pytest.raises(ConfigError) as refused:
        given_all([Endless(1)], HUGE)
    assert refused.value.code == "FIELD_RANGE"
    assert str(MAX_HEADER_BYTES >> 20) in refused.value.message


def test_a_file_that_is_cut_off_says_so() -> None:
    with pytest.raises(ConfigError) as refused:
        given_all([LARGE_HEADER[: len(LARGE_HEADER) // 2]])
    assert refused.value.code == "TRUNCATED"


@pytest.mark.parametrize(
    "files", [[], [NamedFile("a.gguf", 0)], [NamedFile("a.gguf", 9)] * 1000], ids=["none", "empty", "many"]
)
def test_a_choice_that_is_no_file_is_refused(files: list[NamedFile]) -> None:
    with pytest.raises(ConfigError):
        GgufPieces(files)


def test_bytes_of_another_piece_are_left_out_and_wrong_ones_refused() -> None:
    pieces = GgufPieces([NamedFile("model.gguf", HUGE)])
    wanted = pieces.wanted
    assert wanted is not None
    pieces.take(wanted._replace(start=5), b"GGUF")
    assert pieces.wanted == wanted
    with pytest.raises(ConfigError, match="other bytes"):
        pieces.take(wanted, b"GGUF")
    assert wanted.end == FIRST_BYTES
