"""The tokens of Python literals and of hand-written JSON, and how a quoted text reads in JSON."""

from __future__ import annotations

import re
from typing import Final

# What needs no look at its context, as one run: simple texts hold neither quotes nor backslashes.
_FOLLOWED: Final = r"(?=\s*(?:[,:\]})\#/]|\Z))"
_RUN: Final = (
    r"""(?:[\s,:]+|(?:"[^"\\']*"|'[^'"\\\n]*'|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|True|False|None)"""
    rf"{_FOLLOWED})+"
)
TOKEN: Final = rf"""(?xs)
    (?P<run>{_RUN})
  | (?P<text>"(?:[^"\\]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)
  | (?P<comment>(?:(?:\#|//)[^\n]*\s*|/\*.*?(?:\*/|\Z)\s*)+)
  | (?P<opening>[\[{{(])
  | (?P<closing>[\]}})])
  | (?P<name>[^\W\d][\w.]*)
  | (?P<number>\.?\d[\w.]*)
  | (?P<sign>-(?=[\w.]))
  | (?P<unpacking>\*\*(?=\s*{{))
"""
SIMPLE_TEXT: Final = r"""(\s*)("[^"\\']*"|'[^'"\\\n]*')"""
NEXT: Final = r"\s*(=(?!=)|\(|\{|:)"
WORDS: Final = {
    "True": "true",
    "False": "false",
    "None": "null",
    "true": "true",
    "false": "false",
    "null": "null",
    "inf": "Infinity",
    "Infinity": "Infinity",
    "nan": "NaN",
    "NaN": "NaN",
}
CALLED_ENDINGS: Final = ("Config", "Args", "Arguments", "namespace", "Namespace", "from_dict", "ConfigDict")
CALLED: Final = rf"(?:[\w.]*(?:{'|'.join(CALLED_ENDINGS)})|dict)"
DTYPE: Final = r"(?:torch|np|numpy|jnp|jax\.numpy|tf|mx)\.(\w+)\Z"
CLOSES: Final = {"]": "[", "}": "{", ")": "("}

# What stands before a config that was copied out of a console, a notebook or a script.
BEFORE: Final = (
    r"\s*(?:(?:>>>|In\s?\[\d*\]:|from\s|import\s|print\(|\#)[^\n]*\n\s*)*"
    r"(?:Out\s?\[\d+\]:\s*)?(?:(?:const\s+|let\s+|var\s+)?[A-Za-z_][\w.]*\s*=\s*(?=[\w{'\"]))?"
)


def run_in_json(run: str) -> str:
    """A run of simple texts, numbers and words with the quotes and words of JSON.

    Example:
        >>> run_in_json("'a': True, 'True': None")
        '"a": true, "True": null'
    """
    parts = re.split("[\"']", run)
    # Every other part stands outside of quotes; a NUL can't stand in the text.
    outside = "\0".join(parts[::2]).replace("True", "true").replace("False", "false").replace("None", "null")
    parts[::2] = outside.split("\0")
    return '"'.join(parts)


def text_in_json(text: str) -> str:
    r"""A quoted text with the quotes and escapes of JSON; one that nothing closes stays open.

    Example:
        >>> print(text_in_json(r"'it\'s \x41'"))
        "it's \u0041"
    """
    quote = text[0]
    is_closed = len(text) > 1 and text.endswith(quote)
    body = text[1:-1] if is_closed else text[1:]
    if "\\" not in text:
        return '"' + body.replace('"', '\\"') + '"' * is_closed
    # A NUL can't stand in the text: it keeps the place of a backslash that stands for itself.
    body = body.replace("\\\\", "\0").replace("\\'", "'")
    if quote == "'":
        body = body.replace('\\"', '"').replace('"', '\\"')
    body = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", body)
    body = re.sub(r"\\U([0-9a-fA-F]{8})", _escape, body)
    return f'"{body}'.replace("\0", "\\\\") + ('"' if is_closed else "")


def _escape(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    if code > 0x10FFFF or chr(code) in '"\\':  # noqa: PLR2004 - the last character of Unicode
        return match[0]
    return chr(code) if code >= ord(" ") else f"\\u{code:04x}"
