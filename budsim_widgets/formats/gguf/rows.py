"""What `data/gguf_tensors.json` says of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.data import load_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture


def gguf_architecture(architecture: Architecture) -> dict[str, Any] | None:
    """The row of `data/gguf_tensors.json` for a model; None where llama.cpp isn't known to run it."""
    rows: dict[str, dict[str, Any]] = load_table("gguf_tensors")["architectures"]
    found = rows.get(architecture.model_type)
    if found is not None and found.get("of_text"):
        found = rows.get(str(text_config(architecture.config).get("model_type")))
    return rows[found["like"]] if found is not None and "like" in found else found


def text_config(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of the language model."""
    thinker = config.get("thinker_config")
    holder = thinker if isinstance(thinker, dict) else config
    text = holder.get("text_config")
    return text if isinstance(text, dict) else config
