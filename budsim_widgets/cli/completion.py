"""Completion for the shell, where argcomplete is installed: `eval "$(register-python-argcomplete budsim)"`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from budsim_widgets.cli.arguments import PARSERS, parser_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.cli.arguments import Parser


def complete() -> None:
    """Answers the shell and ends the process; returns where argcomplete isn't installed."""
    try:
        import argcomplete  # noqa: PLC0415 - optional
    except ModuleNotFoundError:
        return
    words = os.environ.get("COMP_LINE", "").split()[1:]
    parser = parser_for(words)
    _add_completers(parser)
    argcomplete.autocomplete(parser, always_complete_options="long")


def _add_completers(parser: Parser) -> None:
    completers = {
        "models": _models,
        "compare": _saved_models,
        "model": _saved_models,
        "engine": _engines,
        "gpu": _gpus,
        "precision": _precisions,
        "kv_cache_precision": _cache_precisions,
    }
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to list them
        if action.dest in completers:
            action.completer = completers[action.dest]  # type: ignore[attr-defined] # as argcomplete reads it


def _models(**_: Any) -> Iterable[str]:
    return [*PARSERS, *_saved_models()]


def _saved_models(**_: Any) -> Iterable[str]:
    from budsim_widgets.store import ConfigStore  # noqa: PLC0415 - of all completions only this one needs it

    return [stored.model_id for stored in ConfigStore().list()]


def _engines(**_: Any) -> Iterable[str]:
    from budsim_widgets.engines.registry import ENGINES  # noqa: PLC0415 - the same

    return [*ENGINES]  # the values of a mapping would be taken for descriptions, which zsh and fish show


def _gpus(**_: Any) -> Iterable[str]:
    from budsim_widgets.hardware import accelerators  # noqa: PLC0415 - the same

    return ["auto", *(one.name for one in accelerators())]


def _precisions(parsed_args: Any, **_: Any) -> Iterable[str]:
    from budsim_widgets.engines.registry import WEIGHT_PRECISIONS, engine_of  # noqa: PLC0415 - the same

    return engine_of(parsed_args.engine).weight_precisions if parsed_args.engine else WEIGHT_PRECISIONS


def _cache_precisions(parsed_args: Any, **_: Any) -> Iterable[str]:
    from budsim_widgets.engines.registry import CACHE_PRECISIONS, engine_of  # noqa: PLC0415 - the same

    return engine_of(parsed_args.engine).cache_precisions if parsed_args.engine else CACHE_PRECISIONS
