"""The language of what a person reads: English in the code, every other one in a file of its own.

As with gettext, the English sentence is the key: `tr("{count:,} tokens", count=8192)`. A translation is one file,
`translation/zh.json`; whoever writes another copies it and replaces what stands on the right. Answers over HTTP, JSON
and what a program reads stay English, since no language is chosen there.
"""

from __future__ import annotations

from budsim_widgets.translation.catalogue import ENGLISH, Catalogue, catalogue_of, languages
from budsim_widgets.translation.current import (
    current_language,
    current_speaker,
    in_language,
    language_of,
    language_of_this_process,
    mark,
    remembering_language,
    speaker_of,
    tr,
    tr_count,
    translated,
)
from budsim_widgets.translation.speaker import Speaker, language_of_browser

__all__ = [
    "ENGLISH",
    "Catalogue",
    "Speaker",
    "catalogue_of",
    "current_language",
    "current_speaker",
    "in_language",
    "language_of",
    "language_of_browser",
    "language_of_this_process",
    "languages",
    "mark",
    "remembering_language",
    "speaker_of",
    "tr",
    "tr_count",
    "translated",
]
