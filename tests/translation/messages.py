"""Every sentence that the package's code can say, found in the code itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, NamedTuple

import budsim_widgets

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(budsim_widgets.__file__).parent

NOT_ON_SCREEN = {
    "translation/": "what translates",
    "cli/": "the terminal, which speaks English",
    "magic.py": "the same in a cell",
    "server/": "answers over HTTP, which programs read",
    "engines/logs/": "what engines print, to be recognised",
    "fitting/log_": "`read_log`, a function of Python alone",
    "actions/sweep": "`sweep`, likewise",
    "hardware/accelerator.py": "`Accelerator(…)`, likewise",
    "hardware/checks.py": "its fields",
    "hardware/rates.py": "its fields",
    "hardware/detection/": "what tools of makers print, to be recognised",
    "memory/rendering.py": "reports as HTML and text outside a panel",
    "training/rendering.py": "the same",
    "fitting/rendering.py": "the same",
    "fitting/sweep_report.py": "the same",
    "training/tools.py": "the sources of figures",
    "lazy_names.py": "an AttributeError for programmers",
    "intake/known_texts.py": "what the Hub's pages say, to be recognised",
}
"""Modules, by the beginning of their path, that say nothing to whoever sits before a panel, and why."""

NO_SENTENCES = {
    "A config can't be calculated: %s at %s",
    "memory: given; usable: estimate by the rule for NVIDIA's cards",
    "estimate by the rule of its class",
    "No model is",
    "No dataset is",
    "to the account behind ",
    "is disabled",
    "not found",
    "name or service not known",
    "nodename nor servname",
    "no address associated",
    "network is unreachable",
    "no route to host",
    "in your region",
    "peft_type lora_alpha base_model_name_or_path",
    "_from_model_config do_sample temperature top_p top_k max_new_tokens",
    "Python call of",
    "in_features out_features activation_function",
    "in_dir out_dir",
    "import budsim_widgets as bw\n",
    "Share the config{} of {}",
    "Share the configs of {} models",
    "Delete the config{} of {}",
    "share({}, model_ids={}, as_pull_request=True)",
}
"""What is recognised in texts of others, logged, a source, code, a commit's title, or a piece of a sentence."""

_FUNCTION_WORDS_TEXT = (
    "a an the is are was of it its to not no in into and or with has have as be by for from this that at on than "
    "but nor all both which here there can't isn't doesn't aren't "
)
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS_TEXT.split())
_FOR_PROGRAMMERS_TEXT = (
    "TypeError ValueError KeyError AttributeError RuntimeError NotImplementedError ImportError compile warning info "
    "debug exception log Unicode Int Bool Dict List Tuple Any AnyTrait cast TypeVar "
)
FOR_PROGRAMMERS = frozenset(_FOR_PROGRAMMERS_TEXT.split())
"""Calls whose texts nobody reads on screen: errors of Python's own, patterns, logs, documentation of traits."""

_CODE = re.compile(r"\(\?|\\[dws]|--jp-|</|class=|budsim-")
_FEWEST_WORDS = 2


class Message(NamedTuple):
    """A text in the code, `{}` for what is filled in, and where it stands."""

    text: str
    place: str


def messages() -> Iterator[Message]:
    """Every text that reads as a sentence, or as a part of one, in the modules that a panel may show something of."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith(tuple(NOT_ON_SCREEN)):
            continue
        for line, text in texts_in(ast.parse(path.read_text(encoding="utf-8"))):
            if reads_as_a_sentence(text) and text not in NO_SENTENCES:
                yield Message(text, f"{name}:{line}")


def reads_as_a_sentence(text: str) -> bool:
    """Whether it has several words, and among them one that holds sentences together."""
    words = [word for word in re.findall(r"[A-Za-z']+", text) if len(word) > 1]
    is_english = any(word.lower() in FUNCTION_WORDS for word in words)
    return len(words) >= _FEWEST_WORDS and is_english and " " in text.strip() and not _CODE.search(text)


def texts_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts and f-strings of a module but for its docstrings, with their lines."""
    skipped = {id(node) for node in _not_shown(tree)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = (one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _not_shown(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from (one for one in node.values if isinstance(one, ast.Constant))
            for one in node.values:
                if isinstance(one, ast.FormattedValue) and one.format_spec is not None:
                    yield from ast.walk(one.format_spec)
        elif isinstance(node, ast.Call) and _name(node.func) in FOR_PROGRAMMERS:
            yield from ast.walk(node)
        elif isinstance(node, ast.AnnAssign):
            yield from ast.walk(node.annotation)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def known_to(sentences: dict[str, object]) -> set[str]:
    """What a catalogue knows, as `messages` writes it."""
    keys = [form for key in sentences for form in (key, *key.split(" | "))]
    return {
        "".join(text + ("{}" if name is not None else "") for text, name, _, _ in Formatter().parse(key))
        for key in keys
    }
