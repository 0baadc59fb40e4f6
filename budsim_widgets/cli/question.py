"""`budsim MODEL …`: asks the actions, and for a config where one is missing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from budsim_widgets.actions import default_actions
from budsim_widgets.cli.arguments import UsageError, given_workload
from budsim_widgets.cli.documents import verdict_of
from budsim_widgets.cli.exit_codes import BAD_USAGE, DOES_NOT_FIT, FITS, NEEDS_CONFIG
from budsim_widgets.cli.files import STANDARD_INPUT, read_file, refuse_folder
from budsim_widgets.cli.output import form_of, show
from budsim_widgets.cli.pasting import PROMPT, can_ask, read_paste
from budsim_widgets.cli.saved import refusal
from budsim_widgets.cli.telling import NeedsConfigError, how_to_submit, say
from budsim_widgets.errors import HubError
from budsim_widgets.fitting import FitReport
from budsim_widgets.memory import ComparisonReport
from budsim_widgets.printable import quoted
from budsim_widgets.training import TrainingReport

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from budsim_widgets.errors import BudsimError

_THIS_MACHINE = "auto"
_OF_TRAINING = frozenset({"batch_size", "seq_length", "precision"})


def ask(arguments: Namespace) -> Any:
    """The report that is asked for.

    Raises:
        UsageError: The options contradict each other, or a file can't be read.
        BudsimError: As of the action.
    """
    return _prepared(arguments)()


def answer_question(arguments: Namespace) -> int:
    """Shows the report that was asked for, and returns the exit code.

    Raises:
        NeedsConfigError: A config is needed, and nobody is there to paste one.
        UsageError, BudsimError: As of `ask`.
    """
    report = _with_configs(_prepared(arguments))
    show(report, form_of(arguments))
    code = _exit_code(report)
    if code == NEEDS_CONFIG:
        say("\n".join(how_to_submit(error.model_id) for error in _errors(report) if _needs_config(error)))
    return code


def _prepared(arguments: Namespace) -> Callable[[], Any]:
    for model in arguments.models:
        refuse_folder(model)
    if arguments.config is not None:
        _submit_given(arguments)
    return _question(arguments)


def _question(arguments: Namespace) -> Callable[[], Any]:
    """What is asked, with everything that it needs read already: it may be asked again."""
    actions, workload = default_actions(), given_workload(arguments)
    first, *others = arguments.models + (arguments.compare or [])
    accelerator = None if arguments.gpu == _THIS_MACHINE else arguments.gpu
    if arguments.log is not None:
        _only_one(others, "--log")
        log = read_file("--log", arguments.log)
        named = {} if accelerator is None else {"accelerator": accelerator}
        return lambda: actions.fitting.check_log(first, log, **workload, **named)
    if arguments.finetune is not None:
        _only_one(others, "--finetune")
        settings = _training(workload)
        named = {} if arguments.gpu is None else {"accelerator": _own_or(accelerator)}
        return lambda: actions.training.finetune(first, arguments.finetune, **settings, **named)
    if others:
        named = {} if arguments.gpu is None else {"accelerator": _own_or(accelerator)}
        return lambda: actions.compare([first, *others], **workload, **named)
    if arguments.compare is not None:
        return lambda: actions.fitting.compare_precisions(first, accelerator, **workload)
    if arguments.gpu is not None:
        return lambda: actions.fitting.fit(first, accelerator, **workload)
    return lambda: actions.calculate(first, **workload)


def _training(workload: dict[str, Any]) -> dict[str, Any]:
    for name in workload.keys() - _OF_TRAINING:
        raise UsageError(f"--{name.replace('_', '-')} says nothing about --finetune: leave one of them out.")
    return workload


def _own_or(accelerator: str | None) -> Any:
    if accelerator is not None:
        return accelerator
    from budsim_widgets.actions.fit_actions import own_accelerators  # noqa: PLC0415 - only who asks for this machine

    return own_accelerators()[0]


def _only_one(others: list[str], option: str) -> None:
    if others:
        raise UsageError(f"{option} is about one model; {quoted(others[0], 80)} is another one.")


def _submit_given(arguments: Namespace) -> None:
    if len(arguments.models) > 1:
        _only_one(arguments.models[1:], "--config")
    if STANDARD_INPUT == arguments.config == arguments.log:
        raise UsageError("--config and --log can't both be read from standard input.")
    answer = default_actions().submit_config(arguments.models[0], read_file("--config", arguments.config))
    if not answer.success:
        raise UsageError(refusal(answer))


def _with_configs(question: Callable[[], Any]) -> Any:
    """The answer; each config that it lacks is asked for, and then the question goes on."""
    while True:
        try:
            report = question()
        except HubError as error:
            if not (error.can_paste and error.model_id):
                raise
            _ask_for(error)
            continue
        missing = list(filter(_needs_config, _errors(report)))
        if not (missing and can_ask()):
            return report
        for one in missing:
            _ask_for(one)


def _ask_for(error: Any) -> None:
    """Ask for a config until one is kept.

    Raises:
        NeedsConfigError: Nobody is there, or they gave none.
    """
    if not can_ask():
        raise NeedsConfigError(error)
    told = error.message
    while (paste := read_paste(partial(say, f"{told}\n{PROMPT}"))) is not None:
        answer = default_actions().submit_config(error.model_id, paste)
        if answer.success:
            say(answer.message)
            return
        told = refusal(answer)
    raise NeedsConfigError(error)


def _errors(report: Any) -> list[BudsimError]:
    rows = report.rows if isinstance(report, ComparisonReport) else ()
    return [row.error for row in rows if row.error is not None]


def _needs_config(error: BudsimError) -> bool:
    return isinstance(error, HubError) and error.can_paste and error.model_id is not None


def _exit_code(report: Any) -> int:
    if isinstance(report, (FitReport, TrainingReport)):
        return DOES_NOT_FIT if report.verdict == "does_not_fit" else FITS
    if isinstance(report, ComparisonReport):
        errors = _errors(report)
        if errors:
            return NEEDS_CONFIG if any(map(_needs_config, errors)) else BAD_USAGE
        return DOES_NOT_FIT if "does_not_fit" in map(verdict_of, report.reports) else FITS
    return FITS
