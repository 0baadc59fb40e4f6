"""Repositories without a config.json: what they hold instead tells what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import NoConfigError
from budsim_widgets.hub.gguf_repos import listed_gguf
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from budsim_widgets.errors import HubError, ListedGguf
    from budsim_widgets.hub.info import HubInfo
    from budsim_widgets.hub.transport.request_context import RequestContext

_IDENTIFYING = ("params.json", "adapter_config.json", "model_index.json")
_MAX_NAMED = 4
_ASK_FOR_ORIGINAL = "Ask for the model that they were made from, or paste its config.json."


def no_config(context: RequestContext, siblings: tuple[str, ...] | None, info: HubInfo | None = None) -> NoConfigError:
    """The repository has no config.json; what it has instead (None: unknown) tells what it is."""
    found = identifying_files(siblings or ())
    what, next_step = _what_it_is(found)
    gguf_files = listed_gguf(siblings or (), info.sizes if info else {})
    base_model = info.base_model if info else None
    if gguf_files and len(found) == sum(name.endswith(".gguf") for name in found):
        what, next_step = _gguf_alone(context.repo_id, gguf_files, base_model)
    return NoConfigError(
        f"{context.repo_id} has no config.json{what}.",
        found=found,
        gguf_files=gguf_files,
        base_model=base_model,
        next_step=next_step,
        model_id=context.repo_id,
        url=f"{context.page}/tree/{context.revision or 'main'}",
        status_code=404,
    )


def identifying_files(siblings: tuple[str, ...]) -> tuple[str, ...]:
    """Those of a repository's files that say what it is.

    Example:
        >>> identifying_files(("README.md", "original/params.json", "model-Q4_K_M.gguf"))
        ('original/params.json', 'model-Q4_K_M.gguf')
    """
    return tuple(name for name in siblings if name.rpartition("/")[2] in _IDENTIFYING or name.endswith(".gguf"))


def params_json_of(error: HubError) -> str | None:
    """The params.json that stands in for the config.json which a repository doesn't have, where it has just one."""
    found = error.found if isinstance(error, NoConfigError) else ()
    names = [name.rpartition("/")[2] for name in found]
    is_model = not {"adapter_config.json", "model_index.json"} & set(names)
    return found[names.index("params.json")] if is_model and names.count("params.json") == 1 else None


def _what_it_is(found: tuple[str, ...]) -> tuple[str, str]:
    names = {name.rpartition("/")[2] for name in found}
    shown = ", ".join(found[:_MAX_NAMED]) + (f" and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else "")
    if "adapter_config.json" in names:
        return f": it is an adapter ({shown})", "Ask for its base model, which adapter_config.json names."
    if "model_index.json" in names:
        return f": it is a diffusers pipeline ({shown}), not a language model", "Ask for a language model."
    if "params.json" in names:
        return (
            f", but the original weights' {shown}",
            "Paste its params.json, or ask for the converted model, or paste that one's config.json.",
        )
    return "", "Ask for the model that it was made from, or paste a config.json."


def _gguf_alone(repo_id: str, files: tuple[ListedGguf, ...], base_model: str | None) -> tuple[str, str]:
    shown = ", ".join(map(_size_of, files[:_MAX_NAMED]))
    more = f" and {len(files) - _MAX_NAMED} more" if len(files) > _MAX_NAMED else ""
    if base_model is None:
        return (
            f", but GGUF files ({shown}{more})",
            "Ask for the model that they were made from, or paste its config.json.",
        )
    return (
        f", but GGUF files ({shown}{more}), made from {base_model}",
        f"Take that model's config with `bw.use_base_config({repo_id!r})`, or paste it.",
    )


def _size_of(file: ListedGguf) -> str:
    return file.name if file.num_bytes is None else f"{file.name}: {format_bytes(file.num_bytes)}"
