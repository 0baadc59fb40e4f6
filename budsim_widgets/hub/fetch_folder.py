"""The config.json of a folder of a model, such as the text encoder of a pipeline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import GatedModelError, HubError, NoConfigError
from budsim_widgets.hub.fetch_config import CONFIG_FILE, HubConfig, fetch_file, fetch_info

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.deadline import Deadline
    from budsim_widgets.hub.transport.request_context import RequestContext

_MAX_NAMED: Final = 6


def fetch_folder_config(context: RequestContext, deadline: Deadline) -> HubConfig:
    """The config.json of `context.subfolder`.

    Raises:
        HubError: There is none to be had; nothing pasted stands for it, since a paste is kept for a whole model.
        ConfigError: `TOO_LARGE`.
    """
    name = f"{context.subfolder}/{CONFIG_FILE}"
    try:
        found = fetch_file(context, name, deadline)
    except HubError as error:
        told = _explained(error, name, context, deadline)
        told.can_paste = False
        raise told from None
    # to whoever reads it, it is a config.json as any other
    return replace(found, file=CONFIG_FILE)


def _explained(error: HubError, name: str, context: RequestContext, deadline: Deadline) -> HubError:
    """The error, or a better one: a gated model answers alike for a folder that it doesn't have."""
    if not isinstance(error, GatedModelError | NoConfigError):
        return error
    try:
        siblings = fetch_info(context, deadline).siblings
    except HubError:
        siblings = None
    if isinstance(error, NoConfigError) or (siblings and name not in siblings):
        return _no_config(name, siblings or (), context)
    error.next_step = f"Get access at {context.page}, or give the config itself, as a dict or a file."
    return error


def _no_config(name: str, siblings: tuple[str, ...], context: RequestContext) -> NoConfigError:
    configs = [one for one in siblings if one == CONFIG_FILE or one.endswith(f"/{CONFIG_FILE}")]
    shown = ", ".join(configs[:_MAX_NAMED]) + (
        f" and {len(configs) - _MAX_NAMED} more" if len(configs) > _MAX_NAMED else ""
    )
    next_step = f"There are {shown}." if configs else f"Ask for {context.repo_id} itself."
    return NoConfigError(
        f"{context.repo_id} has no {name}.",
        next_step=next_step,
        model_id=context.repo_id,
        url=f"{context.page}/tree/{context.revision or 'main'}",
        status_code=404,
    )
