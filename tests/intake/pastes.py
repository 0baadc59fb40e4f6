"""The corpus: every paste of every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake import corpus, corpus_formats

if TYPE_CHECKING:
    from intake.corpus import Paste

CONVERTED: list[Paste] = [*corpus_formats.GOOD]
REPAIRED: list[Paste] = [*corpus.REPAIRED, *CONVERTED]
SECRETS: list[Paste] = [*corpus.SECRETS, *(paste for paste in corpus_formats.BAD if paste.code == "SECRET")]
REFUSED: list[Paste] = [*corpus.PLAIN_REFUSED, *corpus_formats.BAD]
CORPUS: list[Paste] = [*corpus.TAKEN, *REPAIRED, *REFUSED]
