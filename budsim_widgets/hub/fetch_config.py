"""The requests that a question takes, in their order. Runs in the thread that `run_within` starts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
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
from budsim_widgets.hub.transport import session

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.deadline import Deadline
    from budsim_widgets.hub.transport.request_context import Question

MAX_CONFIG_BYTES = 1024 * 1024
CONFIG_FILE = "config.json"
_MAX_INFO_BYTES = 16 * 1024 * 1024  # a repository can list a hundred thousand files


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


@dataclass(frozen=True)
class _Asked:
    """A successful answer, the question as it was asked in the end, and what to tell about that."""

    answer: session.Answer
    question: Question
    notices: tuple[str, ...]


def ask_config(question: Question, deadline: Deadline) -> HubConfig:
    """One model's config.json, or the params.json that stands in for it.

    Raises:
        HubError: The Hub gave none; each reason has a class of its own.
        ConfigError: `TOO_LARGE`.
    """
    try:
        return _file(question, CONFIG_FILE, deadline)
    except (GatedModelError, NoConfigError) as error:
        better = _explained(error, question, deadline)
        name = params_json_of(better) if isinstance(error, NoConfigError) else None
    if name is not None:
        with suppress(HubError, ConfigError):  # then what is told is that there is no config.json
            found = _file(question, name, deadline)
            notice = f"{found.model_id} has no config.json; its {name}, that of the original weights, is read."
            return replace(found, notices=(*found.notices, notice))
    raise better


def _file(question: Question, name: str, deadline: Deadline) -> HubConfig:
    path = f"/{question.model_id}/resolve/{quote(question.revision or 'main', safe='')}/{quote(name)}"
    asked = _ask(question, path, deadline, MAX_CONFIG_BYTES)
    if not asked.answer.is_of_repo:
        raise connection_errors.not_a_hub(question)
    if not asked.answer.is_whole:
        raise ConfigError(
            "TOO_LARGE",
            f"The {name} of {question.model_id} is larger than {MAX_CONFIG_BYTES // 1024:,} KiB: no model's is.",
            next_step="Check that it is the right model.",
            model_id=question.model_id,
        )
    model_id = canonical_id(asked.answer.visited, question)
    notices = (*asked.notices, *renamed_notices(question.model_id, model_id))
    return HubConfig(model_id, asked.answer.commit, asked.answer.body, notices, name)


def ask_info(question: Question, deadline: Deadline) -> HubInfo:
    """What is public about one model.

    Raises:
        HubError: The Hub gave nothing.
    """
    tail = f"/revision/{quote(question.revision, safe='')}" if question.revision else ""
    asked = _ask(question, f"/api/models/{question.model_id}{tail}", deadline, _MAX_INFO_BYTES)
    info = read_info(asked.answer.body)
    if info is None:
        raise connection_errors.not_a_hub(question)
    return info


def _ask(question: Question, path: str, deadline: Deadline, max_bytes: int) -> _Asked:
    """Ask with the person's token, and once more without it if the Hub calls it invalid."""
    token = session.current_token()
    if token is None:
        return _Asked(_get(question, path, None, deadline, max_bytes), question, ())
    if token.is_sendable:
        sent = question.with_token(token.source, "sent")
        try:
            return _Asked(_get(sent, path, token, deadline, max_bytes), sent, ())
        except TokenError as error:
            if error.status_code != 401:  # noqa: PLR2004 - valid, but not allowed: without it nothing is either
                raise
    refused = question.with_token(token.source, "refused")
    notice = f"The access token in {token.source} can't be used: the Hub was asked without it. Renew it at "
    answer = _get(refused, path, None, deadline, max_bytes)
    return _Asked(answer, refused, (f"{notice}{question.tokens_page}.",))


def _get(
    question: Question, path: str, token: session.Token | None, deadline: Deadline, max_bytes: int
) -> session.Answer:
    try:
        return session.get(question.endpoint + path, token, deadline, max_bytes=max_bytes)
    except Exception as error:  # the client's classes have no common base; what isn't its own goes on
        translated = translate(error, question)
        if translated is None:
            raise
        raise translated from None


def _explained(error: GatedModelError | NoConfigError, question: Question, deadline: Deadline) -> HubError:
    """The same error, or a better one from what is public about the model.

    A gated repository answers alike for files and branches that it doesn't have: nobody should be asked to paste a
    config.json that doesn't exist.
    """
    try:
        info = ask_info(question, deadline)
    except RevisionNotFoundError as better:
        return better
    except HubError:
        return error
    if info.disabled:
        return response_errors.disabled(question, error.status_code)
    if info.siblings and "config.json" not in info.siblings:
        return no_config(question, info.siblings)
    return error
