"""What stands behind `budsim`: the options, each with its words."""

from __future__ import annotations

import argparse
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NoReturn

from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence


_PROGRAM: Final = "budsim"
_EPILOG: Final = """\
exit status: 0 it fits (also where it is tight), 1 it doesn't, 2 what was given can't be used, 3 a config is needed

examples:
  budsim Qwen/Qwen2.5-7B --gpu "2x RTX 4090" --engine vllm --seq-length 32768
  budsim meta-llama/Llama-3.1-8B --config config.json --gpu 4090
  budsim Qwen/Qwen2.5-7B --compare meta-llama/Llama-3.1-8B
  budsim submit meta-llama/Llama-3.1-8B config.json
"""

WORKLOAD: Final = (
    "engine",
    "precision",
    "kv_cache_precision",
    "seq_length",
    "batch_size",
    "tensor_parallel",
    "pipeline_parallel",
)
"""The options that are fields of a workload under the same name."""


class UsageError(Exception):
    """What was given can't be understood: a sentence for whoever typed it."""


class Parser(argparse.ArgumentParser):
    """A parser that answers a mistake with a sentence, and a misspelt option with the nearest one."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **settings)

    def parse(self, given: Sequence[str]) -> argparse.Namespace:
        """The arguments.

        Raises:
            UsageError: They can't be understood.
        """
        arguments, unknown = self.parse_known_args(given)
        if unknown:
            raise UsageError(self._unknown(unknown[0]))
        return arguments

    def error(self, message: str) -> NoReturn:
        """Called by argparse where something is missing or has a wrong value."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}.".replace("..", "."))

    def _unknown(self, given: str) -> str:
        name = given.partition("=")[0]
        if not name.startswith("-"):
            return f"{given!r} is one argument too many."
        near = get_close_matches(name, self._option_string_actions, n=1, cutoff=0.6)
        return f"There is no option {name}." + (f" Did you mean {near[0]}?" if near else "")


def question_parser() -> Parser:
    """`budsim MODEL …`."""
    parser = Parser(
        prog=_PROGRAM, description="Does this language model fit on my GPU?", epilog=_EPILOG, usage=_usage()
    )
    parser.add_argument("models", nargs="+", metavar="MODEL", help="a Hub id or URL, or a path to a config file")
    parser.add_argument("--version", "-V", action="version", version=_version())
    parser.add_argument(
        "--gpu", metavar="NAME", help="where it runs: '4090', '2x RTX 3090', '24 GB'; auto: this machine"
    )
    parser.add_argument("--engine", metavar="NAME", help="what runs it: transformers, vllm, llama.cpp …")
    parser.add_argument("--precision", metavar="NAME", help="format of the weights: bf16, fp8, Q4_K_M …")
    parser.add_argument("--kv-cache-precision", metavar="NAME", help="format of keys and values")
    parser.add_argument("--seq-length", type=_whole_number, metavar="TOKENS", help="tokens of each request (2048)")
    parser.add_argument("--batch-size", type=_whole_number, metavar="N", help="requests at once (1)")
    parser.add_argument("--tensor-parallel", type=_whole_number, metavar="N", help="devices that share each layer")
    parser.add_argument("--pipeline-parallel", type=_whole_number, metavar="N", help="pipeline stages")
    parser.add_argument(
        "--compare",
        nargs="*",
        metavar="MODEL",
        help="beside these models; without any, in every precision that the engine runs",
    )
    parser.add_argument("--finetune", metavar="METHOD", help="what training it takes: full, lora, qlora")
    parser.add_argument("--log", metavar="FILE", help="what the engine printed, beside our numbers; -: standard input")
    parser.add_argument("--config", metavar="FILE", help="the model's config.json, for a gated model; it is kept")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the report as JSON")
    form.add_argument("--markdown", action="store_true", help="the report as Markdown")
    return parser


def submit_parser() -> Parser:
    """`budsim submit ID FILE`."""
    parser = Parser(prog=_PROGRAM, description="Keep the config of a model, so that nobody is asked for it again.")
    _add_command(parser, "submit")
    parser.add_argument("model", metavar="ID", help="the Hub id of the model")
    parser.add_argument("file", metavar="FILE", help="its config.json; -: standard input")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    return parser


def saved_parser() -> Parser:
    """`budsim saved`."""
    parser = Parser(prog=_PROGRAM, description="The configs that are kept.")
    _add_command(parser, "saved")
    _add_form(parser)
    return parser


def gpus_parser() -> Parser:
    """`budsim gpus`."""
    parser = Parser(prog=_PROGRAM, description="What this machine has, and the accelerators that are known by name.")
    _add_command(parser, "gpus")
    parser.add_argument("words", nargs="*", metavar="WORD", help="those whose name has all of these words")
    _add_form(parser)
    return parser


PARSERS: Final = {"submit": submit_parser, "saved": saved_parser, "gpus": gpus_parser}
"""The commands that ask no question about a model, by their first word."""


def parser_for(given: Sequence[str]) -> Parser:
    """The parser of what was typed."""
    return PARSERS[given[0]]() if given and given[0] in PARSERS else question_parser()


def given_workload(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fields of a workload that were typed."""
    return {name: value for name in WORKLOAD if (value := getattr(arguments, name)) is not None}


def _add_command(parser: Parser, name: str) -> None:
    parser.add_argument("command", choices=(name,), metavar=name, help=argparse.SUPPRESS)


def _add_form(parser: Parser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the list as JSON")
    form.add_argument("--markdown", action="store_true", help="the list as Markdown")


def _usage() -> str:
    return "budsim MODEL [options]\n       budsim submit ID FILE\n       budsim saved\n       budsim gpus [WORD …]"


def _version() -> str:
    from budsim_widgets.version import __version__  # noqa: PLC0415 - one of many options

    return f"{_PROGRAM} {__version__}"


def _whole_number(text: str) -> int:
    try:
        return int(text.replace(",", ""))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{quoted(text, 80)} is not a whole number") from None
