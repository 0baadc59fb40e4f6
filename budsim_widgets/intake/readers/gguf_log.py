"""What llama.cpp prints about a model after it has read the keys: `print_info`, once `llm_load_print_meta`."""

from __future__ import annotations

import re
from typing import Any, Final

from budsim_widgets.data import load_table
from budsim_widgets.intake.readers.gguf_metadata import ARCHITECTURE, Metadata, number
from budsim_widgets.intake.readers.native_fields import unsupported

_LINE: Final = r"(?:print_info|llm_load_print_meta):[ ]{1,9}(?P<name>\w{1,40})[ ]{0,40}=[ ](?P<value>[\w.+-]{1,40}|\[)"
_KEYS: Final = {
    "n_ctx_train": "context_length",
    "n_embd": "embedding_length",
    "n_layer": "block_count",
    "n_head": "attention.head_count",
    "n_head_kv": "attention.head_count_kv",
    "n_embd_head_k": "attention.key_length",
    "n_swa": "attention.sliding_window",
    "n_ff": "feed_forward_length",
    "n_expert": "expert_count",
    "n_expert_used": "expert_used_count",
    "n_ff_exp": "expert_feed_forward_length",
    "n_ff_shexp": "expert_shared_feed_forward_length",
    "n_vocab": "vocab_size",
}
"""Its name for a value → the key that the file has for it."""

_MAX_LINES: Final = 500


def metadata_in_log(text: str) -> Metadata | None:
    """The metadata that these lines hold, under the keys of a GGUF file, or None for another text.

    Raises:
        ConfigError: UNSUPPORTED for an architecture that these lines don't describe wholly.

    Example:
        >>> log = "print_info: arch = llama" + chr(10) + "print_info: n_layer = 32"
        >>> metadata_in_log(log).values
        {'general.architecture': 'llama', 'llama.block_count': 32}
    """
    lines = re.finditer(_LINE, text)
    found = {line["name"]: line["value"] for line, _ in zip(lines, range(_MAX_LINES), strict=False)}
    architecture = found.get("arch")
    if architecture is None:
        return None
    row = load_table("gguf")["architectures"].get(architecture, {})
    if not row.get("keys", {}).keys() <= set(_KEYS.values()):
        message = f"The lines of print_info don't say all about a model of the architecture {architecture}."
        raise unsupported(message, ARCHITECTURE, next_step="Paste the lines of keys above them too, or `gguf-dump`'s.")
    values = {f"{architecture}.{key}": _value(found[name]) for name, key in _KEYS.items() if name in found}
    # Zero says that there is none of it.
    return Metadata(values={ARCHITECTURE: architecture, **{key: value for key, value in values.items() if value != 0}})


def _value(text: str) -> Any:
    return ... if text == "[" else number(text)
