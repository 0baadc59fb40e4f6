"""What people type or paste where a dataset repository is wanted, and the id that they mean."""

from __future__ import annotations

import re

from budsim_widgets.errors import ModelIdError, TeamIdError
from budsim_widgets.hub.ids.addresses import RESERVED_PATHS, split_url
from budsim_widgets.hub.ids.pasted_line import clean, shown

_EXAMPLE = "Type the id of a dataset as owner/name, for example my-org/configs."
_PART = r"[A-Za-z0-9_](?:[\w.\-]{0,94}[A-Za-z0-9_])?"
_ID = re.compile(rf"{_PART}/{_PART}", re.ASCII)


def parse_repo_id(text: str) -> str:
    """Read the id of a dataset from what a person typed or pasted; no request is made.

    Understood: `owner/name`, `datasets/owner/name`, `hf://datasets/…`, pages of a dataset.

    Raises:
        TeamIdError: It names something else, or nothing that could be an id. An access token is not repeated.

    Example:
        >>> parse_repo_id("https://huggingface.co/datasets/my-org/configs/tree/main")
        'my-org/configs'
    """
    try:
        cleaned = clean(text)
        is_address, path = split_url(cleaned)
    except ModelIdError as error:
        message = error.message.replace("id of a model", "id of a dataset").replace("No model is", "No dataset is")
        raise TeamIdError(message, next_step=_EXAMPLE) from None
    segments = [segment for segment in path.split("/") if segment]
    is_dataset = segments[:1] == ["datasets"]
    if is_dataset:
        segments = segments[1:]
    elif is_address or segments[0] in RESERVED_PATHS:
        raise TeamIdError(f"{shown(cleaned)} isn't the address of a dataset on the Hub.", next_step=_EXAMPLE)
    elif len(segments) > 2:  # noqa: PLR2004 - owner, name
        raise TeamIdError(f"{shown(cleaned)} has more than two parts: it looks like a path.", next_step=_EXAMPLE)
    return _checked("/".join(segments[:2]).removesuffix("@main"), cleaned)


def _checked(repo_id: str, cleaned: str) -> str:
    if not _ID.fullmatch(repo_id) or "--" in repo_id or ".." in repo_id or repo_id.endswith(".git"):
        raise TeamIdError(f"{shown(cleaned)} can't be the id of a dataset.", next_step=_EXAMPLE)
    return repo_id
