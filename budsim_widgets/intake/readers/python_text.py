"""Python's way of writing a config, and JSON as people write it by hand → strict JSON.

Nothing is evaluated and nothing recurs: one pass over the tokens writes each in JSON's way and leaves alone what it
doesn't know, so that the JSON parser says what is wrong, and where. Lines keep their numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from budsim_widgets.intake.limits import MAX_TOKENS, too_many_tokens
from budsim_widgets.intake.readers.json_pieces import Pieces, blank
from budsim_widgets.intake.readers.python_tokens import (
    BEFORE,
    CALLED,
    CLOSES,
    DTYPE,
    NEXT,
    SIMPLE_TEXT,
    TOKEN,
    WORDS,
    run_in_json,
    text_in_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Translation:
    """The same config in JSON, and what was found on the way.

    Attributes:
        text: JSON, or where the original can't be understood, what was understood of it.
        class_name: The class whose call or printout it is (`LlamaConfig`), or None.
        is_call: Whether it is a call, which leaves out what the class declares.
        is_python: Whether it holds what only Python writes.
        has_bare_names: Whether names of fields stood there without quotes, as JavaScript writes them.
        has_comments: Whether comments were taken out.
        has_commas: Whether commas before a closing bracket were taken out.
    """

    text: str = ""
    class_name: str | None = None
    is_call: bool = False
    is_python: bool = False
    has_bare_names: bool = False
    has_comments: bool = False
    has_commas: bool = False


def to_json(text: str) -> Translation:
    """Python literals, printed or constructed configs, comments and trailing commas as JSON.

    Example:
        >>> to_json("LlamaConfig(hidden_size=64, rope_scaling=None)").text.split()
        ['{"hidden_size":64,', '"rope_scaling":null}']
    """
    start = re.match(BEFORE, text)
    before = start[0] if start else ""
    rest = text[len(before) :].rstrip().removesuffix(";")
    return _Translator(rest, Pieces(["\n" * before.count("\n")])).run()


@dataclass
class _Open:
    """A bracket that waits for its other half."""

    bracket: str
    piece: int
    is_call: bool = False
    has_names: bool = False
    has_comma: bool = False


@dataclass
class _Translator:
    text: str
    pieces: Pieces
    found: Translation = field(default_factory=Translation)
    stack: list[_Open] = field(default_factory=list)
    position: int = 0

    def run(self) -> Translation:
        """Write token by token, until the end or until something that is neither Python nor JSON."""
        write = self._writers()
        match = re.compile(TOKEN).match
        num_tokens = 0
        while token := match(self.text, self.position):
            num_tokens += 1
            if num_tokens > MAX_TOKENS:
                raise too_many_tokens(MAX_TOKENS)
            self.position = token.end()
            if not write[str(token.lastgroup)](token[0]):
                self.position = token.start()
                break
        self.pieces.texts.append(self.text[self.position :])
        self.found.text = "".join(self.pieces.texts)
        return self.found

    def _writers(self) -> dict[str, Callable[[str], bool]]:
        """What writes each kind of token, and answers whether it understands it."""
        return {
            "run": self._run,
            "text": self._text,
            "comment": self._comment,
            "opening": self._open,
            "closing": self._close,
            "name": self._name,
            "number": self._number,
            "sign": self._sign,
            "unpacking": self._unpacking,
        }

    def _write(self, piece: str) -> bool:
        self.pieces.write(piece)
        return True

    def _run(self, run: str) -> bool:
        if run.isspace():
            return self._write(run)
        if self.pieces.ends_with_text and (first := re.match(SIMPLE_TEXT, run)):
            self._write(blank(first[1]))
            return self._text(first[2]) and self._run(run[first.end() :] or " ")
        if self.stack and not self.stack[-1].has_comma and "," in run:
            self.stack[-1].has_comma = "," in re.sub(r"\"[^\"]*\"|'[^']*'", "", run)
        written = run_in_json(run)
        self.found.is_python |= written != run
        return self._write(written)

    def _text(self, text: str) -> bool:
        self.found.is_python |= text[0] == "'"
        self.pieces.write_text(text_in_json(text), joined=self.found.is_python)
        return True

    def _comment(self, comment: str) -> bool:
        self.found.has_comments = True
        return self._write(blank(comment))

    def _number(self, number: str) -> bool:
        plain = number.replace("_", "") if re.fullmatch(r"\d+(?:_\d+)+", number) else number
        plain = f"0{plain}" if plain.startswith(".") else plain
        plain = f"{plain}0" if plain.endswith(".") else plain
        self.found.is_python |= plain != number
        return self._write(plain)

    def _sign(self, sign: str) -> bool:
        return self._write(sign)

    def _unpacking(self, stars: str) -> bool:
        return self._write(" " * len(stars))

    def _name(self, name: str) -> bool:
        after = re.compile(NEXT).match(self.text, self.position)
        follower = after[1] if after else ""
        if follower == "=" and self.stack and self.stack[-1].is_call:
            return self._keyword(name, after[0] if after else "")
        if name in WORDS:
            self.found.is_python |= name != WORDS[name]
            return self._write(WORDS[name])
        if dtype := re.match(DTYPE, name):
            self.found.is_python = True
            return self._write(f'"{dtype[1]}"')
        if follower == ":" and self._begins_field():
            self.found.has_bare_names = True
            return self._write(f'"{name}"')
        if follower in {"(", "{"} and re.fullmatch(CALLED, name):
            return self._called(name, after[0] if after else "")
        return False

    def _begins_field(self) -> bool:
        """Whether the name of a field may stand here: in an object, as its first or after a comma."""
        is_object = bool(self.stack) and self.stack[-1].bracket == "{"
        return is_object and self.pieces.begins_field()

    def _keyword(self, name: str, rest: str) -> bool:
        self.stack[-1].has_names = True
        self.position += len(rest)
        return self._write(f'"{name}":' + "\n" * rest.count("\n"))

    def _called(self, name: str, rest: str) -> bool:
        is_call = rest.endswith("(")
        if not self.stack and self.found.class_name is None and name.endswith("Config"):
            self.found.class_name = name.rpartition(".")[2]
            self.found.is_call = is_call
        self.found.is_python |= is_call
        self.position += len(rest)
        self._write(blank(name + rest[:-1]))
        return self._open("(" if is_call else "{", is_call=is_call)

    def _open(self, bracket: str, *, is_call: bool = False) -> bool:
        self.stack.append(_Open(bracket, len(self.pieces.texts), is_call=is_call))
        # A tuple or a call that isn't closed stays an open bracket, so that a cut-off paste is called so.
        return self._write("{" if is_call else "[" if bracket == "(" else bracket)

    def _close(self, bracket: str) -> bool:
        if not self.stack or self.stack[-1].bracket != CLOSES[bracket]:
            if self.stack:
                self.pieces.texts[self.stack[-1].piece] = self.stack[-1].bracket
            return False
        opened = self.stack.pop()
        is_empty = self.pieces.last == opened.piece
        if not is_empty:
            self.found.has_commas |= self.pieces.drop_last_comma() and bracket != ")"
        return self._write(self._close_round(opened, is_empty=is_empty) if bracket == ")" else bracket)

    def _close_round(self, opened: _Open, *, is_empty: bool) -> str:
        self.found.is_python = True
        if is_empty or opened.has_names:
            return "}" if opened.is_call else "]"
        if opened.has_comma and not opened.is_call:
            return "]"
        # Around one value they are no tuple, and a call with one value stands for that value.
        self.pieces.texts[opened.piece] = " "
        return " "
