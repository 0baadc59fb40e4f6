"""A pasted config: checked, compared with what the Hub publishes about the model, and kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.errors import BudsimError, ConfigError, NoConfigError
from budsim_widgets.hub.quantization_file import QUANTIZATION_FILE, with_quantization
from budsim_widgets.intake import read_config
from budsim_widgets.memory.checking import build_checked
from budsim_widgets.printable import shortened
from budsim_widgets.schemas import ConfigSubmitResponse, ConfigValidation
from budsim_widgets.verification.backlog import compare_with_hub

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.intake import Reading
    from budsim_widgets.resolver import ResolvedConfig, Resolver
    from budsim_widgets.verification.verify import Verification


def submit(
    resolver: Resolver, model_id: str, config: Mapping[str, Any] | str | bytes, *, copied_from: str | None = None
) -> ConfigSubmitResponse:
    """Keeps a config if it passes every check, else says what to fix; a refused one is not kept."""
    try:
        canonical = resolver.model_id(model_id)
        with config_errors(canonical):
            reading = _read(resolver, canonical, config)
            architecture = build_checked(reading.config)
        verification = compare_with_hub(resolver, canonical, architecture)
        resolver.store.put(
            canonical,
            reading.config,
            source_format=reading.format,
            is_verified=verification.outcome == "verified",
            published_parameters=verification.published_parameters,
            copied_from=copied_from,
        )
    except BudsimError as error:
        return _refusal(error, model_id)
    response = _acceptance(canonical, reading, architecture, verification)
    if copied_from is not None:
        response.details["copied_from"] = copied_from
    return response


def base_config(resolver: Resolver, model_id: str, base_model: str | None) -> ResolvedConfig:
    """The config of the model that a repository was made from; None: the one that the repository names.

    Raises:
        NoConfigError: The repository names no model.
        ModelIdError, HubError, ConfigError, StoreError: As of `Resolver.resolve`.
    """
    return resolver.resolve(base_model or _named_base(resolver, model_id))


def _named_base(resolver: Resolver, model_id: str) -> str:
    try:
        return str(resolver.resolve(model_id, use_saved=False).model_id)
    except NoConfigError as error:
        if error.base_model is None:
            raise
        return error.base_model


def _read(resolver: Resolver, model_id: str, config: Mapping[str, Any] | str | bytes) -> Reading:
    """What a paste holds; of an hf_quant_config.json, the config that is kept of its model with that quantization."""
    try:
        return read_config(config)
    except ConfigError as error:
        kept = resolver.store.get(model_id) if QUANTIZATION_FILE in error.message else None
        merged = None if kept is None else with_quantization(json.dumps(kept.config).encode(), _as_bytes(config))
        if merged is None:
            raise
    reading = read_config(merged)
    return replace(reading, repairs=(*reading.repairs, f"put the {QUANTIZATION_FILE} into the config that was saved"))


def _as_bytes(config: Mapping[str, Any] | str | bytes) -> bytes:
    if isinstance(config, bytes):
        return config
    return config.encode() if isinstance(config, str) else json.dumps(dict(config)).encode()


def _acceptance(
    model_id: str, reading: Reading, architecture: Architecture, verification: Verification
) -> ConfigSubmitResponse:
    details: dict[str, Any] = {"format": reading.format, "verification": verification.outcome}
    if reading.repairs:
        details["repairs"] = list(reading.repairs)
    if verification.outcome == "differs":
        details["warnings"] = [verification.message]
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
        model_id=error.model_id or shortened(model_id, 200),
        error_code=error.error_code,
        missing_fields=list(missing),
        required_fields=list(required),
        details=details,
    )
