"""Pasted configs against what the Hub publishes: what agrees, what differs and why, what can't be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import (
    GATED_CONFIGS,
    GEMMA_3_4B_IT,
    GPT2,
    LLAMA_3_1_8B,
    LLAMA_3_1_70B,
    MISTRAL_7B_V0_3,
    PARAMETERS,
)
from hub.scenario import Repo, Status, model

from budsim_widgets.actions import Actions
from budsim_widgets.architectures import build
from budsim_widgets.hub import HubClient, HubInfo
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore
from budsim_widgets.verification.checkpoint import expected_counts, published_count
from budsim_widgets.verification.verify import Verification, verify

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

LLAMA, LLAMA_70B = "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B"
AWQ = {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True}

DEEPSEEK_V3: dict[str, Any] = {
    "architectures": ["DeepseekV3ForCausalLM"],
    "first_k_dense_replace": 3,
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "kv_lora_rank": 512,
    "model_type": "deepseek_v3",
    "moe_intermediate_size": 2048,
    "n_group": 8,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "num_attention_heads": 128,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 61,
    "num_key_value_heads": 128,
    "num_nextn_predict_layers": 1,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "quantization_config": {"fmt": "e4m3", "quant_method": "fp8", "weight_block_size": [128, 128]},
    "tie_word_embeddings": False,
    "v_head_dim": 128,
    "vocab_size": 129280,
}
DEEPSEEK_V3_PUBLISHED = {"BF16": 3_918_786_560, "F8_E4M3": 680_571_043_840, "F32": 41_555_600}

GPT_OSS_20B: dict[str, Any] = {
    "architectures": ["GptOssForCausalLM"],
    "attention_bias": True,
    "experts_per_token": 4,
    "head_dim": 64,
    "hidden_size": 2880,
    "intermediate_size": 2880,
    "model_type": "gpt_oss",
    "num_attention_heads": 64,
    "num_experts_per_tok": 4,
    "num_hidden_layers": 24,
    "num_key_value_heads": 8,
    "num_local_experts": 32,
    "quantization_config": {
        "modules_to_not_convert": [
            "model.layers.*.self_attn",
            "model.layers.*.mlp.router",
            "model.embed_tokens",
            "lm_head",
        ],
        "quant_method": "mxfp4",
    },
    "sliding_window": 128,
    "tie_word_embeddings": False,
    "vocab_size": 201088,
}


def verified(config: dict[str, Any], by_dtype: dict[str, int], **info: Any) -> Verification:
    published = HubInfo("org/model", num_parameters=sum(by_dtype.values()), parameters_by_dtype=by_dtype, **info)
    return verify("org/model", build(config), published, dict)


def outcome(config: dict[str, Any], by_dtype: dict[str, int], **info: Any) -> tuple[str, str]:
    verification = verified(config, by_dtype, **info)
    return verification.outcome, verification.message


@pytest.mark.parametrize("model_id", GATED_CONFIGS)
def test_as_many_parameters_agree(model_id: str) -> None:
    assert verified(GATED_CONFIGS[model_id], {"BF16": PARAMETERS[model_id]}).outcome == "verified"


def test_only_a_total_is_compared_as_well() -> None:
    info = HubInfo("org/model", num_parameters=8_030_261_248)
    assert verify("org/model", build(LLAMA_3_1_8B), info, dict).outcome == "verified"


def test_small_buffers_are_no_difference_another_vocabulary_is() -> None:
    """Llama 2's files hold 2,048 rotary frequencies; 256 words of Llama 3 are 2,097,152 parameters."""
    assert verified(LLAMA_3_1_8B, {"BF16": 8_030_261_248, "F32": 2048}).outcome == "verified"
    kind, why = outcome({**LLAMA_3_1_8B, "vocab_size": 128000}, {"BF16": 8_030_261_248})
    assert kind == "differs"
    assert "128,256 in place of 128,000" in why
    assert "8,028,164,096 parameters" in why


def test_the_config_of_another_model_is_named() -> None:
    kind, why = outcome(LLAMA_3_1_8B, {"BF16": 70_553_706_496})
    assert kind == "differs"
    assert "8.03B" in why
    assert "70.55B" in why
    assert f"as many as {LLAMA} has" in why


def test_the_config_of_another_kept_model_is_named() -> None:
    info = HubInfo("org/model", parameters_by_dtype={"BF16": 10_000_000_000})
    config = {**LLAMA_3_1_8B, "num_hidden_layers": 20}
    told = verify("org/model", build(config), info, lambda: {"mine/own": build(config).num_parameters})
    assert "as many as mine/own has" in told.message


@pytest.mark.parametrize(
    ("changed", "by_dtype", "info", "why"),
    [
        ({"num_hidden_layers": 60}, {"BF16": 70_553_706_496}, {}, "80 layers in place of 60"),
        ({}, {"BF16": 12}, {"model_type": "gemma"}, "has: was its config pasted?"),
        ({"num_hidden_layers": 3}, {"BF16": 12}, {"model_type": "gemma"}, "a 'gemma' model, the config is one for 'l"),
        (
            {"num_hidden_layers": 3},
            {"BF16": 7_000_000_000},
            {"siblings": ("preprocessor_config.json",)},
            "parts for images or sound",
        ),
        ({"num_hidden_layers": 3}, {"BF16": 12}, {}, "Is it the config of another model?"),
    ],
)
def test_the_likeliest_reason_is_guessed(
    changed: dict[str, Any], by_dtype: dict[str, int], info: dict[str, Any], why: str
) -> None:
    assert why in verified({**LLAMA_3_1_70B, **changed}, by_dtype, **info).message


def test_a_head_of_its_own_and_the_lack_of_one_are_named() -> None:
    head = 128256 * 4096
    kind, why = outcome({**LLAMA_3_1_8B, "tie_word_embeddings": True}, {"BF16": 8_030_261_248})
    assert (kind, "should be false" in why) == ("differs", True)
    odd = {**LLAMA_3_1_8B, "num_hidden_layers": 31}
    kind, why = outcome(odd, {"BF16": build(odd).num_parameters - head})
    assert (kind, "should `tie_word_embeddings` be true?" in why) == ("differs", True)


def test_layers_for_multi_token_prediction_are_counted() -> None:
    """DeepSeek-V3's files hold 684,531,386,000 numbers: 61 layers, one more, its tables, and the scales of fp8."""
    kind, how = outcome(DEEPSEEK_V3, DEEPSEEK_V3_PUBLISHED)
    assert kind == "verified"
    assert "a layer for multi-token prediction (11.61B), copies of embedding and head for it (1.85B)" in how
    assert verified({**DEEPSEEK_V3, "num_hidden_layers": 60}, DEEPSEEK_V3_PUBLISHED).outcome == "differs"


def test_the_files_of_deepseek_v3_hold_what_it_builds_and_all_extras() -> None:
    architecture = build(DEEPSEEK_V3)
    (count,) = expected_counts(architecture.with_extras(architecture.extras))
    assert count == published_count(DEEPSEEK_V3_PUBLISHED)


def test_layers_for_multi_token_prediction_of_which_the_config_says_nothing_are_guessed() -> None:
    kind, why = outcome({**DEEPSEEK_V3, "num_nextn_predict_layers": 0}, DEEPSEEK_V3_PUBLISHED)
    assert kind == "differs"
    assert "describes 671.03B parameters, the Hub publishes 684.53B" in why
    assert "a layer for multi-token prediction (13.46B) in the files" in why
    config = {**LLAMA_3_1_8B, "num_hidden_layers": 30}
    layer, size = 218_112_000, 4096
    published = build(config).num_parameters + 2 * (layer + 2 * size**2 + 3 * size)
    kind, why = outcome(config, {"BF16": published})
    assert (kind, "2 layers for multi-token prediction" in why) == ("differs", True)
    assert verified({**config, "num_nextn_predict_layers": 2}, {"BF16": published}).outcome == "verified"


def test_masks_in_the_files_are_counted() -> None:
    assert verified(GPT2, {"F32": 137_022_720}).message.endswith("a causal mask for each layer (12.58M).")


def test_mxfp4_is_compared_part_by_part() -> None:
    published = {"BF16": 1_804_459_584, "U8": 19_707_494_400}
    assert expected_counts(build(GPT_OSS_20B))[1] == published_count(published)
    assert verified(GPT_OSS_20B, published).outcome == "verified"
    assert verified({**GPT_OSS_20B, "num_hidden_layers": 23}, published).outcome == "differs"


@pytest.mark.parametrize(
    "quantization",
    [
        AWQ,
        {"quant_method": "gptq", "bits": 4, "group_size": 128},
        {"quant_method": "bitsandbytes", "load_in_4bit": True},
        {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_use_double_quant": True},
        {"quant_method": "bitsandbytes", "load_in_8bit": True},
        {"quant_method": "fp8", "weight_block_size": [128, 128]},
        {"quant_method": "fbgemm_fp8"},
    ],
    ids=lambda value: "-".join(map(str, value.values())),
)
def test_quantized_files_agree_packed_or_unpacked_and_those_of_another_size_differ(
    quantization: dict[str, Any],
) -> None:
    config = {**LLAMA_3_1_8B, "quantization_config": quantization}
    for count in expected_counts(build(config)):
        published = {"F16": count.plain, "I32": count.packed}
        assert verified(config, published).outcome == "verified"
        assert verified({**config, "num_hidden_layers": 30}, published).outcome == "differs"
        kind, why = outcome(LLAMA_3_1_8B, published)
        assert kind == "differs"
        assert "quantized" in why


def test_a_quantized_config_of_files_that_are_not_differs() -> None:
    kind, why = outcome({**LLAMA_3_1_8B, "quantization_config": AWQ}, {"BF16": 8_030_261_248})
    assert kind == "differs"
    assert "the published files aren't" in why


def test_packed_weights_of_awq_by_hand() -> None:
    """70B: 80 layers of 855,638,016 numbers in words of eight, groups of 128 with a scale and a zero."""
    numbers, groups = 80 * 855_638_016, 80 * 855_638_016 // 128
    rest = 2 * 128256 * 8192 + 161 * 8192
    (packed, unpacked) = expected_counts(build({**LLAMA_3_1_70B, "quantization_config": AWQ}))
    assert packed == (rest + groups, numbers // 8 + groups // 8)
    assert unpacked == (rest + groups, numbers + groups // 8)


@pytest.mark.parametrize(
    ("config", "by_dtype", "why"),
    [
        (LLAMA_3_1_8B, {}, "publishes no number"),
        ({**LLAMA_3_1_8B, "quantization_config": {"quant_method": "new"}}, {"I32": 7}, "can't be compared"),
        ({**LLAMA_3_1_8B, "model_type": "new", "architectures": ["New"]}, {"BF16": 7_900_000_000}, "exactly"),
    ],
)
def test_what_cannot_be_compared_says_why(config: dict[str, Any], by_dtype: dict[str, int], why: str) -> None:
    kind, message = outcome(config, by_dtype)
    assert kind == "incomparable"
    assert why in message


def test_an_estimate_that_is_far_off_is_another_model() -> None:
    config = {**LLAMA_3_1_8B, "model_type": "new", "architectures": ["New"]}
    assert verified(config, {"BF16": 70_000_000_000}).outcome == "differs"


# with a store, and a Hub that answers or doesn't


@pytest.fixture
def actions(tmp_path: Path, loopback_hub: LoopbackHub) -> Actions:
    return Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))


def test_what_was_pasted_while_the_hub_was_down_is_compared_later(actions: Actions, loopback_hub: LoopbackHub) -> None:
    loopback_hub.fault = Status()
    response = actions.submit_config(LLAMA, LLAMA_3_1_8B)
    assert response.details["verification"] == "unreachable"
    (told,) = actions.saved.verify()
    assert told.outcome == "unreachable"
    assert not actions.check_config(LLAMA).is_verified
    loopback_hub.fault = None
    (told,) = actions.saved.verify()
    assert (told.model_id, told.outcome) == (LLAMA, "verified")
    assert actions.check_config(LLAMA).is_verified
    assert actions.saved.verify() == ()


def test_a_result_of_a_config_that_differs_says_so(actions: Actions) -> None:
    actions.submit_config(LLAMA_70B, LLAMA_3_1_8B)
    assert "another number of parameters than the Hub publishes for this model (70.55B)" in str(
        actions.calculate(LLAMA_70B).notes
    )
    actions.submit_config(LLAMA_70B, LLAMA_3_1_70B)
    assert "another number" not in str(actions.calculate(LLAMA_70B).notes)


def test_the_next_submission_compares_those_that_wait(actions: Actions, loopback_hub: LoopbackHub) -> None:
    loopback_hub.fault = Status()
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    loopback_hub.fault = None
    actions.submit_config("mistralai/Mistral-7B-v0.3", MISTRAL_7B_V0_3)
    actions.saved.backlog.wait()
    assert actions.check_config(LLAMA).is_verified


def test_a_calculation_compares_nothing(actions: Actions, loopback_hub: LoopbackHub) -> None:
    actions.resolver.store.put(LLAMA, LLAMA_3_1_8B)
    actions.calculate(LLAMA)
    actions.check_config(LLAMA)
    assert loopback_hub.requests == ()


def test_a_silent_hub_is_asked_once_not_once_a_config(actions: Actions, loopback_hub: LoopbackHub) -> None:
    for number in range(5):
        actions.resolver.store.put(f"example/model-{number}", LLAMA_3_1_8B)
    loopback_hub.fault = Status()
    told = actions.saved.verify()
    assert [one.outcome for one in told] == ["unreachable"]


def test_no_time_means_no_question(actions: Actions, loopback_hub: LoopbackHub) -> None:
    actions.resolver.store.put(LLAMA, LLAMA_3_1_8B)
    assert actions.saved.verify(timeout_seconds=-1) == ()
    assert loopback_hub.requests == ()


def test_a_model_about_which_the_hub_says_nothing_is_asked_about_once(
    actions: Actions, loopback_hub: LoopbackHub
) -> None:
    for model_id in ("example/only-a-readme", "no/such-model", "not a model's id <b>"):
        actions.resolver.store.put(model_id, LLAMA_3_1_8B)
    assert {one.outcome for one in actions.saved.verify()} == {"incomparable"}
    loopback_hub.reset()
    assert actions.saved.verify() == ()
    assert loopback_hub.requests == ()


def test_named_configs_are_compared_again(actions: Actions, loopback_hub: LoopbackHub) -> None:
    actions.submit_config(LLAMA_70B, LLAMA_3_1_8B)
    (told,) = actions.saved.verify([LLAMA_70B])
    assert told.outcome == "differs"
    loopback_hub.put(_repo(LLAMA_70B, LLAMA_3_1_8B, 8_030_261_248))
    (told,) = actions.saved.verify([LLAMA_70B])
    assert told.outcome == "verified"
    assert str(told).startswith(LLAMA_70B)


def test_a_kept_config_that_cannot_be_built_is_no_obstacle(actions: Actions) -> None:
    actions.resolver.store.put("a/broken", {"model_type": "llama"})
    actions.resolver.store.put(LLAMA, LLAMA_3_1_8B)
    assert [one.outcome for one in actions.saved.verify()] == ["incomparable", "verified"]


def test_a_quantized_checkpoint_is_verified_on_submission(actions: Actions, loopback_hub: LoopbackHub) -> None:
    config = {**LLAMA_3_1_70B, "quantization_config": AWQ}
    packed = expected_counts(build(config))[0]
    loopback_hub.put(_repo("org/awq", config, packed.plain, packed.packed))
    actions.submit_config("org/awq", config)
    stored = actions.resolver.store.get("org/awq")
    assert stored is not None
    assert (stored.is_verified, stored.published_parameters) == (True, packed.total)


SUBMITTED = {
    "as published": (DEEPSEEK_V3, "verified", ""),
    "without its extra layer": ({**DEEPSEEK_V3, "num_nextn_predict_layers": 0}, "differs", "multi-token prediction"),
    "unquantized": ({**DEEPSEEK_V3, "quantization_config": None}, "differs", "The files are quantized"),
    "another model's": (LLAMA_3_1_8B, "differs", f"as many as {LLAMA} has"),
}


@pytest.mark.parametrize(("config", "expected", "why"), SUBMITTED.values(), ids=SUBMITTED)
def test_what_is_submitted_is_compared_with_the_files_of_a_gated_model(
    actions: Actions, loopback_hub: LoopbackHub, config: dict[str, Any], expected: str, why: str
) -> None:
    counts = tuple(DEEPSEEK_V3_PUBLISHED.items())
    loopback_hub.put(model("org/deepseek", DEEPSEEK_V3, gated="manual", parameters=counts))
    response = actions.submit_config("org/deepseek", config)
    assert response.details["verification"] == expected
    assert why in "".join(response.details.get("warnings", [""]))
    (saved,) = actions.saved.list()
    assert (saved.is_verified, saved.published_parameters) == (expected == "verified", 684_531_386_000)
    assert actions.check_config("org/deepseek").is_verified == saved.is_verified


def test_a_new_process_compares_what_an_earlier_one_could_not(
    actions: Actions, loopback_hub: LoopbackHub, tmp_path: Path
) -> None:
    loopback_hub.fault = Status()
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    loopback_hub.fault = None
    later = Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))
    later.submit_config("mistralai/Mistral-7B-v0.3", MISTRAL_7B_V0_3)
    later.saved.backlog.wait()
    assert actions.check_config(LLAMA).is_verified


def test_the_text_part_of_a_multimodal_config_is_told_apart(actions: Actions) -> None:
    text = {**GEMMA_3_4B_IT["text_config"], "num_attention_heads": 8, "head_dim": 256, "vocab_size": 262208}
    response = actions.submit_config("google/gemma-3-4b-it", {**text, "num_key_value_heads": 4})
    assert "a 'gemma3' model, the config is one for 'gemma3_text'" in response.details["warnings"][0]


def _repo(model_id: str, config: dict[str, Any], plain: int, packed: int = 0) -> Repo:
    counts = (("F16", plain), *((("I32", packed),) if packed else ()))
    return model(model_id, config, gated="manual", parameters=counts)
