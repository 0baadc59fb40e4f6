"""What people type or paste where a model is wanted, and the id that they mean. No request is made.

The client's own parsers take `/settings/tokens` and `/docs/hub` for models, and refuse `www.`, one-part ids in URLs and
the pages of commits and discussions: people paste all of these, so the reading is done here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from budsim_widgets.errors import ModelIdError
from budsim_widgets.hub.ids.addresses import HOSTS, RESERVED_PATHS, is_hub_path, split_url
from budsim_widgets.hub.ids.folders import checked_folder, folder_of_file, folder_of_path
from budsim_widgets.hub.ids.pasted_line import clean, refuse_secrets, shown

_EXAMPLE = "Type its id as owner/name, for example meta-llama/Llama-3.1-8B."

# The client's rules (validate_repo_id), without importing it: letters, digits, - _ . and at most 96 characters a part.
_PART = r"[A-Za-z0-9_](?:[\w.\-]{0,94}[A-Za-z0-9_])?"
_ID = re.compile(rf"(?:{_PART}/)?{_PART}", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9_](?:[\w./+\-]{0,198}[\w+])?", re.ASCII)
# The only revisions that stand in an address with a slash of their own.
_REFS = re.compile(r"refs/(?:pr/\d+|convert/[\w.-]+)", re.ASCII)
_AT = re.compile(r"(?P<id>[^@/]+(?:/[^@/]+)?)@(?P<revision>.*)", re.DOTALL)

_REVISION_ROUTES = frozenset({"tree", "blob", "resolve", "raw", "blame", "commit", "commits", "edit"})
_FILE_ROUTES = frozenset({"blob", "resolve", "raw", "blame", "edit"})
_ROUTES = _REVISION_ROUTES | {"discussions", "settings"}
_FILE = re.compile(r"[^/]+\.(?:gguf|bin|pth?|py|md)|.+\.(?:jsonl?|safetensors|ya?ml|txt|ipynb)", re.IGNORECASE)


@dataclass(frozen=True)
class ModelRef:
    """A model as it was asked for.

    Attributes:
        model_id: Its id.
        revision: The branch, tag or commit; None for the main branch.
        subfolder: The folder whose config.json is meant, such as `text_encoder`; empty for the model's own.
    """

    model_id: str
    revision: str | None = None
    subfolder: str = ""

    def __str__(self) -> str:
        """As a person may type it: `org/name@revision`, of a folder `hf://org/name@revision/folder`."""
        named = self.model_id
        if self.revision is not None:
            is_plain = _REFS.fullmatch(self.revision) is not None
            named = f"{named}@{self.revision if is_plain else quote(self.revision, safe='')}"
        elif self.subfolder and "/" not in named:  # else the folder would be the model's name, and the name its owner
            named = f"{named}@main"
        return f"hf://{named}/{quote(self.subfolder)}" if self.subfolder else named


def parse_model_id(text: str) -> ModelRef:
    """Read a model's id from what a person typed or pasted.

    Understood: ids, `id@revision`, `hf://…`, pages of a model on huggingface.co or hf.co (its files, commits,
    discussions), clone addresses; with spaces, quotes, invisible characters or a slash around them. The page of a
    folder, or of a config.json in one, means the config of that folder.

    Args:
        text: What was typed.

    Returns:
        The model, the revision and the folder. `main` counts as no revision.

    Raises:
        ModelIdError: It names something else (a dataset, a Space, a page, a file…), which the message says, or
            nothing that could be an id. An access token is refused without being repeated.

    Example:
        >>> parse_model_id("https://huggingface.co/Qwen/Qwen2.5-7B/blob/main/config.json")
        ModelRef(model_id='Qwen/Qwen2.5-7B', revision=None, subfolder='')
        >>> parse_model_id("https://huggingface.co/org/model/tree/v2/text_encoder")
        ModelRef(model_id='org/model', revision='v2', subfolder='text_encoder')
    """
    cleaned = clean(text)
    is_address, path = split_url(cleaned)
    match = _AT.fullmatch(path)
    if match:
        revision, rest = _split_revision(match["revision"])
        return _ref(match["id"].split("/"), revision, cleaned, folder_of_path(rest) if is_address else "")
    segments = _segments(path, cleaned)
    if len(segments) > 1 and segments[1] in _ROUTES and len(segments) != 2:  # noqa: PLR2004 - owner, route: an id
        return _ref(segments[:1], *_routed(segments[1:], cleaned))
    _refuse_paths(segments, cleaned, is_address=is_address)
    if is_hub_path(cleaned) and segments[2:3] and segments[2] not in _ROUTES:
        return _ref(segments[:2], None, cleaned, folder_of_path("/".join(segments[2:])))
    return _ref(segments[:2], *_routed(segments[2:], cleaned))


def check_model_id(text: str) -> None:
    """Check that a text is a model's id and nothing around it, as programs give it.

    Raises:
        ModelIdError: It is none, or an address or a revision, which a person may type in its place.

    Example:
        >>> check_model_id("Qwen/Qwen2.5-7B")
    """
    if str(parse_model_id(text)) != text:
        raise ModelIdError(f"{shown(text)} isn't the id of a model.", next_step=_EXAMPLE)


def _segments(path: str, cleaned: str) -> list[str]:
    segments = [segment for segment in path.split("/") if segment]
    if segments[:2] == ["api", "models"]:
        segments = segments[1:]
    if segments[:1] == ["models"] and len(segments) > 1:
        segments = segments[1:]
    if not segments:
        raise ModelIdError(f"{shown(cleaned)} is the Hub's front page, not a model.", next_step=_EXAMPLE)
    return segments


def _refuse_paths(segments: list[str], cleaned: str, *, is_address: bool) -> None:
    if is_address or segments[0] in RESERVED_PATHS or len(segments) <= 2 or segments[2] in _ROUTES:  # noqa: PLR2004 - owner/name
        return
    raise ModelIdError(
        f"{shown(cleaned)} has more than two parts: it looks like the path of a file or a folder.",
        next_step=_EXAMPLE,
    )


def _routed(route: list[str], cleaned: str) -> tuple[str | None, str, str]:
    """The revision in `tree/REVISION/…`, what was typed, and the folder, where the route has them."""
    if len(route) < 2 or route[0] not in _REVISION_ROUTES:  # noqa: PLR2004 - a route, then what it is about
        return None, cleaned, ""
    revision, rest = _split_revision("/".join(route[1:]))
    if route[0] == "tree":
        return revision, cleaned, folder_of_path(rest)
    return revision, cleaned, folder_of_file(rest) if route[0] in _FILE_ROUTES else ""


def _split_revision(rest: str) -> tuple[str, str]:
    """`REVISION/path/in/the/repository`: both of them."""
    match = _REFS.match(rest)
    if match:
        return match.group(), rest[match.end() :].strip("/")
    revision, _, path = rest.partition("/")
    return unquote(revision), path


def _ref(parts: list[str], revision: str | None, cleaned: str, folder: str = "") -> ModelRef:
    decoded = [unquote(part) for part in parts]
    if decoded[-1] != ".git":
        decoded[-1] = decoded[-1].removesuffix(".git")
    _refuse_reserved_paths(decoded, cleaned)
    # a slash that was escaped belongs to its part: it is refused below
    model_id = "/".join(part.replace("/", "%2F") for part in decoded)
    refuse_secrets(model_id)
    _check_id(model_id, cleaned)
    if revision == "main":
        revision = None
    if revision is not None and (not _REVISION.fullmatch(revision) or "//" in revision or ".." in revision):
        raise ModelIdError(
            f"{shown(revision)} can't be the name of a branch, a tag or a commit.",
            next_step="Leave it out to get the main branch, or type owner/name@revision.",
        )
    return ModelRef(model_id, revision, checked_folder(folder))


def _refuse_reserved_paths(parts: list[str], cleaned: str) -> None:
    place = RESERVED_PATHS.get(parts[0]) or (RESERVED_PATHS.get(parts[1]) if parts[1:] else None)
    if place is not None:
        raise ModelIdError(f"{shown(cleaned)} is {place} on the Hub, not a model.", next_step=_EXAMPLE)
    if parts[0].lower() in HOSTS:
        raise ModelIdError(f"{shown(cleaned)} names no model.", next_step=_EXAMPLE)


def _check_id(model_id: str, cleaned: str) -> None:
    if _FILE.fullmatch(model_id):
        raise ModelIdError(f"{shown(cleaned)} is the name of a file, not the id of a model.", next_step=_EXAMPLE)
    if not _ID.fullmatch(model_id) or "--" in model_id or ".." in model_id or model_id.endswith(".git"):
        raise ModelIdError(f"{shown(cleaned)} can't be the id of a model: {_fault(model_id)}.", next_step=_EXAMPLE)


def _fault(model_id: str) -> str:
    """What is wrong with it, for a person."""
    if re.search(r"\s", model_id):
        return "it contains a space or a line break"
    if not model_id.isascii():
        return "it contains letters other than a-z"
    if ":" in model_id:
        return "what follows the colon belongs to another tool; leave it out"
    if "--" in model_id or ".." in model_id:
        return "it contains -- or .."
    if any(len(part) > 96 for part in model_id.split("/")):  # noqa: PLR2004 - the client's limit
        return "a part is longer than 96 characters"
    return "only letters, digits, - _ . are allowed, and a letter or digit at both ends of each part"
