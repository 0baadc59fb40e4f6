"""One description a family of models; see CONTRIBUTING.md for how to add one."""

from __future__ import annotations

from functools import cache

from budsim_widgets.data import load_table


@cache
def modules() -> dict[str, str]:
    """The module here that describes each model type, so that a config loads that module alone.

    Example:
        >>> modules()["qwen2_moe"]
        'qwen2'
    """
    table = load_table("families").items()
    return {model_type: name for name, types in table if not name.startswith("_") for model_type in types}
