"""GGUF metadata → the config that transformers has for the same model; `data/gguf.json` holds the names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.data import load_table
from budsim_widgets.intake.defaults import REQUIRED_FIELDS, declaration
from budsim_widgets.intake.readers.gguf_metadata import ARCHITECTURE
from budsim_widgets.intake.readers.gguf_rules import RULES
from budsim_widgets.intake.readers.json_text import Parsed
from budsim_widgets.intake.readers.native_fields import is_small_llama3, missing, take, unsupported
from budsim_widgets.intake.wording import show

if TYPE_CHECKING:
    from budsim_widgets.intake.readers.gguf_metadata import Metadata

_OTHER_FILES: Final = {"adapter": "a LoRA adapter", "mmproj": "a vision projector", "imatrix": "an importance matrix"}
_PASTE_ALL: Final = "Paste the whole listing: `gguf-dump` prints all of it."


def convert(metadata: Metadata) -> Parsed:
    """The config of transformers for the metadata of a GGUF file.

    Raises:
        ConfigError: MISSING_FIELD, FIELD_TYPE, FIELD_RANGE; UNSUPPORTED for an architecture that isn't converted.
    """
    name = metadata.values[ARCHITECTURE]
    row = _row(metadata.values)
    names = {f"{name}.{key}": field for key, field in _keys(row).items()}
    found = take(_single(metadata.values, names, f"{name}.{row.get('by_layer')}"), names)
    _add_vocabulary(found, metadata)
    required = (*(field for field in REQUIRED_FIELDS if field not in row.get("drop", ())), *_sizes_of(row, names))
    next_step = _next_step([field for field in required if field not in found], name)
    error = missing(found, names, what="The GGUF metadata", next_step=next_step, required=required)
    if error:
        raise error
    _derive_heads(found, names)
    config = {"architectures": [row["class"]], "model_type": row["model_type"], **found, **_told(row, metadata)}
    repairs = (f"converted from GGUF metadata of the architecture {name}", *_tie(config, row, metadata))
    changes, notes = RULES[name](config, metadata.values) if name in RULES else ({}, ())
    whole = {field: value for field, value in {**config, **changes}.items() if value is not ...}
    return Parsed(whole, "gguf", (*repairs, *notes))


def _row(values: dict[str, Any]) -> dict[str, Any]:
    name, kind = values[ARCHITECTURE], values.get("general.type")
    if isinstance(kind, str) and kind in _OTHER_FILES:
        raise unsupported(f"This is the metadata of {_OTHER_FILES[kind]}, not of a model.", "general.type")
    rows: dict[str, dict[str, Any]] = load_table("gguf")["architectures"]
    if not isinstance(name, str) or name not in rows:
        raise unsupported(f"GGUF files of the architecture {show(name)} aren't converted.", ARCHITECTURE)
    return rows[name]


def _keys(row: dict[str, Any]) -> dict[str, str]:
    """Key → field; the architecture's own keys come first, and replace the common ones."""
    keys = {**row.get("keys", {}), **{key: field for key, field in _common().items() if key not in row.get("keys", {})}}
    return {key: field for key, field in keys.items() if field not in row.get("drop", ())}


def _sizes_of(row: dict[str, Any], names: dict[str, str]) -> tuple[str, ...]:
    """The fields beside the usual ones whose class default would be a guess."""
    keys = (key for key in ("expert_count", "expert_used_count", "expert_feed_forward_length") if key in row["keys"])
    fields = [row["keys"][key] for key in keys] if "keys" in row else []
    return tuple(dict.fromkeys([*fields, *(["intermediate_size"] if "intermediate_size" in names.values() else [])]))


def _derive_heads(found: dict[str, Any], names: dict[str, str]) -> None:
    """What the keys leave out, as llama.cpp takes it; the classes of transformers have defaults of their own."""
    heads = found.get("num_attention_heads")
    if heads is None:
        return
    if "num_key_value_heads" in names.values():
        found.setdefault("num_key_value_heads", heads)
    if "head_dim" in names.values() and found["hidden_size"] % heads == 0:
        found.setdefault("head_dim", found["hidden_size"] // heads)


def _common() -> dict[str, str]:
    keys: dict[str, str] = load_table("gguf")["keys"]
    return keys


def _single(values: dict[str, Any], names: dict[str, str], by_layer: str) -> dict[str, Any]:
    """The values with one number in place of a list that says the same of each layer.

    Args:
        values: The metadata.
        names: Its keys that are asked for.
        by_layer: The key that may list 0 for some layers.
    """
    single = {}
    for name in names:
        value = values.get(name)
        if name == by_layer and isinstance(value, list):
            value = [item for item in value if item != 0] or value[:1]
        if isinstance(value, list) and value and all(item == value[0] for item in value):
            value = value[0]
        if value is ... or isinstance(value, list):
            raise unsupported(f"{name} lists a value for each layer; such models aren't converted.", name)
        single[name] = value
    return single


def _add_vocabulary(found: dict[str, Any], metadata: Metadata) -> None:
    """The size of the vocabulary: the embedding's own, where it is listed, else what the keys say."""
    shape = list(metadata.tensors.get("token_embd.weight", ())[:2])
    rows = None
    if found.get("hidden_size") in shape:
        shape.remove(found["hidden_size"])
        rows = next(iter(shape), None)
    size = rows or found.get("vocab_size") or metadata.num_tokens
    found.update(take({"vocab_size": size}, {"vocab_size": "vocab_size"}))


def _next_step(absent: list[str], name: str) -> str:
    if absent != ["vocab_size"]:
        return _PASTE_ALL
    return f"Add {name}.vocab_size, the number of tokens of its tokenizer; llama.cpp prints it as n_vocab."


def _told(row: dict[str, Any], metadata: Metadata) -> dict[str, Any]:
    """What the listed tensors and the type of the file tell."""
    told: dict[str, Any] = {}
    for tensor, fields in row.get("tensors", {}).items():
        told.update(fields if tensor in metadata.tensors else {})
    dtype = load_table("gguf")["file_types"].get(str(metadata.values.get("general.file_type")))
    return {**told, "torch_dtype": dtype} if dtype else told


def _tie(config: dict[str, Any], row: dict[str, Any], metadata: Metadata) -> tuple[str, ...]:
    """Whether the head is the embedding: the listed tensors tell it, the keys don't."""
    if row.get("always_tied"):
        return ()
    last = f"blk.{config['num_hidden_layers'] - 1}."
    tensors = metadata.tensors
    is_whole = {"token_embd.weight", "output_norm.weight"} <= tensors.keys() and any(
        name.startswith(last) for name in tensors
    )
    if is_whole:
        config["tie_word_embeddings"] = "output.weight" not in tensors
        return ()
    known = declaration(row["model_type"])
    is_tied = bool(known and known.defaults.get("tie_word_embeddings"))
    if row["model_type"] == "llama" and is_small_llama3(config):
        config["tie_word_embeddings"] = True
        return ("tied the embeddings, as in Llama 3.2 1B and 3B",)
    config["tie_word_embeddings"] = is_tied
    usual = row["model_type"]
    if is_tied:
        return (f"assumed that the head is tied to the embedding, as {usual} has it: the keys don't tell",)
    return (f"assumed that the head isn't tied to the embedding, as {usual} has it: the keys don't tell",)
