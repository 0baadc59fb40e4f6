"""The config that an answer of the Hub holds: config.json, or a params.json that can stand in for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.errors import ConfigError, NoConfigError
from budsim_widgets.intake import read_config

if TYPE_CHECKING:
    from budsim_widgets.hub import HubConfig


def config_in(answer: HubConfig) -> dict[str, Any]:
    """The config that the Hub gave.

    Raises:
        ConfigError: It is no usable config.
        NoConfigError: There is no config.json, and what stands in its place is no config.
    """
    try:
        with config_errors(answer.model_id):
            reading = read_config(answer.content)
    except ConfigError as error:
        error.model_id = answer.model_id
        if answer.file != "config.json":
            raise _no_config(answer, error.message, error.next_step) from error
        raise
    if answer.file != "config.json" and reading.format != "params_json":
        raise _no_config(answer, "It is none of Meta's or Mistral's.", "Paste the config.json of the converted model.")
    return reading.config


def _no_config(answer: HubConfig, reason: str, next_step: str) -> NoConfigError:
    """No config.json, and a params.json that can't stand in for it: what is pasted instead goes on."""
    return NoConfigError(
        f"{answer.model_id} has no config.json, and its {answer.file} can't be used as it is. {reason}",
        found=(answer.file,),
        next_step=next_step,
        model_id=answer.model_id,
    )
