"""Drafts of the library speculators against the tensors that its versions 0.5 to 0.9 build and save.

`speculators.jsonl.gz` holds configs as `to_diff_dict` writes them, and the state of the model on the meta device
without what `_keys_to_ignore_on_save` leaves out (torch 2.13, transformers 5.24).
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import read_config

ROWS = [
    json.loads(line)
    for line in gzip.decompress((Path(__file__).parent / "speculators.jsonl.gz").read_bytes()).splitlines()
]
MAPS = {"t2d", "d2t"}
LLAMA = {
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 1,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
}
EAGLE3: dict[str, Any] = {
    "speculators_model_type": "eagle3",
    "speculators_version": "0.9.0",
    "speculators_config": {"algorithm": "eagle3", "verifier": {"name_or_path": "org/big-model", "architectures": []}},
    "draft_vocab_size": 32000,
    "torch_dtype": "bfloat16",
    "transformer_layer_config": LLAMA,
}
DFLASH = {**EAGLE3, "speculators_model_type": "dflash", "aux_hidden_state_layer_ids": [1, 2]}


def draft(**changes: Any) -> Any:
    return build(read_config({**EAGLE3, **changes}).config)


@pytest.mark.parametrize("kind", sorted({row["config"]["speculators_model_type"] for row in ROWS}))
def test_a_draft_has_the_tensors_that_the_library_saves(kind: str) -> None:
    rows = [row for row in ROWS if row["config"]["speculators_model_type"] == kind]
    num_exact = 0
    for row in rows:
        architecture = build(read_config(json.dumps(row["config"])).config)
        if architecture.basis == "exact":
            saved = {name: tuple(shape) for name, shape in row["tensors"].items() if name not in MAPS}
            assert {tensor.name: tensor.shape for tensor in architecture.tensors()} == saved, row["config"]
            num_exact += 1
        maps = {name: part.shape for extra in architecture.extras for name, part in extra.part.children.items()}
        assert maps == {name: tuple(shape) for name, shape in row["tensors"].items() if name in MAPS}
    assert num_exact >= len(rows) / 2


def test_the_model_that_it_drafts_for_is_named() -> None:
    found = read_config(EAGLE3)
    assert found.repairs == ("took the draft's config out of a speculators config",)
    assert "'org/big-model'" in " ".join(build(found.config).notes)
    assert build(found.config).basis == "exact"


def test_sizes_that_equal_their_class_are_left_out_of_a_file_and_known() -> None:
    inner = {name: value for name, value in LLAMA.items() if name != "hidden_size"}
    assert draft(transformer_layer_config=inner).num_parameters == draft().num_parameters


def test_a_draft_keeps_the_keys_of_its_own_layer() -> None:
    assert draft().cache(batch_size=1, seq_length=10).kv_cache_bytes == 10 * 2 * 8 * 128 * 2


@pytest.mark.parametrize("version", ["0.1.0.dev14", "0.3.0", None, 7, "0.10.0", "1.0", "x.y", ""])
def test_what_a_version_that_was_not_compared_wrote_is_an_estimate(version: Any) -> None:
    found, sure = draft(speculators_version=version), draft()
    assert found.basis == "estimate"
    assert found.num_parameters == sure.num_parameters
    if not str(version).startswith(("0.10", "1")):
        without = sure.num_parameters - 128256 * 4096
        assert found.uncertainty.around(found.num_parameters)[0] <= without, "its file may lack the embedding"


def test_layers_that_the_library_does_not_build_are_an_estimate() -> None:
    assert draft(transformer_layer_config={**LLAMA, "model_type": "mistral"}).basis == "estimate"


@pytest.mark.parametrize(
    "changes",
    [
        {"transformer_layer_config": {**LLAMA, "model_type": "mamba"}},
        {"transformer_layer_config": {**LLAMA, "model_type": "no-such-type"}},
        {"transformer_layer_config": {**LLAMA, "model_type": 7}},
        {"transformer_layer_config": {**LLAMA, "model_type": "phi3"}},
        {"transformer_layer_config": {**LLAMA, "num_hidden_layers": 0}},
        {"transformer_layer_config": {**LLAMA, "hidden_size": "many"}},
        {"transformer_layer_config": []},
        {"transformer_layer_config": {}},
        {"transformer_layer_config": {"model_type": "llama", "transformer_layer_config": LLAMA, "vocab_size": -1}},
        {"draft_vocab_size": -3},
        {"draft_vocab_size": "32000"},
        {"draft_vocab_size": 10**40},
        {"draft_vocab_size": []},
        {"eagle_aux_hidden_state_layer_ids": "1,2,3"},
        {"eagle_aux_hidden_state_layer_ids": ["a", {}]},
        {"norm_before_fc": True, "fc_norm": True},
        {**DFLASH, "aux_hidden_state_layer_ids": None},
        {**DFLASH, "speculators_model_type": "dspark", "markov_head_type": "other"},
        {**DFLASH, "speculators_model_type": "dspark", "markov_rank": 0},
        {**DFLASH, "speculators_model_type": "dspark", "markov_rank": "9"},
        {**DFLASH, "speculators_model_type": "dflash2", "conv_group_size": 7},
        {**DFLASH, "speculators_model_type": "dflash2", "conv_group_size": "x"},
        {**DFLASH, "speculators_model_type": "xpress", "xpress_rank": -1},
        {"speculators_model_type": ["eagle3"]},
        {"speculators_model_type": "independent", "transformer_layer_config": {}},
    ],
)
def test_a_draft_that_can_not_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        draft(**changes)
    assert caught.value.next_step


@pytest.mark.parametrize("settings", [None, [], {"verifier": None}, {"verifier": {"name_or_path": ["a"]}}, "x"])
def test_a_verifier_that_is_not_named_costs_nothing_else(settings: Any) -> None:
    assert draft(speculators_config=settings).num_parameters == draft().num_parameters


def test_of_a_kind_that_is_not_read_the_other_model_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        read_config({**EAGLE3, "speculators_model_type": "eagle"})
    assert caught.value.next_step == "It drafts for org/big-model: paste the config.json of that model."
    hostile = {**EAGLE3, "speculators_model_type": "eagle"}
    hostile["speculators_config"] = {"verifier": {"name_or_path": "<b>x</b>/y\u202e"}}
    with pytest.raises(ConfigError) as caught:
        read_config(hostile)
    assert caught.value.next_step == "It drafts for another model: paste the config.json of that one."
