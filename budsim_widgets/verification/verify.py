"""A config against what the Hub publishes about its model: the number of parameters, public even of gated models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.printable import printable
from budsim_widgets.units import format_count
from budsim_widgets.verification.checkpoint import Count, counts_with_extras, expected_counts, published_count
from budsim_widgets.verification.likely_causes import is_close, likely_cause, slack_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.errors import HubError
    from budsim_widgets.hub import HubInfo

Outcome: TypeAlias = Literal["verified", "differs", "incomparable", "unreachable"]

_FAR_SHARE: Final = 0.25
"""An estimate that is further off than this describes another model."""

_MASKS_SHARE: Final = 0.15
"""Integers beside weights that aren't quantized are fewer: masks are 9 % of the numbers in gpt2's files."""

_MOST_IN_AN_INTEGER: Final = 8
_WITH_SCALES: Final = 1.1


@dataclass(frozen=True)
class Verification:
    """What came of a comparison with the Hub.

    Attributes:
        model_id: The model.
        outcome: `verified`, `differs`, `incomparable` (the Hub publishes no number that says anything about this
            config), or `unreachable` (the Hub didn't answer: compared again later).
        message: The outcome in a sentence, with both numbers and the likeliest cause where they differ.
        num_parameters: Parameters that the config describes, or None where it can't be built.
        published_parameters: What the Hub publishes, where it was compared.
    """

    model_id: str
    outcome: Outcome
    message: str
    num_parameters: int | None = None
    published_parameters: int | None = None

    def __post_init__(self) -> None:
        # It repeats what the Hub says, such as the names of number formats.
        object.__setattr__(self, "message", printable(self.message))

    def __str__(self) -> str:
        return f"{printable(self.model_id)}: {self.message}"


def verify(
    model_id: str, architecture: Architecture, info: HubInfo, stored: Callable[[], Mapping[str, int]]
) -> Verification:
    """Compares what a config builds with what the Hub publishes.

    Args:
        model_id: The model.
        architecture: What the config builds.
        info: What the Hub publishes.
        stored: Gives the numbers of parameters of other models that are kept here; asked only where they differ.

    Raises:
        ConfigError: The config holds what can't be calculated with.
    """
    with config_errors(model_id, config=architecture.config):
        return _compared(model_id, architecture, info, stored)


def _compared(
    model_id: str, architecture: Architecture, info: HubInfo, stored: Callable[[], Mapping[str, int]]
) -> Verification:
    published = published_count(info.parameters_by_dtype)
    total = published.total or info.num_parameters or 0
    expected = expected_counts(architecture)
    if not total:
        return incomparable(model_id, architecture, "The Hub publishes no number of parameters for this model.")
    if not expected:
        return incomparable(
            model_id, architecture, "The files are quantized in a way whose numbers can't be compared with the config."
        )
    agreement = _agreement(architecture, published if published.total else Count(total), expected)
    if agreement is not None:
        return Verification(model_id, "verified", agreement, architecture.num_parameters, total)
    if architecture.basis == "estimate" and abs(total - expected[-1].total) <= _FAR_SHARE * total:
        return incomparable(
            model_id,
            architecture,
            "This kind of model isn't described exactly, so its number of parameters can't be compared.",
        )
    message = _difference(architecture, info, total, stored)
    return Verification(model_id, "differs", message, architecture.num_parameters, total)


def incomparable(model_id: str, architecture: Architecture, message: str) -> Verification:
    """What to say where the Hub publishes nothing that this config can be compared with."""
    return Verification(model_id, "incomparable", message, architecture.num_parameters)


def unreachable(model_id: str, error: HubError) -> Verification:
    """What to say where the Hub didn't answer."""
    return Verification(model_id, "unreachable", f"Not compared with what the Hub publishes yet: {error.message}")


def _agreement(architecture: Architecture, published: Count, expected: tuple[Count, ...]) -> str | None:
    """In which way the numbers agree, or None."""
    if _is_quantized_otherwise(published, expected):
        return None
    if any(_is_same(published, count) for count in expected):
        return "As many parameters as the Hub publishes."
    for extras, counts in counts_with_extras(architecture, architecture.extras):
        if extras and any(is_close(count.total, published.total) for count in counts):
            held = ", ".join(f"{extra.label} ({format_count(extra.num_parameters)})" for extra in extras)
            return f"As many parameters as the Hub publishes, with what its files hold besides: {held}."
    return None


def _is_same(published: Count, expected: Count) -> bool:
    """Part by part where weights are quantized, else in all: masks and positions are integers, too."""
    if not expected.packed:
        return is_close(expected.total, published.total)
    slack = slack_of(published.total)
    return abs(published.plain - expected.plain) <= slack and abs(published.packed - expected.packed) <= slack


def _is_quantized_otherwise(published: Count, expected: tuple[Count, ...]) -> bool:
    """Whether the files are quantized and the config isn't, or the other way round."""
    return bool(expected[0].packed) != (published.packed > _MASKS_SHARE * published.total)


def _may_be_of_one_model(architecture: Architecture, total: int) -> bool:
    """Whether quantized files of so many numbers may be this model's: eight weights in an integer at most."""
    count = architecture.num_parameters
    return count / _MOST_IN_AN_INTEGER <= total <= count * _WITH_SCALES


def _difference(architecture: Architecture, info: HubInfo, total: int, stored: Callable[[], Mapping[str, int]]) -> str:
    published = published_count(info.parameters_by_dtype)
    expected = expected_counts(architecture)
    described, counted = _distinguished(architecture.num_parameters, total)
    both = f"The config describes {described} parameters, the Hub publishes {counted} for this model."
    if published.total and _is_quantized_otherwise(published, expected) and _may_be_of_one_model(architecture, total):
        dtypes = ", ".join(sorted(info.parameters_by_dtype)[:6])
        what = f"The files are quantized, the config says nothing of it ({dtypes})"
        if expected[0].packed:
            what = f"The config says quantized, the published files aren't ({dtypes})"
        return f"{both} {what}: is it the config of another version of the model?"
    return f"{both} {likely_cause(architecture, info, total, stored())}"


def _distinguished(*counts: int) -> tuple[str, ...]:
    """Numbers as people write them, in full where they would look the same."""
    written = tuple(map(format_count, counts))
    return written if len(set(written)) == len(set(counts)) else tuple(f"{count:,}" for count in counts)
