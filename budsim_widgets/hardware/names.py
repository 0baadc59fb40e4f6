"""The names of accelerators as people and drivers write them, taken apart.

`2 x RTX 3090`, `4x A100-80GB`, `NVIDIA GeForce RTX 4090 Laptop GPU, 16376 MiB`, `M3 Max 64GB`, `24 GB`: a count, an
amount of memory, and the words that say which one. Upper case, spaces and dashes say nothing, nor do vendors' names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELD: Final = "accelerator"
MAX_LENGTH: Final = 120

_MIB: Final = 2**20
_UNITS: Final = {"gib": 1024, "gb": 1024, "g": 1024, "mib": 1, "tb": 2**20, "tib": 2**20}
_COUNT_WORDS: Final = {"dual": 2, "two": 2, "four": 4, "quad": 4, "eight": 8}
_COUNT: Final = re.compile(
    r"(?P<number>\d{1,9})\s*[x*](?=\s*[a-z0-9])|(?P<before>\d{1,9})\s+(?=[a-z])(?!(?:gi?b|g|mib|ti?b)\b)"
    rf"|(?P<word>{'|'.join(_COUNT_WORDS)})\s"
)
_COUNT_AFTER: Final = re.compile(r"[\s)]x\s?(\d{1,9})$")
_MEMORY: Final = re.compile(
    r"(?<![\d.])(?P<size>\d{1,7}(?:\.\d{1,3})?)[\s-]*(?P<unit>gib|gb|mib|tib|tb)(?![a-z0-9])"
    r"|(?<![a-z0-9.])(?P<bare>\d{1,4})g(?![a-z0-9])"
)
_REPLACED: Final = (
    (re.compile(r"\((?:r|tm|c)\)"), " "),
    (re.compile(r"macbook (?:pro|air)|mac (?:studio|mini|pro)|imac"), " "),
    (re.compile(r"sxm\d"), "sxm"),
    (
        re.compile(r"hbm\d?e?|gddr\d?x?|lpddr\d?x?|pci[- ]?e(?: x\d+| gen ?\d)"),
        lambda m: "pcie" if "pci" in m[0] else " ",
    ),
    (re.compile(r"\b(?:mobile|notebook)\b"), "laptop"),
    (re.compile(r"\bw/.*"), " "),
)
_WORDS: Final = re.compile(r"[a-z]+|\d+")
_SAYING_NOTHING: Final = frozenset(
    [
        "nvidia",
        "amd",
        "ati",
        "intel",
        "apple",
        "google",
        "aws",
        "amazon",
        "geforce",
        "radeon",
        "instinct",
        "tesla",
        "graphics",
        "gpu",
        "gpus",
        "card",
        "accelerator",
        "corporation",
        "inc",
        "ram",
        "vram",
        "memory",
        "with",
        "design",
        "generation",
        "edition",
        "core",
        "the",
        "of",
        "per",
        "each",
    ]
)
_TIMES: Final = str.maketrans({"\N{MULTIPLICATION SIGN}": "x", "\N{MULTIPLICATION X}": "x", "_": " "})


class Asked(NamedTuple):
    """What a text says.

    Attributes:
        num_devices: How many of them; not checked yet.
        memory_mib: Its memory in MiB; None where the text doesn't say.
        is_binary: Whether the memory was written in GiB or MiB, as tools report it.
        words: The words and numbers that say which one, in the order of the alphabet.
        name: The text without the count, in lower case.
    """

    num_devices: int
    memory_mib: float | None
    is_binary: bool
    words: tuple[str, ...]
    name: str


def readings(text: str) -> Iterator[Asked]:
    """What a text may say: without a count, with one before the name, and with one after it.

    `7900xtx` holds no count, `2x3090` does; which one it is, the table of names knows.

    Raises:
        WorkloadError: The text is too long, or holds control characters.

    Example:
        >>> [(asked.num_devices, asked.memory_mib, asked.words) for asked in readings("2x3090 24GB")]
        [(1, 24576.0, ('2', '3090', 'x')), (2, 24576.0, ('3090',))]
    """
    if len(text) > MAX_LENGTH:
        raise refusal(f"The name of an accelerator has {len(text):,} characters.", "Give one such as RTX 4090.")
    if not text.isprintable():
        raise refusal(f"The accelerator {quoted(text)} holds control characters.", "Type the name.")
    plain = text.strip().lower().translate(_TIMES)
    yield _asked(1, plain)
    before = _COUNT.match(plain)
    if before is not None:
        digits = before["number"] or before["before"]
        yield _asked(int(digits) if digits else _COUNT_WORDS[before["word"]], plain[before.end() :])
    after = _COUNT_AFTER.search(plain)
    if after is not None:
        yield _asked(int(after[1]), plain[: after.start() + 1])


def words_of(text: str) -> tuple[str, ...]:
    """The words and numbers of a name in lower case, without what says nothing.

    Example:
        >>> words_of("nvidia geforce rtx 4090 laptop gpu")
        ('4090', 'laptop', 'rtx')
    """
    for pattern, replacement in _REPLACED:
        text = pattern.sub(replacement, text)
    return tuple(sorted(word for word in _WORDS.findall(text) if word not in _SAYING_NOTHING))


def memory_and_words(text: str) -> tuple[float | None, tuple[str, ...]]:
    """The memory in MiB and the words of a name of the table."""
    memory_mib, _, rest = _split_memory(text.lower())
    return memory_mib, words_of(rest)


def refusal(message: str, next_step: str) -> WorkloadError:
    """An error about the text that names an accelerator."""
    return WorkloadError(message, field=FIELD, next_step=next_step)


def _asked(num_devices: int, text: str) -> Asked:
    memory_mib, is_binary, rest = _split_memory(text)
    return Asked(num_devices, memory_mib, is_binary, words_of(rest), text)


def _split_memory(text: str) -> tuple[float | None, bool, str]:
    """The last amount of memory in a text (a driver's name may hold one before the total), and the text without any."""
    found = None
    for found in _MEMORY.finditer(text):  # noqa: B007 - the last one counts
        pass
    if found is None:
        return None, False, text
    unit = found["unit"] or "g"
    size = float(found["size"] or found["bare"])
    return size * _UNITS[unit], unit in {"gib", "mib", "tib"}, _MEMORY.sub(" ", text)
