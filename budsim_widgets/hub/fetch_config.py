"""The requests that a model's config takes, in their order. Runs in the thread that `run_within` starts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from budsim_widgets.errors import (
    ConfigError,
    GatedModelError,
    HubError,
    NoConfigError,
    RevisionNotFoundError,
    TokenError,
)
from budsim_widgets.hub.errors import connection_errors, response_errors
from budsim_widgets.hub.errors.missing_config import no_config, params_json_of
from budsim_widgets.hub.errors.translate import translate
from budsim_widgets.hub.ids.canonical import canonical_id, renamed_notices
from budsim_widgets.hub.info import HubInfo, read_info
from budsim_widgets.hub.quantization_file import (
    QUANTIZATION_FILE,
    is_called_quantized,
    lacks_quantization,
    with_quantization,
)
from budsim_widgets.hub.transport import http_client
from budsim_widgets.hub.transport.connection import MAX_RESPONSE_BYTES, Connection
from budsim_widgets.intake.folding import MAX_FOLDED_BYTES

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.deadline import Deadline
    from budsim_widgets.hub.transport.request_context import RequestContext

MAX_CONFIG_BYTES = MAX_FOLDED_BYTES
CONFIG_FILE = "config.json"


@dataclass(frozen=True)
class HubConfig:
    """A config.json as the Hub gave it, or the params.json of the original weights where there is no other.

    Attributes:
        model_id: The canonical id, which may be another than the one asked for.
        revision: The commit that it belongs to, or None where the Hub names none.
        content: The file, unread.
        notices: What the person should know: renamed, an invalid token, an older copy.
        file: Which file it is.
    """

    model_id: str
    revision: str | None
    content: bytes
    notices: tuple[str, ...] = ()
    file: str = CONFIG_FILE


class Fetched(NamedTuple):
    """A response, and what to say about how it was got."""

    response: http_client.Response
    notices: tuple[str, ...] = ()


def fetch_config(context: RequestContext, deadline: Deadline) -> HubConfig:
    """One model's config.json, or the params.json that stands in for it.

    Raises:
        HubError: The Hub gave none; each reason has a class of its own.
        ConfigError: `TOO_LARGE`.
    """
    try:
        found = fetch_file(context, CONFIG_FILE, deadline)
    except (GatedModelError, NoConfigError) as error:
        better = _explained(error, context, deadline)
        name = params_json_of(better) if isinstance(error, NoConfigError) else None
    else:
        return _with_quantization(found, context, deadline)
    if name is not None:
        with suppress(HubError, ConfigError):  # then what is said is that there is no config.json
            found = fetch_file(context, name, deadline)
            notice = f"{found.model_id} has no config.json; its {name}, that of the original weights, is read."
            return replace(found, notices=(*found.notices, notice))
    raise better


def _with_quantization(found: HubConfig, context: RequestContext, deadline: Deadline) -> HubConfig:
    """The config with what hf_quant_config.json says, where it says nothing of quantization itself.

    Model Optimizer's repositories of fp8 and NVFP4 have such a file; not being told of one is no error.
    """
    if not lacks_quantization(found.content) or not is_called_quantized(found.model_id):
        return found
    with suppress(HubError, ConfigError):
        merged = with_quantization(found.content, fetch_file(context, QUANTIZATION_FILE, deadline).content)
        if merged is not None:
            notice = f"The quantization of {found.model_id} is read from its {QUANTIZATION_FILE}."
            return replace(found, content=merged, notices=(*found.notices, notice))
    return found


def fetch_file(context: RequestContext, name: str, deadline: Deadline) -> HubConfig:
    """One file of a model, by its path in the repository.

    Raises:
        HubError: The Hub gave none.
        ConfigError: `TOO_LARGE`.
    """
    path = f"/{context.repo_id}/resolve/{quote(context.revision or 'main', safe='')}/{quote(name)}"
    response, notices = get_response(context, path, deadline, MAX_CONFIG_BYTES)
    if not response.is_of_repo:
        raise connection_errors.not_a_hub(context)
    if not response.is_whole:
        raise ConfigError(
            "TOO_LARGE",
            f"The {name} of {context.repo_id} is larger than {MAX_CONFIG_BYTES // 1024:,} KiB, which isn't read.",
            next_step="Check that it is the right model.",
            model_id=context.repo_id,
        )
    model_id = canonical_id(response.visited, context)
    notices = (*notices, *renamed_notices(context.repo_id, model_id))
    return HubConfig(model_id, response.commit, response.body, notices, name)


def fetch_info(context: RequestContext, deadline: Deadline, *, with_sizes: bool = False) -> HubInfo:
    """What is public about one model.

    Args:
        context: The model.
        deadline: When it must have come.
        with_sizes: Whether the Hub is to say how large the files are.

    Raises:
        HubError: The Hub gave nothing.
    """
    tail = f"/revision/{quote(context.revision, safe='')}" if context.revision else ""
    query = "?blobs=true" if with_sizes else ""
    response, _ = get_response(context, f"/api/models/{context.repo_id}{tail}{query}", deadline, MAX_RESPONSE_BYTES)
    info = read_info(response.body)
    if info is None:
        raise connection_errors.not_a_hub(context)
    return info


def get_response(context: RequestContext, path: str, deadline: Deadline, max_bytes: int) -> Fetched:
    """Ask with the person's token, and once more without it if the Hub calls it invalid."""
    token = http_client.current_token()
    if token is None:
        return Fetched(Connection(context, deadline, translate).get(path, max_bytes=max_bytes))
    if token.is_sendable:
        connection = Connection(context.with_token(token.source, "sent"), deadline, translate, token)
        try:
            return Fetched(connection.get(path, max_bytes=max_bytes))
        except TokenError as error:
            if error.status_code != 401:  # noqa: PLR2004 - valid, but not allowed: without it nothing is either
                raise
    anonymous = Connection(context.with_token(token.source, "refused"), deadline, translate)
    notice = (
        f"The access token in {token.source} can't be used: the Hub was asked without it. "
        f"Renew it at {context.tokens_page}."
    )
    return Fetched(anonymous.get(path, max_bytes=max_bytes), (notice,))


def _explained(error: GatedModelError | NoConfigError, context: RequestContext, deadline: Deadline) -> HubError:
    """The same error, or a better one from what is public about the model.

    A gated repository answers alike for files and branches that it doesn't have: nobody should be asked to paste a
    config.json that doesn't exist.
    """
    try:
        info = fetch_info(context, deadline, with_sizes=True)
    except RevisionNotFoundError as better:
        return better
    except HubError:
        return error
    if info.disabled:
        return response_errors.disabled(context, error.status_code)
    if info.siblings and "config.json" not in info.siblings:
        return no_config(context, info.siblings, info)
    return error
