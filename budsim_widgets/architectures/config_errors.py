"""Whatever a config makes a description, a format or an engine raise, as a ConfigError of that model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.parts import TooManyLayerKindsError
from budsim_widgets.errors import BudsimError, ConfigError
from budsim_widgets.intake.limits import too_deep
from budsim_widgets.printable import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

_MAX_REASON_CHARACTERS: Final = 100
_COMPARE: Final = "Compare it with the published config.json. Where that is the same, report it with the config."
_CHECK_FIELD: Final = "Check this field and those beside it, or paste the config.json as it is published."


class config_errors:  # noqa: N801 - used as a statement: `with config_errors():`
    """What is raised inside is one of our own errors, and names the model.

    Args:
        model_id: The model, where an error doesn't name one yet.
        config: The config; what is too large for a calculation is looked for in it.
        last_read: Gives the field that was read last, which is the one to look at first.

    Raises:
        ConfigError: FIELD_VALUE, or TOO_DEEP, for anything but our own errors; the log says where it was raised.

    Example:
        >>> with config_errors("org/model", last_read=lambda: "num_experts"):
        ...     1 // 0
        Traceback (most recent call last):
        budsim_widgets.errors.ConfigError: The config's `num_experts` isn't what its architecture can be built with …
    """

    __slots__ = ("_config", "_last_read", "_model_id")

    def __init__(
        self,
        model_id: str | None = None,
        *,
        config: Mapping[str, Any] | None = None,
        last_read: Callable[[], str] | None = None,
    ) -> None:
        self._model_id, self._config, self._last_read = model_id, config, last_read

    def __enter__(self) -> None:
        """Nothing is needed before: what counts is what is raised."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Passes our own errors on, and translates the others.

        Raises:
            ConfigError: As the class says.
        """
        if isinstance(error, ConfigError):
            error.model_id = error.model_id or self._model_id
        elif isinstance(error, Exception) and not isinstance(error, BudsimError):
            field = _field_of(error, self._config or {}, self._last_read)
            _log(error, is_told=bool(field))
            refusal = too_deep() if isinstance(error, RecursionError) else _refusal(error, field)
            refusal.model_id = self._model_id
            raise refusal from error


def _log(error: Exception, *, is_told: bool) -> None:
    """Says where an error was raised, loudly where the person learns nothing of it."""
    import logging  # noqa: PLC0415 - a calculation that works logs nothing

    level = logging.INFO if is_told else logging.WARNING
    message = "A config can't be calculated: %s at %s"
    logging.getLogger(__name__).log(level, message, type(error).__name__, _place(error))


def _refusal(error: Exception, field: str) -> ConfigError:
    if field:
        reason = shortened(error, _MAX_REASON_CHARACTERS)
        message = f"The config's `{field}` isn't what its architecture can be built with ({reason})."
        return ConfigError("FIELD_VALUE", message, next_step=_CHECK_FIELD, field=field)
    return ConfigError(
        "FIELD_VALUE",
        "This config can't be calculated: a value in it isn't what its architecture or its quantization can have.",
        next_step=_COMPARE,
    )


def _field_of(error: Exception, config: Mapping[str, Any], last_read: Callable[[], str] | None) -> str:
    """The field to look at first; empty where nothing tells."""
    found = ""
    if isinstance(error, TooManyLayerKindsError):  # the field that says most about single layers
        found = _largest(config, lambda value: len(value) if isinstance(value, list) else 0)
    elif isinstance(error, (OverflowError, MemoryError)):
        found = _largest(config, _magnitude)
    return found or (last_read() if last_read else "")


def _largest(config: Mapping[str, Any], measure: Callable[[Any], float]) -> str:
    """The field for whose value this is largest, here or in a sub-config; empty where it is nowhere above 0."""
    sizes: dict[str, float] = {}
    for name, value in config.items():
        if isinstance(value, dict):
            sizes.update({f"{name}.{field}": measure(held) for field, held in value.items()})
        else:
            sizes[name] = measure(value)
    return max((name for name, size in sizes.items() if size > 0), key=lambda name: sizes[name], default="")


def _magnitude(value: Any) -> float:
    numbers = value if isinstance(value, list) else (value,)
    return max((abs(number) for number in numbers if type(number) in {int, float}), default=0)


def _place(error: BaseException) -> str:
    """Where an error was raised, as `module:line`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
