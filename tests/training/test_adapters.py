"""Adapters beside what PEFT itself makes, for every class whose default model it was asked about."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from architectures.oracle_rows import by_pair

from budsim_widgets.architectures import build
from budsim_widgets.errors import BudsimError, WorkloadError
from budsim_widgets.training.adapters import adapters_of
from budsim_widgets.training.settings import TrainingSettings
from training.configs import llama_8b

if TYPE_CHECKING:
    from architectures.oracle_rows import Pair

SAVED = Path(__file__).parent / "peft_adapters.jsonl.gz"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in gzip.decompress(SAVED.read_bytes()).splitlines()[1:]]

DIFFERENT = {
    # Layers that share weights get an adapter each; the description holds a shared tensor once, and says "estimate".
    "zamba",
    "zamba2",
    # transformers 5.24 gives these modules other names than 5.23, from which the description comes.
    "inkling2",
    "inkling2_text",
    # Heads that are tied to an embedding, but count as linear layers.
    "blip",
    "luke",
    "neomme",
}
"""Model types of which some answer differs."""
ENCODERS = "ForMaskedLM"
OTHER_TARGETS = {
    # PEFT finds a module that holds no weight of its own, and refuses it.
    ("ctrl", ("2",)),
    ("kyutai_speech_to_text", ("o_proj",)),
    ("unlimited_ocr", ("qkv", "proj")),
    ("qwen3_omni_moe_thinker", "all-linear"),
}
UNTIED_COPIES = {
    # `modules_to_save` copies embeddings that the description holds once under another name.
    "camembert",
    "encoder-decoder",
    "gpt_neox_japanese",
    "marian",
    "prophetnet",
    "seamless_m4t",
    "seamless_m4t_v2",
    "speech-encoder-decoder",
    "speecht5",
    "t5gemma",
    "t5gemma2",
    "vision-encoder-decoder",
    "xlm-roberta",
    "xlnet",
}
NOT_LOADED = {"pp_formulanet"}


def is_comparable(row: dict[str, Any]) -> bool:
    targets = row["targets"] if isinstance(row["targets"], str) else tuple(row["targets"])
    if row["model_type"] in DIFFERENT | NOT_LOADED or row["architecture"].endswith(ENCODERS):
        return False
    if row["modules_to_save"] and row["model_type"] in UNTIED_COPIES:
        return False
    return (row["model_type"], targets) not in OTHER_TARGETS


def rows_by_pair() -> dict[Pair, list[dict[str, Any]]]:
    found: dict[Pair, list[dict[str, Any]]] = {}
    for row in filter(is_comparable, ROWS):
        found.setdefault((row["model_type"], row["architecture"]), []).append(row)
    return found


def settings_of(row: dict[str, Any]) -> TrainingSettings:
    return TrainingSettings(
        lora_targets=row["targets"] if isinstance(row["targets"], str) else tuple(row["targets"]),
        lora_rank=row["rank"],
        modules_to_save=tuple(row["modules_to_save"]),
    )


@pytest.mark.parametrize("pair", rows_by_pair(), ids="-".join)
def test_adapters_are_those_that_peft_makes(pair: Pair) -> None:
    architecture = build({**by_pair("defaults")[pair][0]["config"], "architectures": [pair[1]]})
    for row in rows_by_pair()[pair]:
        if "refused" in row:
            with pytest.raises(WorkloadError):
                adapters_of(architecture, settings_of(row))
        else:
            found = adapters_of(architecture, settings_of(row))
            assert found.num_parameters + found.num_copied_parameters == row["num_trainable"], row


def test_enough_families_are_compared() -> None:
    pairs = rows_by_pair()
    assert len({model_type for model_type, _ in pairs}) >= 150
    assert sum(map(len, pairs.values())) >= 900


def test_targets_that_match_nothing_are_refused_with_the_names_that_exist() -> None:
    with pytest.raises(WorkloadError) as caught:
        adapters_of(llama_8b(), TrainingSettings(lora_targets=("query_proj",)))
    assert caught.value.field == "lora_targets"
    assert "q_proj" in caught.value.next_step


def test_half_of_a_fused_tensor_is_refused() -> None:
    config = by_pair("defaults")["qwen3_moe", "Qwen3MoeForCausalLM"][0]["config"]
    with pytest.raises(WorkloadError, match="up_proj") as caught:
        adapters_of(build(config), TrainingSettings(lora_targets=("gate_proj",)))
    assert caught.value.field == "lora_targets"


def test_modules_to_save_that_do_not_exist_are_refused() -> None:
    with pytest.raises(BudsimError) as caught:
        adapters_of(llama_8b(), TrainingSettings(modules_to_save=("score",)))
    assert getattr(caught.value, "field", None) == "modules_to_save"


def test_a_tied_head_is_copied_beside_the_embedding() -> None:
    tied = adapters_of(
        llama_8b(tie_word_embeddings=True), TrainingSettings(modules_to_save=("embed_tokens", "lm_head"))
    )
    assert tied.num_copied_parameters == 2 * 128256 * 4096
