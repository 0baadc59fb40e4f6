"""A part that a config declares and that no description read makes the answer an estimate, with the field's name."""

from __future__ import annotations

from typing import Any

import pytest

from architectures.oracle_rows import rows
from budsim_widgets.architectures import build
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.unread import note_of, unread_parts
from budsim_widgets.architectures.unread_names import is_said_twice
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
    "a switch of its own code": {"auto_map": {"AutoModel": "modeling.Model"}, "use_gadget_norm": True},
    "a word of its own code": {"auto_map": {"AutoModel": "modeling.Model"}, "gizmo_type": "gated"},
    "a switch of an unknown word": {"auto_map": {"AutoModel": "modeling.Model"}, "use_gizmo": True},
    "an object of its own code": {"auto_map": {"AutoModel": "modeling.Model"}, "gizmo": {"rows": 512, "cols": 64}},
}
EXACT = [row for row in rows("defaults") if row.get("config")]


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


OTHER_NAMES: dict[str, dict[str, Any]] = {
    "a list of towers": {"encoders": [TOWER, TOWER]},
    "a list of stages": {"stages": [{"dim": 64, "depth": 2}, {"dim": 128, "depth": 4}]},
    "an object within an object": {"modules": {"vision": {"kind": "x", "blocks": {"width": 1024}}}},
    "a list within an object": {"multimodal": {"encoders": [TOWER]}},
    "sizes written as texts": {"extra_config": {"hidden_size": "1024", "num_layers": "24"}},
    "experts, the number last": {"expert_num": 16},
    "experts, counted": {"moe_expert_count": 8},
    "one kind of experts": {"n_expert": 16},
    "experts by layer": {"experts_per_layer": 16},
    "experts' width": {"moe_intermediate_size": 1408},
    "a shared expert": {"shared_expert_intermediate_size": 5632},
    "latent attention": {"q_lora_rank": 1536, "kv_lora_rank": 512},
    "embeddings for each layer": {"hidden_size_per_layer_input": 256, "vocab_size_per_layer_input": 1000},
    "modules that predict tokens": {"num_mtp_modules": 3},
    "codebooks": {"num_codebooks": 8},
    "tokens that are learned": {"num_meta_tokens": 128},
    "virtual tokens": {"num_virtual_tokens": 20},
    "sounds in a vocabulary of their own": {"audio_vocab_size": 4096},
    "a table of n-grams": {"ngram_vocab_size": 1_000_000},
    "a memory": {"memory_layer_size": 65_536},
    "more heads": {"num_aux_heads": 4},
    "heads of any name": {"num_foo_heads": 3},
    "a size of any name": {"projection_size": 1024},
    "a width of any name": {"widget_dim": 96},
    "a tower by its name": {"vision_model_name_or_path": "google/siglip-so400m-patch14-384"},
    "a projector by its kind": {"mm_projector_type": "mlp2x_gelu"},
    "a width for each layer": {"projector_hidden_sizes": [4096, 2048]},
    "speakers": {"num_speakers": 128},
    "memory slots": {"num_memory_slots": 64},
    "positions in a relative table": {"num_relative_buckets": 32},
    "LoRA by its rank": {"speech_lora": {"layer": "self_attn", "r": 320}},
    "a vocoder behind the tokens": {"token2wav_config": {"dit_config": {"hidden_size": 1024, "depth": 22}}},
    "features that a layer makes": {"dense_out_features": 1024},
    "streams beside each other": {"hyper_connection_rate": 4},
    "kinds of the layers that predict": {"mtp_layer_types": ["full_attention"]},
}


@pytest.mark.parametrize("part", OTHER_NAMES)
def test_a_part_of_any_name_is_an_estimate(part: str) -> None:
    name = next(iter(OTHER_NAMES[part]))
    lacking = [row["config"] for row in EXACT if name not in row["config"]]
    built = [build({**config, **OTHER_NAMES[part]}) for config in lacking]
    claimed = [architecture for architecture in built if architecture.basis == "exact"]
    assert len(claimed) <= 4, claimed[0].model_type  # classes that have such a field, or a part that has
    assert all(f"`{name}`" in " ".join(found.notes) for found in built if found.basis != "exact")


HARMLESS: dict[str, dict[str, Any]] = {
    "how to generate": {"do_sample": True, "top_k": 50, "max_new_tokens": 512, "num_beams": 4, "suppress_tokens": [1]},
    "tokens": {"bos_token_id": 1, "eos_token_id": [2, 3], "pad_token_id": 0, "image_token_index": 10},
    "code of its own": {"auto_map": {"AutoConfig": "configuration_x.XConfig"}},
    "training": {
        "pretraining_tp": 2, "router_aux_loss_coef": 0.01, "neftune_noise_alpha": 5, "num_epochs": 3, "seed": 42,
        "train_batch_size": 8, "tensor_parallel_size": 8, "max_steps": 1000, "warmup_steps": 100,
    },
    "labels": {"task_specific_params": {"summarization": {"max_length": 128, "num_beams": 4}}, "finetuning_task": "x"},
    "positions": {
        "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768},
        "max_sequence_length": 2048, "vision_segment_max_frames": 8, "model_max_length": 4096, "max_window_layers": 28,
    },
    "repetition": {"no_repeat_ngram_size": 3, "encoder_no_repeat_ngram_size": 2, "chunk_size_feed_forward": 64},
    "words": {"license": "mit", "tags": ["a"], "custom_pipelines": {"text-generation": {"impl": "p.P"}}, "base": "x/y"},
    "nothing": {"num_widget_experts": 0, "pre_seq_len": None, "num_experts_per_tok": 1, "vision_feature_layer": -2},
}  # fmt: skip


@pytest.mark.parametrize("kind", HARMLESS)
def test_fields_that_name_no_part_leave_every_family_exact(kind: str) -> None:
    for row in EXACT:
        given = {name: value for name, value in HARMLESS[kind].items() if name not in row["config"]}
        try:
            architecture = build({**row["config"], **given})
        except ConfigError as error:
            assert "two names of one field" in error.message  # noqa: PT017 - the class has the field by another name
        else:
            assert architecture.basis == "exact", row["model_type"]


BERT = {
    "model_type": "bert", "vocab_size": 119547, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
    "pooler_fc_size": 768, "pooler_num_attention_heads": 12, "pooler_num_fc_layers": 3, "pooler_size_per_head": 128,
}  # fmt: skip
GPT_NEOX = {
    "model_type": "gpt_neox", "vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 4,
}  # fmt: skip


@pytest.mark.parametrize("config", [BERT, GPT_NEOX], ids=["bert-base-multilingual-cased", "heads, said twice"])
def test_fields_of_released_files_that_repeat_or_are_of_old_leave_them_exact(config: dict[str, Any]) -> None:
    assert build(config).basis == "exact"


def test_the_number_of_shared_experts_repeats_no_other() -> None:
    assert is_said_twice("num_experts", 8, {"num_experts": 8, "n_routed_experts": 8})
    assert not is_said_twice("num_experts", 2, {"num_experts": 2, "n_routed_experts": 8, "n_shared_experts": 2})


def test_a_field_repeats_none_of_those_that_nobody_reads() -> None:
    """Comparing each with each took the square of their number."""
    config = {**GPT_NEOX, "num_widget_heads": 7, "num_gadget_heads": 7}
    assert build(config).basis == "estimate"


@pytest.mark.parametrize("activation", ["prelu", "xielu"])
def test_an_activation_with_parameters_is_counted_or_said_not_to_be(activation: str) -> None:
    tried = 0
    for row in EXACT:
        if "hidden_act" not in row["config"]:
            continue
        plain = build({**row["config"], "hidden_act": "silu"}).num_parameters
        architecture = build({**row["config"], "hidden_act": activation})
        is_counted = architecture.num_parameters > plain
        assert is_counted or (architecture.basis == "estimate" and "`hidden_act`" in " ".join(architecture.notes))
        tried += 1
    assert tried > 150


SHARED_WITH_OWN_CODE: dict[str, dict[str, Any]] = {
    "deepseek_v3": {"scoring_func": "sigmoid", "topk_method": "noaux_tc", "seq_aux": True, "ep_size": 1},
    "minimax_m2": {"use_qk_norm": True, "qk_norm_type": "per_layer", "use_routing_bias": True},
    "ernie4_5_moe": {
        "moe_gate": "topk", "moe_use_aux_free": True, "moe_norm_gate_logits": True, "moe_capacity": [64, 64, 64],
    },
    "llama": {"use_flash_attn": True, "is_causal": True, **HARMLESS["words"], **HARMLESS["labels"]},
}  # fmt: skip
"""Fields of released configs whose own code builds what transformers' class does."""


@pytest.mark.parametrize("model_type", SHARED_WITH_OWN_CODE)
def test_own_code_that_builds_what_the_class_builds_leaves_it_exact(model_type: str) -> None:
    row = next(row for row in EXACT if row["model_type"] == model_type)
    config = {**row["config"], "auto_map": {"AutoModel": "modeling.Model"}, **SHARED_WITH_OWN_CODE[model_type]}
    assert not [note for note in build(config).notes if "not counted" in note]


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


def test_the_sizes_of_an_unknown_type_are_read_under_their_usual_names() -> None:
    config = {"model_type": "hf_olmo", "d_model": 4096, "n_layers": 32, "n_heads": 32, "vocab_size": 50280}
    assert not [note for note in build({**config, "mlp_ratio": 4}).notes if "not counted" in note]
