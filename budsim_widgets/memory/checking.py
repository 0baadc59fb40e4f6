"""All checks of a config at once: its fields, what it builds, and the number format that it declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures import build
from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.formats.precision import own_precision
from budsim_widgets.intake import read_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture


def build_checked(config: Mapping[str, Any]) -> Architecture:
    """The architecture of a config whose quantization can be, too.

    Raises:
        ConfigError: It doesn't pass.
    """
    architecture = build(config)
    own_precision(architecture)
    return architecture


def check_config_dict(config: dict[str, Any]) -> None:
    """Passes a config through all checks of a paste, and builds it.

    Raises:
        ConfigError: It doesn't pass.
    """
    with config_errors():
        build_checked(read_config(config).config)
