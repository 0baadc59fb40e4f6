"""The corpus: every paste of every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake import corpus, corpus_formats, corpus_native

if TYPE_CHECKING:
    from intake.corpus import Paste

CONVERTED: list[Paste] = [*corpus_formats.GOOD, *corpus_native.GOOD]
REPAIRED: list[Paste] = [*corpus.REPAIRED, *CONVERTED]
SECRETS: list[Paste] = [
    *corpus.SECRETS,
    *(paste for paste in corpus_formats.BAD + corpus_native.BAD if paste.code == "SECRET"),
]
REFUSED: list[Paste] = [*corpus.PLAIN_REFUSED, *corpus_formats.BAD, *corpus_native.BAD]
CORPUS: list[Paste] = [*corpus.TAKEN, *REPAIRED, *REFUSED]
