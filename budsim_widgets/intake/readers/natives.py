"""Configs of other programs, told by their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.intake.readers import gguf, older_formats, other_tools, params_json, speculators
from budsim_widgets.intake.readers.gguf_metadata import metadata_in

if TYPE_CHECKING:
    from budsim_widgets.intake.readers.json_text import Parsed


def converted(parsed: Parsed) -> Parsed:
    """The same config in the format of transformers; as it is where it is no other program's.

    Raises:
        ConfigError: MISSING_FIELD, FIELD_TYPE, FIELD_RANGE, UNSUPPORTED.
    """
    metadata = metadata_in(parsed.value)
    if metadata is not None:
        found = gguf.convert(metadata)
    elif speculators.is_speculator(parsed.value):
        found = speculators.convert(parsed.value)
    elif other_tools.is_other_tool(parsed.value):
        found = other_tools.convert(parsed.value)
    elif older_formats.is_older_format(parsed.value):
        found = older_formats.convert(parsed.value)
    elif params_json.is_params(parsed.value):
        found = params_json.convert(parsed.value)
    else:
        return parsed
    return found._replace(repairs=parsed.repairs + found.repairs)
