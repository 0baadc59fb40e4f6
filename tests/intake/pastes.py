"""The corpus: every paste of every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake import corpus, corpus_copied, corpus_formats, corpus_native

if TYPE_CHECKING:
    from intake.corpus import Paste

CONVERTED: list[Paste] = [*corpus_formats.GOOD, *corpus_native.GOOD, *corpus_copied.GOOD]
BAD: list[Paste] = [*corpus_formats.BAD, *corpus_native.BAD, *corpus_copied.BAD]
REPAIRED: list[Paste] = [*corpus.REPAIRED, *CONVERTED]
SECRETS: list[Paste] = [
    *corpus.SECRETS,
    *(paste for paste in BAD if paste.code == "SECRET"),
]
REFUSED: list[Paste] = [*corpus.PLAIN_REFUSED, *BAD]
CORPUS: list[Paste] = [*corpus.TAKEN, *REPAIRED, *REFUSED]
