from __future__ import annotations

import struct
from contextlib import suppress
from typing import Any

import pytest
from gguf_files import header, text
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.gguf_file import read_gguf

VALUES: dict[str, Any] = {
    "general.architecture": "llama",
    "llama.block_count": 2,
    "llama.rope.freq_base": 10000.0,
    "tokenizer.ggml.add_bos_token": True,
    "llama.attention.head_count_kv": [8, 8],
    "tokenizer.ggml.tokens": ["a", "b", "c"],
}
TENSORS = [("token_embd.weight", (3, 256), 12), ("blk.0.attn_norm.weight", (256,), 0)]
WHOLE = header(VALUES, TENSORS)


def test_keys_and_tensors_are_read_and_texts_in_lists_counted() -> None:
    file = read_gguf(WHOLE + b"data")
    assert file.metadata.values["llama.attention.head_count_kv"] == [8, 8]
    assert file.metadata.values["tokenizer.ggml.tokens"] is ...
    assert file.metadata.num_tokens == 3
    assert [(some.name, some.shape, some.type_number) for some in file.tensors] == TENSORS
    assert file.header_bytes == len(WHOLE)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_header_that_ends_anywhere_is_refused(end: int) -> None:
    with pytest.raises(ConfigError) as refused:
        read_gguf(WHOLE[:end])
    assert refused.value.code in {"TRUNCATED", "ENCODING"}


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_header_is_read_or_refused(start: int, damage: bytes) -> None:
    damaged = WHOLE[:start] + damage + WHOLE[start + len(damage) :]
    with suppress(ConfigError):
        read_gguf(damaged)


def start(num_tensors: int, num_keys: int, body: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, num_tensors, num_keys) + body


HOSTILE = {
    "more keys than any file has": start(0, 2**63),
    "more tensors than any file has": start(2**40, 0),
    "keys that are not there": start(0, 4000),
    "tensors that are not there": start(9000, 0),
    "a key of endless length": start(0, 1, struct.pack("<Q", 2**60) + bytes(100)),
    "a text of endless length": start(0, 1, text("a") + struct.pack("<IQ", 8, 2**63) + bytes(100)),
    "a list of endless length": start(0, 1, text("a") + struct.pack("<IIQ", 9, 4, 2**62) + bytes(100)),
    "a list of endless texts": start(0, 1, text("a") + struct.pack("<IIQ", 9, 8, 2**62) + bytes(100)),
    "a text in a list that ends beyond": start(0, 1, text("a") + struct.pack("<IIQQQ", 9, 8, 2, 2**63, 0) + bytes(100)),
    "lists in lists": start(0, 1, text("a") + struct.pack("<IIQ", 9, 9, 1) * 1000),
    "a type that does not exist": start(0, 1, text("a") + struct.pack("<I", 77) + bytes(100)),
    "a tensor of many dimensions": start(1, 0, text("a") + struct.pack("<I", 2**31) + bytes(100)),
    "a tensor of no elements": start(1, 0, text("a") + struct.pack("<IQIQ", 1, 0, 0, 0)),
    "a tensor of endless elements": start(1, 0, text("a") + struct.pack("<IQQIQ", 2, 2**40, 2**40, 0, 0)),
    "a name twice": header({}, [TENSORS[0], TENSORS[0]]),
    "another version": header({}, version=1),
    "another byte order": b"GGUF" + struct.pack(">IQQ", 3, 0, 0),
    "no GGUF file": b"PK\x03\x04" + bytes(100),
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_no_file_has_is_refused_before_anything_is_made_of_it(name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_gguf(HOSTILE[name])
    assert refused.value.next_step
