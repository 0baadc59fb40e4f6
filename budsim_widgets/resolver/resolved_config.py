"""What was resolved: a config and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from budsim_widgets.intake.gguf_file import GgufFile

Source: TypeAlias = Literal["user_provided", "copy", "catalog", "huggingface", "file", "dict"]
Model: TypeAlias = "str | Mapping[str, Any] | PathLike[str] | ResolvedConfig"
"""A Hub id, a Hub URL, a config dict, a path to a config file, or what was resolved before."""


@dataclass(frozen=True)
class ResolvedConfig:
    """A config and where it came from.

    Attributes:
        model_id: The model's id as the Hub spells it, or None for a dict or a file.
        config: The config; a dict of the caller's own.
        source: `user_provided` (pasted), `copy` (that of another model, `copied_from`), `catalog` (from the Hub, kept),
            `huggingface`, `file` or `dict`.
        revision: The commit that it came from, where the Hub gave it.
        is_verified: Whether a pasted config agrees with what the Hub publishes; the Hub's own are always verified.
        notices: What a person should know: another spelling of the id, a stale token …
        copied_from: The model whose config was taken for this one, such as a public copy of a gated model; or None.
        gguf_file: The header of the GGUF file that the config was read from, or None.
    """

    model_id: str | None
    config: dict[str, Any] = field(repr=False)
    source: Source
    revision: str | None = None
    is_verified: bool = False
    notices: tuple[str, ...] = ()
    copied_from: str | None = None
    gguf_file: GgufFile | None = field(default=None, repr=False)
