"""Make `budsim_widgets/data/defaults.json`: what transformers' config classes declare.

    python tools/list_config_classes.py > classes.json      # with a Python that has transformers
    python tools/make_defaults.py defaults_compact.json attribute_maps.json classes.json OUT

Run it again when a description reads new fields of a config: those that the classes declare come into the table.

The first two files hold, by model_type, the declared defaults of the fields that change shapes or cache, and the
`attribute_map`s; of newer types, both come from the third. The table that comes out has

    types         by model_type: field → declared default
    kinds         field → the JSON types that it may have (letters as in list_config_classes.py); under `*` those
                  of most classes, by model_type only where they differ
    aliases       by model_type: other name → the name that the class stores
    parts         by model_type: key of a sub-config → its class, and what the parent gives it when it is absent
    flat          by model_type: the sub-config whose fields older files write at the top level
    without_text  the types that have no vocabulary: vision and audio models
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

REQUIRED = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
PACKAGE = Path(__file__).parents[1] / "budsim_widgets"
DESCRIPTIONS = [PACKAGE / "architectures" / folder for folder in ("families", "blocks")]
SOURCE = "Declared defaults of the config classes of transformers {} (Apache-2.0); made by tools/make_defaults.py"

# They are declared, but change neither a shape nor what is cached. (An infinite limit isn't JSON, either.)
WITHOUT_EFFECT = {
    "architectures",
    "chunk_size_feed_forward",
    "dtype",
    "hidden_act",
    "id2label",
    "is_encoder_decoder",
    "label2id",
    "logit_scale",
    "problem_type",
    "rope_parameters",
    "time_step_limit",
    "use_cache",
}

# Read off the `__post_init__` of each: with no `text_config` in the file, it is made of the top level's fields.
FLAT = {
    "dots3_note": "text_config",
    "fuyu": "text_config",
    "glm5_next": "text_config",
    "hunyuan_vl": "text_config",
    "paddleocr_vl": "text_config",
    "qwen2_5_vl": "text_config",
    "qwen2_vl": "text_config",
}

# Read off in the same way: what these parents give a part also fills in a part that the file mentions.
MERGED = {
    ("cohere_asr", "encoder_config"),
    ("glmasr", "text_config"),
    ("nemotron_h_omni", "audio_config"),
    ("voxtral", "text_config"),
    ("voxtral_realtime", "text_config"),
}

# Read off in the same way: these parents don't heed the type that the part names.
FIXED = {("cosmos3_omni", "vision_config")}

# Older names of a field that `__post_init__` renames, beside those of the attribute_map.
OLDER_NAMES = {
    "bloom": {"n_embed": "hidden_size"},
    "dots3_note_vision_encoder": {
        "embed_dim": "hidden_size",
        "num_heads": "num_attention_heads",
        "use_bias": "attention_bias",
    },
    "falcon": {"n_embed": "hidden_size"},
    "lfm2": {"block_ff_dim": "intermediate_size", "tie_embedding": "tie_word_embeddings"},
    "lfm2_moe": {"tie_embedding": "tie_word_embeddings"},
    "lfm2_vl": {"tie_embedding": "tie_word_embeddings"},
    "molmo2": {"vit_config": "vision_config"},
    "molmo2_adapter": {"vit_layers": "vision_feature_layer"},
    "molmo2_vision": {
        "image_default_input_size": "image_size",
        "image_num_pos": "num_position_embeddings",
        "image_patch_size": "patch_size",
    },
    "nemotron_h": {
        "mamba_conv_bias": "use_conv_bias",
        "mamba_d_conv": "conv_kernel",
        "mamba_expand": "expand",
        "mamba_n_groups": "n_groups",
    },
    "nemotron_h_omni": {
        "llm_config": "text_config",
        "sound_config": "audio_config",
        "vit_hidden_size": "vision_hidden_size",
    },
    "step3p5_vision": {"heads": "num_attention_heads", "layers": "num_hidden_layers", "width": "hidden_size"},
    "unlimited_ocr": {"language_config": "text_config"},
}

# Set by `__post_init__` from other fields: a default of their own would stand against what they follow from.
DERIVED = {
    "bailing_hybrid": {"linear_conv_kernel_dim", "linear_head_dim", "linear_num_heads"},
    "cohere2": {"head_dim"},
    "falcon_mamba": {"intermediate_size"},
    "longt5": {"is_gated_act"},
    "mamba": {"intermediate_size"},
    "mobilebert": {"true_hidden_size"},
    "mt5": {"is_gated_act"},
    "parakeet_encoder": {"num_key_value_heads"},
    "phi4_multimodal_audio": {"nemo_final_size"},
    "recurrent_gemma": {"head_dim"},
    "reformer": {"num_hidden_layers"},
    "switch_transformers": {"decoder_sparse_step", "encoder_sparse_step"},
    "t5": {"is_gated_act"},
    "udop": {"is_gated_act"},
    "umt5": {"is_gated_act"},
    "zamba2": {
        "attention_head_dim",
        "attention_hidden_size",
        "hybrid_layer_ids",
        "kv_channels",
        "mamba_headdim",
        "num_query_groups",
    },
}

# Required fields that the compact table lacks and the class declares: files leave them out of a sub-config.
COMPLETED = {
    "blip_2_qformer": {"vocab_size"},
    "canary_decoder": {"vocab_size"},
    "dots1": {"hidden_size", "num_hidden_layers", "vocab_size"},
    "esm": {"hidden_size", "num_hidden_layers"},
    "kosmos_2_5_text_model": {"attention_heads"},
    "kosmos_2_text_model": {"attention_heads"},
    "lfm2_moe": {"hidden_size", "num_hidden_layers", "vocab_size"},
    "ministral": {"hidden_size", "num_hidden_layers", "vocab_size"},
    "moshi_depth": {"hidden_size", "num_hidden_layers", "vocab_size"},
    "musicgen_decoder": {"hidden_size", "num_hidden_layers", "vocab_size"},
    "musicgen_melody_decoder": {"hidden_size", "num_hidden_layers", "vocab_size"},
    "t5gemma2_decoder": {"hidden_size", "vocab_size"},
}

# The same letters as in list_config_classes.py.
LETTERS = {bool: "b", float: "f", int: "i", list: "l", str: "s"}

Table = dict[str, dict[str, Any]]


def merge_types(compact: Table, classes: Table, aliases: Table, parts: Table) -> Table:
    """All types with their fields; sub-configs are left to `parts`."""
    # A class that the compact table lacks is kept whole: nobody has sorted its fields yet.
    whole = {
        name: {field: value for field, value in _numbers(defaults).items() if field not in parts.get(name, ())}
        for name, defaults in classes.items()
        if name not in compact
    }
    read = words_of_descriptions()
    fields = {
        name: {**_named(classes.get(name, {}), _read_names(name, read, aliases)), **defaults}
        for name, defaults in compact.items()
    } | whole
    return {
        name: {
            field: None if field in DERIVED.get(name, ()) else default
            for field, default in sorted(defaults.items())
            if field not in WITHOUT_EFFECT and not isinstance(default, dict)
        }
        for name, defaults in sorted(fields.items())
    }


def _read_names(name: str, read: set[str], aliases: Table) -> set[str]:
    """The fields of a class to add to those of the compact table."""
    return read - (_required(aliases.get(name, {})) - COMPLETED.get(name, set()))


def words_of_descriptions() -> set[str]:
    """Every word in the descriptions: what they read of a config is among them, and so its kind is checked."""
    paths = [path for folder in DESCRIPTIONS for path in folder.glob("*.py")]
    return {word for path in paths for word in re.findall(r"\w+", path.read_text("utf-8"))}


def _required(aliases: dict[str, str]) -> set[str]:
    """What the required fields are called: of these, the compact table says which a class has."""
    return {*REQUIRED, *(aliases.get(name, name) for name in REQUIRED)}


def _named(defaults: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {field: value for field, value in defaults.items() if field in names}


def _numbers(defaults: dict[str, Any]) -> dict[str, Any]:
    """Fields that can change a shape: whole numbers, flags, lists and what is derived from others."""
    return {field: value for field, value in defaults.items() if not isinstance(value, (float, str))}


def merge_parts(parts: Table, types: Table) -> Table:
    """The sub-configs of each type in the table, with only those given values that change shapes or cache."""
    return {
        parent: {
            key: {
                **_part(part, parts, types),
                **({"fixed": True} if (parent, key) in FIXED else {}),
                **({"merged": True} if (parent, key) in MERGED else {}),
            }
            for key, part in sorted(declared.items())
        }
        for parent, declared in sorted(parts.items())
        if parent in types
    }


def _part(part: dict[str, Any], parts: Table, types: Table) -> dict[str, Any]:
    values = _values(part["values"], part["type"], parts, types)
    flags = {flag: True for flag in ("fixed", "optional") if part[flag]}
    return {"type": part["type"], **flags, **({"values": values} if values else {})}


def _values(given: dict[str, Any], model_type: str, parts: Table, types: Table) -> dict[str, Any]:
    """What a parent gives a part beyond the defaults of its class, in the part's own parts as well."""
    own, own_parts = types.get(model_type, {}), parts.get(model_type, {})
    values = {field: value for field, value in given.items() if field in own and own[field] != value}
    inner = {
        key: _values(value, value.get("model_type") or own_parts[key]["type"], parts, types)
        for key, value in given.items()
        if key in own_parts and isinstance(value, dict)
    }
    return {**values, **{key: value for key, value in inner.items() if value}}


def described_types() -> set[str]:
    """The types that a description is for; some have parts whose class may be any."""
    table = json.loads((PACKAGE / "data" / "families.json").read_text("utf-8"))
    return {model_type for name, types in table.items() if not name.startswith("_") for model_type in types}


def used_types(types: Table, compact: Table, parts: Table) -> Table:
    """The types of the compact table, the described ones, and those that their sub-configs lead to."""
    wanted = set(compact) | (described_types() & set(types))
    while True:
        found = {part["type"] for name in wanted for part in parts.get(name, {}).values()} - wanted
        if not found:
            return {name: fields for name, fields in types.items() if name in wanted}
        wanted |= found


def merge_aliases(aliases: Table) -> Table:
    """The attribute_maps and the older names; a name that stands for itself says nothing."""
    names = {name: {**aliases.get(name, {}), **OLDER_NAMES.get(name, {})} for name in {*aliases, *OLDER_NAMES}}
    return {name: {alias: field for alias, field in fields.items() if alias != field} for name, fields in names.items()}


def merge_kinds(types: Table, kinds: Table) -> Table:
    """What JSON types the fields of the table may have: the usual ones, and by type those that differ."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name in types:
        for field, letters in kinds.get(name, {}).items():
            counts[field][letters] += 1
    usual = {field: counter.most_common(1)[0][0] for field, counter in counts.items()}
    own = {
        name: {
            field: kinds.get(name, {}).get(field) or _kind(default, usual.get(field))
            for field, default in fields.items()
        }
        for name, fields in types.items()
    }
    for field, letters in (item for fields in own.values() for item in fields.items()):
        usual.setdefault(field, letters)
    odd = {
        name: {field: letters for field, letters in fields.items() if letters != usual[field]}
        for name, fields in own.items()
    }
    used = {field for fields in own.values() for field in fields}
    return {
        "*": {field: usual[field] for field in sorted(used)},
        **{name: fields for name, fields in odd.items() if fields},
    }


def _kind(default: Any, usual: str | None) -> str:
    """Of a property, which has no annotation, the type of the default or of its namesakes is known; or null."""
    return LETTERS[type(default)] + "n" if default is not None else "".join(sorted({*(usual or "bfils"), "n"}))


def main(compact_path: str, aliases_path: str, classes_path: str, out_path: str) -> None:
    """Read the three files and write the table, one line a model_type."""
    compact, aliases, classes = (
        json.loads(Path(path).read_text("utf-8")) for path in (compact_path, aliases_path, classes_path)
    )
    aliases = {**classes["aliases"], **aliases}
    all_types = merge_types(compact, classes["types"], aliases, classes["parts"])
    parts = merge_parts(classes["parts"], all_types)
    types = used_types(all_types, compact, parts)
    table = {
        "types": types,
        "kinds": merge_kinds(types, classes["kinds"]),
        "aliases": merge_aliases(aliases),
        "parts": {name: declared for name, declared in parts.items() if name in types},
        "flat": FLAT,
    }
    sections = [f'"{name}": {_lines(section)}' for name, section in table.items()]
    without_text = f'"without_text": {json.dumps(classes["without_text"])}'
    text = ",\n".join([f'"_source": {json.dumps(SOURCE.format(classes["version"]))}', *sections, without_text])
    Path(out_path).write_text("{\n" + text + "\n}\n", "utf-8")


def _lines(section: dict[str, Any]) -> str:
    entries = (
        f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'), allow_nan=False)}"
        for name, value in sorted(section.items())
    )
    return "{\n" + ",\n".join(entries) + "\n}"


if __name__ == "__main__":
    main(*sys.argv[1:])
