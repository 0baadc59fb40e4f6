"""Repositories without a config.json: what they hold instead tells what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import NoConfigError

if TYPE_CHECKING:
    from budsim_widgets.errors import HubError
    from budsim_widgets.hub.transport.request_context import RequestContext

_IDENTIFYING = ("params.json", "adapter_config.json", "model_index.json")
_MAX_NAMED = 4


def no_config(context: RequestContext, siblings: tuple[str, ...] | None) -> NoConfigError:
    """The repository has no config.json; what it has instead (None: unknown) tells what it is."""
    found = identifying_files(siblings or ())
    what, next_step = _what_it_is(found)
    return NoConfigError(
        f"{context.repo_id} has no config.json{what}.",
        found=found,
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
    if found:
        return f", but GGUF files ({shown})", "Ask for the model that they were made from, or paste its config.json."
    return "", "Ask for the model that it was made from, or paste a config.json."
