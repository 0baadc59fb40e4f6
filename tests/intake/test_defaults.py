"""Left-out fields take what transformers' classes declare."""

from __future__ import annotations

import gzip
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.data import load_table
from budsim_widgets.intake import resolve_fields
from budsim_widgets.intake.defaults import REQUIRED_FIELDS, declaration

DEFAULT_CONFIGS: dict[str, dict[str, Any]] = json.loads(
    gzip.decompress((Path(__file__).parent / "default_configs.json.gz").read_bytes())
)
ALL_TYPES = sorted(load_table("defaults")["types"])

# What a class computes from other fields after they are set: the families describe that, not the table.
DERIVED = {
    ("axk2", "head_dim"),
    ("bailing_hybrid", "head_dim"),
    ("ernie4_5_moe", "moe_layer_end_index"),
    ("falcon_mamba", "time_step_rank"),
    ("gemma3n_text", "intermediate_size"),
    ("gpt-sw3", "model_type"),
    ("hy_v4", "head_dim"),
    ("jamba", "mamba_dt_rank"),
    ("mamba", "time_step_rank"),
    ("gemma", "vocab_size"),  # pi0 gives its action expert the vocabulary of its language model
    ("shieldgemma2", "tie_word_embeddings"),
    ("step3p5_vision", "intermediate_size"),
    ("zamba", "mamba_dt_rank"),
}


Difference = tuple[str, str, Any, Any]


def differences(resolved: dict[str, Any], whole: dict[str, Any], model_type: str) -> list[Difference]:
    parts = load_table("defaults")["parts"].get(model_type, {})
    found = []
    for field, value in whole.items():
        if field in parts and isinstance(value, dict):
            part_type = value.get("model_type") or parts[field]["type"]
            found += differences(resolved[field], value, part_type)
        elif resolved[field] != value:
            found.append((model_type, field, resolved[field], value))
    return found


def is_derived(difference: Difference) -> bool:
    model_type, field, resolved, whole = difference
    # Null is derived; a window that isn't switched on is none; a class without a model_type writes an empty one.
    return resolved is None or whole == "" or field == "sliding_window" or (model_type, field) in DERIVED


@pytest.mark.parametrize("model_type", sorted(DEFAULT_CONFIGS))
def test_with_the_required_fields_alone_every_other_field_is_that_of_the_default_config(model_type: str) -> None:
    whole = DEFAULT_CONFIGS[model_type]
    known = declaration(model_type)
    assert known is not None
    owner = whole[known.flat] if known.flat else whole
    given = {name: owner[name] for name in (*known.required, *REQUIRED_FIELDS) if name in owner}
    found = differences(resolve_fields({"model_type": model_type, **given}), whole, model_type)
    assert [difference for difference in found if not is_derived(difference)] == []


@pytest.mark.parametrize("model_type", ALL_TYPES)
def test_every_type_is_completed_without_required_fields_at_the_top(model_type: str) -> None:
    known = declaration(model_type)
    assert known is not None
    resolved = resolve_fields({"model_type": model_type})
    assert known.required.isdisjoint(resolved)
    assert set(known.defaults) - known.required <= resolved.keys()
    assert all(isinstance(resolved[key], dict) for key, part in known.parts.items() if not part.optional)


@pytest.mark.parametrize("model_type", ["llama", "gpt2", "gemma3", "qwen2_vl", "dots3_note"])
def test_resolving_changes_neither_the_config_nor_the_table(model_type: str) -> None:
    config = {"model_type": model_type, "text_config": {"hidden_size": 8}, "hidden_size": 16}
    before, table = deepcopy(config), deepcopy(load_table("defaults"))
    resolve_fields(config)
    assert config == before
    assert load_table("defaults") == table


@pytest.mark.parametrize("model_type", ["llama", "gpt2", "gemma3", "llava", "qwen2_vl", "nemotron_h"])
def test_resolving_twice_is_resolving_once(model_type: str) -> None:
    once = resolve_fields({"model_type": model_type, **dict.fromkeys(REQUIRED_FIELDS, 64)})
    assert resolve_fields(once) == once


def test_fields_are_readable_under_all_of_their_names() -> None:
    fields = resolve_fields({"model_type": "gpt2", "n_embd": 768, "num_hidden_layers": 12})
    assert fields["hidden_size"] == fields["n_embd"] == 768
    assert fields["num_hidden_layers"] == fields["n_layer"] == 12
    assert fields["max_position_embeddings"] == fields["n_positions"] == 1024


def test_another_name_beats_the_own_one_as_in_transformers() -> None:
    assert resolve_fields({"model_type": "gpt2", "hidden_size": 100, "n_embd": 200})["n_embd"] == 100


def test_an_older_name_is_understood() -> None:
    assert resolve_fields({"model_type": "bloom", "n_embed": 1024})["hidden_size"] == 1024


def test_what_no_class_declares_reaches_a_part_that_is_written_at_the_top_level() -> None:
    fields = resolve_fields(
        {"model_type": "dots3_note", "first_k_dense_replace": 3, "audio_config": {"hidden_size": 8}}
    )
    assert fields["text_config"]["first_k_dense_replace"] == 3
    assert "audio_config" not in fields["text_config"]


def test_null_stays_null() -> None:
    assert resolve_fields({"model_type": "gemma2", "sliding_window": None})["sliding_window"] is None


def test_gemma3_takes_the_vocabulary_of_its_class() -> None:
    text = resolve_fields({"model_type": "gemma3", "text_config": {"hidden_size": 2560}})["text_config"]
    assert (text["vocab_size"], text["hidden_size"], text["num_attention_heads"]) == (262208, 2560, 8)
    assert text["model_type"] == "gemma3_text"


def test_a_part_that_is_absent_has_what_the_parent_gives_it() -> None:
    text = resolve_fields({"model_type": "mistral3"})["text_config"]
    assert (text["hidden_size"], text["head_dim"], text["sliding_window"]) == (5120, 128, None)


def test_a_part_that_is_mentioned_has_the_defaults_of_its_own_class() -> None:
    text = resolve_fields({"model_type": "mistral3", "text_config": {}})["text_config"]
    assert (text["hidden_size"], text["head_dim"], text["sliding_window"]) == (4096, None, 4096)


def test_voxtral_gives_its_values_to_a_part_that_is_mentioned_too() -> None:
    text = resolve_fields({"model_type": "voxtral", "text_config": {"num_hidden_layers": 4}})["text_config"]
    assert (text["hidden_size"], text["num_hidden_layers"], text["vocab_size"]) == (3072, 4, 131072)


def test_a_part_of_another_type_has_the_defaults_of_that_type() -> None:
    text = resolve_fields({"model_type": "llava", "text_config": {"model_type": "mistral"}})["text_config"]
    assert (text["model_type"], text["intermediate_size"]) == ("mistral", 14336)


@pytest.mark.parametrize("own_type", ["qwen2_vl", "llama", "unheard_of"])
def test_a_part_whose_class_is_fixed_ignores_its_own_type(own_type: str) -> None:
    vision = resolve_fields({"model_type": "qwen2_vl", "vision_config": {"model_type": own_type}})["vision_config"]
    assert (vision["model_type"], vision["depth"], vision["embed_dim"]) == ("qwen2_vl_vision", 32, 1280)


def test_a_tower_whose_type_its_parent_sets_keeps_it() -> None:
    config = {"model_type": "cosmos3_omni", "vision_config": {"model_type": "siglip_vision_model"}}
    assert resolve_fields(config)["vision_config"]["model_type"] == "qwen3_vl_vision"


def test_a_part_of_an_unknown_type_is_of_its_parents_class() -> None:
    text = resolve_fields({"model_type": "kimi_k25", "text_config": {"model_type": "kimi_k2"}})["text_config"]
    assert text["kv_lora_rank"] == 512


def test_a_vision_tower_that_carries_the_type_of_a_whole_model_is_a_vision_tower() -> None:
    config = {"model_type": "hyperclovax_vision_v2", "vision_config": {"model_type": "qwen2_5_vl"}}
    assert resolve_fields(config)["vision_config"]["model_type"] == "qwen2_5_vl_vision"


@pytest.mark.parametrize("model_type", ["mpt", "dbrx"])
def test_a_text_part_whose_class_has_inner_configs_is_of_its_own_class(model_type: str) -> None:
    text = resolve_fields({"model_type": "llava", "text_config": {"model_type": model_type}})["text_config"]
    assert text["model_type"] == model_type
    assert text["attn_config"]["model_type"] == f"{model_type}.attn_config"


def test_an_optional_part_stays_out() -> None:
    fields = resolve_fields({"model_type": "gemma4"})
    assert fields["audio_config"] is None
    assert fields["text_config"]["model_type"] == "gemma4_text"


def test_an_optional_part_that_is_mentioned_is_completed() -> None:
    fields = resolve_fields({"model_type": "gemma4", "audio_config": {"num_hidden_layers": 3}})
    assert fields["audio_config"]["hidden_size"] == 1024
    assert fields["audio_config"]["num_hidden_layers"] == 3


def test_a_part_without_a_type_of_its_own_is_completed() -> None:
    fields = resolve_fields({"model_type": "dbrx", "ffn_config": {"moe_num_experts": 16}})
    assert fields["ffn_config"]["ffn_hidden_size"] == 3584
    assert fields["attn_config"]["kv_n_heads"] == 1


def test_text_fields_at_the_top_level_make_the_text_part() -> None:
    config = {"model_type": "qwen2_vl", "hidden_size": 1536, "num_hidden_layers": 28, "sliding_window": 32768}
    text = resolve_fields(config)["text_config"]
    assert (text["hidden_size"], text["sliding_window"], text["num_key_value_heads"]) == (1536, 32768, 8)
    assert "vocab_size" not in text


def test_what_no_class_declares_reaches_the_text_from_the_top_level_too() -> None:
    config = {"model_type": "glm5_next", "linear_attn_config": {"num_heads": 3}, "vision_config": {"depth": 2}}
    text = resolve_fields(config)["text_config"]
    assert text["linear_attn_config"] == {"num_heads": 3}
    assert "vision_config" not in text


def test_a_part_under_an_older_name_is_understood() -> None:
    config = {"model_type": "unlimited_ocr", "language_config": {"hidden_size": 640}}
    assert resolve_fields(config)["text_config"]["hidden_size"] == 640


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        ({"torch_dtype": "bfloat16"}, "bfloat16"),
        ({"dtype": "float16"}, "float16"),
        ({"dtype": "float16", "torch_dtype": "bfloat16"}, "float16"),
        ({"dtype": None, "torch_dtype": "bfloat16"}, "bfloat16"),
    ],
)
def test_the_dtype_is_readable_under_both_names(given: dict[str, Any], dtype: str) -> None:
    for model_type in ("llama", "unheard_of"):
        fields = resolve_fields({"model_type": model_type, **given})
        assert fields["dtype"] == fields["torch_dtype"] == dtype


@pytest.mark.parametrize("model_type", ["unheard_of", None, 3, ["llama"], {}])
def test_a_config_of_an_unknown_type_comes_back_as_it_is(model_type: Any) -> None:
    config = {"model_type": model_type, "hidden_size": 8, "text_config": {"model_type": "llama"}}
    assert resolve_fields(config) == config


def test_the_sizes_of_an_unknown_type_are_readable_under_their_common_names() -> None:
    fields = resolve_fields(
        {"model_type": "old", "n_embd": 64, "n_layer": 2, "llm_config": {"dim": 8, "n_kv_heads": 2}}
    )
    assert (fields["hidden_size"], fields["num_hidden_layers"], fields["n_embd"]) == (64, 2, 64)
    assert (fields["llm_config"]["hidden_size"], fields["llm_config"]["num_key_value_heads"]) == (8, 2)
    assert "vocab_size" not in fields


def test_an_unknown_type_with_older_names_is_estimated() -> None:
    older = {"n_embd": 768, "n_layer": 12, "n_head": 12, "n_vocab": 50257}
    newer = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "vocab_size": 50257}
    assert build(older).num_parameters == build(newer).num_parameters
    assert build(older).basis == "estimate"


def test_no_class_contains_itself() -> None:
    parts = load_table("defaults")["parts"]

    def depth(model_type: str, seen: tuple[str, ...]) -> int:
        assert model_type not in seen
        types = [part["type"] for part in parts.get(model_type, {}).values()]
        return 1 + max((depth(name, (*seen, model_type)) for name in types), default=0)

    assert max(depth(model_type, ()) for model_type in parts) <= 5


def test_no_part_of_a_type_is_listed_as_a_field_of_it() -> None:
    """A field is checked as one value; what stands in a part has bounds of its own. Optional parts may stay out."""
    table = load_table("defaults")
    needed = {
        name: {key for key, part in parts.items() if not part.get("optional")} for name, parts in table["parts"].items()
    }
    both = {name: keys & set(table["types"][name]) for name, keys in needed.items()}
    assert {name: fields for name, fields in both.items() if fields} == {}
