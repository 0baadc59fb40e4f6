"""A part that a config declares and that no description read makes the answer an estimate, with the field's name."""

from __future__ import annotations

from typing import Any

import pytest

from architectures.oracle_rows import rows
from budsim_widgets.architectures import build
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.unread import note_of, unread_parts
from budsim_widgets.data import load_table
from budsim_widgets.errors import ConfigError

TOWER = {"hidden_size": 1664, "num_hidden_layers": 48, "patch_size": 14}
PARTS: dict[str, dict[str, Any]] = {
    "a tower": {"visual": {"width": 1664, "layers": 48, "heads": 16}},
    "sound": {"audio": {"n_state": 1280, "n_layer": 32, "hidden_dim": 1280}},
    "a tower of a name nobody knows": {"lidar_config": TOWER},
    "experts": {"num_widget_experts": 8},
    "a prefix encoder": {"pre_seq_len": 128},
    "a draft's head": {"draft_vocab_size": 32000},
    "heads of Medusa": {"medusa_num_heads": 5},
    "LoRA in its own code": {"lora_r": 16},
    "an older way to name a tower": {"mm_vision_tower": "openai/clip-vit-large-patch14-336", "mm_hidden_size": 1024},
    "code of its own": {"auto_map": {"AutoModel": "modeling.Model"}, "widget_rows": 512},
}
WITHOUT_TEXT = load_table("defaults")["without_text"]
EXACT = [row for row in rows("defaults") if row.get("config") and row["model_type"] not in WITHOUT_TEXT]


@pytest.mark.parametrize("part", PARTS)
def test_every_family_says_what_it_did_not_read(part: str) -> None:
    names = [name for name in PARTS[part] if name != "auto_map"]
    tried = 0
    for row in EXACT:
        config = row["config"]
        if not config.keys().isdisjoint(PARTS[part]):
            continue
        architecture = build({**config, **PARTS[part]})
        note = next((note for note in architecture.notes if "The config declares" in note), "")
        # A class that has a field of this name says with it what it builds.
        if note:
            assert architecture.basis == "estimate"
            assert f"`{names[0]}`" in note
            tried += 1
        else:
            assert names[0] in {"pre_seq_len", "audio", "visual"}, config["model_type"]
    assert tried > 0.98 * len(EXACT)


@pytest.mark.parametrize("row", EXACT, ids=lambda row: f"{row['model_type']}-{row['architecture']}")
def test_no_field_of_a_class_is_taken_for_an_unknown_part(row: dict[str, Any]) -> None:
    config = {**row["config"], "auto_map": {"AutoModel": "modeling.Model"}}
    assert not [note for note in build(config).notes if "not counted" in note]


def test_a_part_of_a_part_is_named_where_it_stands() -> None:
    llama = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = {"model_type": "llava", "text_config": {**llama, "vocab_size": 100, "num_experts": 8}}
    assert build(config).basis == "estimate"
    assert "`text_config.num_experts`" in " ".join(build(config).notes)


@pytest.mark.parametrize(
    "fields",
    [
        {"rope_scaling": {"factor": 8.0, "original_max_position_embeddings": 8192}},
        {"num_experts": 0, "n_routed_experts": 1, "pre_seq_len": None, "visual": {}},
        {"unsloth_fixed": True, "neftune_noise_alpha": 5, "pretraining_tp": 4, "torch_dtype": "bfloat16"},
        {"quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}},
        {"task_specific_params": {"summarization": {"max_length": 128}}, "max_length": 200},
    ],
    ids=str,
)
def test_fields_that_say_nothing_of_tensors_change_nothing(fields: dict[str, Any]) -> None:
    config = {"model_type": "llama", "hidden_size": 64, **fields}
    assert unread_parts(config, frozenset()) == ()


def test_a_description_reads_what_it_asks_for() -> None:
    c = Config({"hidden_size": 64, "text_config": {"vocab_size": 100}})
    assert c.text_config.vocab_size == 100
    assert "num_experts" not in c
    assert c.reads == {"text_config", "text_config.vocab_size", "num_experts"}


def test_the_note_names_the_first_fields() -> None:
    assert note_of(("visual",)).startswith("The config declares `visual`, which is not counted")
    assert "`a`, `b`, `c` and `d`, which are" in note_of(tuple("abcdef"))


@pytest.mark.parametrize("value", [-1, "x" * 500, [{"a": 5}] * 3, {"width": 10**30}])
def test_odd_values_are_answered(value: Any) -> None:
    config = {"model_type": "llama", "vocab_size": 8, "hidden_size": 8, "num_hidden_layers": 1, "visual": value}
    try:
        build({**config, "num_attention_heads": 2})
    except ConfigError as error:
        assert error.field is not None  # noqa: PT017 - a refusal will do too
