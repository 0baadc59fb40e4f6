"""A pasted config: checked, kept, and compared with what the Hub publishes about the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures import Architecture, build
from budsim_widgets.errors import BudsimError, ConfigError, HubError
from budsim_widgets.intake import read_config
from budsim_widgets.schemas import ConfigSubmitResponse, ConfigValidation
from budsim_widgets.units import format_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.intake import Reading
    from budsim_widgets.resolver import Resolver

_TOLERATED_SHARE = 5e-4
"""Published totals count buffers too; DeepSeek-V3's are 2·10⁻⁸ of the whole."""


def submit(resolver: Resolver, model_id: str, config: Mapping[str, Any] | str | bytes) -> ConfigSubmitResponse:
    """Keeps a config if it passes every check, else says what to mend; a refused one is not kept."""
    try:
        canonical = resolver.model_id(model_id)
        reading = read_config(config)
        architecture = build(reading.config)
        published = _published_parameters(resolver, canonical)
        warning = _difference(architecture, published)
        resolver.store.put(
            canonical,
            reading.config,
            source_format=reading.format,
            is_verified=published is not None and warning is None,
            published_parameters=published,
        )
    except BudsimError as error:
        return _refusal(error, model_id)
    return _acceptance(canonical, reading, architecture, warning)


def _published_parameters(resolver: Resolver, model_id: str) -> int | None:
    """The parameters that the Hub publishes, or None where it doesn't answer or doesn't say.

    An unreachable Hub is no reason to refuse a paste: it stays unverified. Quantized checkpoints pack several weights
    into one integer, so that their totals say nothing.
    """
    try:
        info = resolver.hub.fetch_info(model_id)
    except HubError:
        return None
    packed = any(dtype.upper().startswith(("I", "U")) for dtype in info.parameters_by_dtype)
    return None if packed else info.num_parameters


def _difference(architecture: Architecture, published: int | None) -> str | None:
    if published is None or abs(published - architecture.num_parameters) <= _TOLERATED_SHARE * published:
        return None
    return (
        f"The config describes {format_count(architecture.num_parameters)} parameters, "
        f"the Hub publishes {format_count(published)} for this model. Is it the config of another model?"
    )


def _acceptance(
    model_id: str, reading: Reading, architecture: Architecture, warning: str | None
) -> ConfigSubmitResponse:
    details: dict[str, Any] = {"format": reading.format}
    if reading.repairs:
        details["repairs"] = list(reading.repairs)
    if warning:
        details["warnings"] = [warning]
    return ConfigSubmitResponse(
        success=True,
        message=f"The config of {model_id} is saved.",
        model_id=model_id,
        validation=ConfigValidation(
            valid=True,
            model_type=architecture.kind,
            attention_type=architecture.attention_type,
            parameter_count=architecture.num_parameters,
        ),
        details=details,
    )


def _refusal(error: BudsimError, model_id: str) -> ConfigSubmitResponse:
    details: dict[str, Any] = {"next_step": error.next_step}
    missing: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    if isinstance(error, ConfigError):
        details.update(code=error.code, field=error.field, line=error.line)
        missing, required = error.missing_fields, error.required_fields
    return ConfigSubmitResponse(
        success=False,
        message=error.message,
        model_id=error.model_id or model_id[:200],
        error_code=error.error_code,
        missing_fields=list(missing),
        required_fields=list(required),
        details=details,
    )
