from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B, MEMBER_TOKEN, MISTRAL_7B_V0_3

from budsim_widgets.errors import GatedModelError, NoConfigError, StoreError
from budsim_widgets.panel.flow.pending import MissingConfig, PendingAction
from budsim_widgets.panel.inputs.refused_field import is_refused
from budsim_widgets.store import ConfigStore
from panel.shown import HOSTILE, assert_harmless, html_of, text_of

if TYPE_CHECKING:
    from budsim_widgets.actions import Actions
    from budsim_widgets.panel import ConfigPrompt

GATED = "meta-llama/Llama-3.1-8B"
PAGE = f"https://huggingface.co/{GATED}"
CONFIG = json.dumps(LLAMA_3_1_8B)


class Asked:
    """A question to the prompt, and what became of it."""

    def __init__(self, prompt: ConfigPrompt, model: str = GATED, *, can_skip: bool = False) -> None:
        self.heard: list[str] = []
        error = GatedModelError(f"{model} is gated.", next_step="Paste its config.json.", model_id=model, url=PAGE)
        pending = PendingAction("calculate", {"model": model})
        prompt.ask_for(
            MissingConfig(
                model,
                error,
                pending,
                resume=lambda: self.heard.append("resumed"),
                skip=(lambda: self.heard.append("skipped")) if can_skip else None,
                cancel=lambda: self.heard.append("cancelled"),
            )
        )


async def submit(prompt: ConfigPrompt, text: str) -> None:
    prompt.text_input.value = text
    prompt.submit_button.click()
    await prompt.idle()


def uploaded(content: bytes | None) -> tuple[dict[str, object], ...]:
    return ({"name": "config.json", "content": content},)


def test_it_is_closed_until_it_is_needed(prompt: ConfigPrompt) -> None:
    assert not prompt.visible
    assert prompt.pending is None
    assert text_of(prompt) == ""


def test_it_says_what_is_wrong_the_next_step_and_where_the_model_is(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    assert prompt.visible
    assert prompt.message == f"{GATED} is gated. Paste its config.json."
    assert f"Paste config.json of {GATED} to go on" in text_of(prompt)
    assert f'href="{PAGE}"' in html_of(prompt)


async def test_an_accepted_paste_is_kept_and_what_waited_goes_on(prompt: ConfigPrompt, actions: Actions) -> None:
    asked = Asked(prompt)
    await submit(prompt, CONFIG)
    assert asked.heard == ["resumed"]
    assert actions.check_config(GATED).has_config
    assert (prompt.visible, prompt.pending) == (False, None)
    assert prompt.message.startswith(f"The config of {GATED} is saved.")


async def test_an_accepted_text_leaves_nothing_in_the_widgets(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    await submit(prompt, CONFIG)
    assert prompt.text_input.value == ""
    assert prompt.upload_input.value == ()
    assert "rope_theta" not in str(prompt.text_input.get_state()) + str(prompt.upload_input.get_state())


async def test_a_refused_paste_keeps_the_text_and_what_waits(prompt: ConfigPrompt, actions: Actions) -> None:
    asked = Asked(prompt)
    await submit(prompt, '{"model_type": "llama",\n "hidden_size"')
    assert prompt.text_input.value == '{"model_type": "llama",\n "hidden_size"'
    assert prompt.visible
    assert prompt.pending == PendingAction("calculate", {"model": GATED})
    assert asked.heard == []
    assert not actions.check_config(GATED).has_config


async def test_a_refusal_goes_as_soon_as_its_text_is_changed(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    await submit(prompt, '{"hidden_size": 64')
    assert "budsim-alert" in html_of(prompt)
    assert prompt.text_input.tells_edits
    prompt.text_input._handle_custom_msg({"is_edited": True}, [])  # the first key
    assert not prompt.text_input.tells_edits
    assert "budsim-alert" not in html_of(prompt)
    assert not is_refused(prompt.text_input)
    await submit(prompt, "[]")
    assert "budsim-alert" in html_of(prompt)
    prompt.text_input.value = CONFIG
    assert "budsim-alert" not in html_of(prompt)
    assert prompt.message == ""
    assert prompt.visible


async def test_what_the_hub_answered_stays_while_the_text_changes(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    prompt.retry_button.click()
    asked = text_of(prompt)
    prompt.text_input.value = CONFIG
    assert text_of(prompt) == asked


async def test_a_refusal_says_where_and_what_to_fix_at_once(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    await submit(prompt, '{"model_type": "llama",\n "hidden_size"')
    assert "line 2" in prompt.message
    assert "Copy the whole file" in prompt.message
    assert html_of(prompt).count("budsim-alert") == 1
    assert is_refused(prompt.text_input)
    prompt.text_input.value = "{}"
    assert not is_refused(prompt.text_input)


async def test_missing_fields_are_named(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    incomplete = {key: value for key, value in LLAMA_3_1_8B.items() if key != "vocab_size"}
    await submit(prompt, json.dumps(incomplete))
    assert "vocab_size" in text_of(prompt)
    assert prompt.pending is not None


async def test_a_fixed_paste_goes_on(prompt: ConfigPrompt) -> None:
    asked = Asked(prompt)
    await submit(prompt, CONFIG[:-1])
    await submit(prompt, CONFIG)
    assert asked.heard == ["resumed"]
    assert "budsim-alert" not in html_of(prompt)


@pytest.mark.parametrize("text", ["", " \n"])
async def test_an_empty_box_is_refused(prompt: ConfigPrompt, text: str) -> None:
    Asked(prompt)
    await submit(prompt, text)
    assert "never arrived" in prompt.message
    assert prompt.pending is not None


async def test_a_text_beyond_the_limit_is_refused_with_both_sizes(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    await submit(prompt, json.dumps({"padding": "x" * 5_000_000}))
    assert "4,883 KiB" in prompt.message
    assert "256 KiB" in prompt.message


@pytest.mark.parametrize("text", [MEMBER_TOKEN, json.dumps({**LLAMA_3_1_8B, "note": f"token={MEMBER_TOKEN}"})])
async def test_a_token_is_refused_never_echoed_and_taken_out_of_the_box(prompt: ConfigPrompt, text: str) -> None:
    asked = Asked(prompt)
    await submit(prompt, text)
    assert asked.heard == []
    assert "emptied" in prompt.message
    state = str([prompt.text_input.get_state(), prompt.upload_input.get_state(), html_of(prompt), prompt.message])
    assert MEMBER_TOKEN not in state


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_pastes_and_ids_are_harmless(prompt: ConfigPrompt, text: str) -> None:
    Asked(prompt, model=text)
    await submit(prompt, json.dumps({**LLAMA_3_1_8B, "model_type": text, text: text}))
    assert_harmless(html_of(prompt))
    await submit(prompt, text)
    assert_harmless(html_of(prompt))


async def test_a_repair_is_named(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    await submit(prompt, f"```json\n{CONFIG}\n```")
    assert "took the config out of the Markdown code block" in prompt.message
    assert "took the config out of the Markdown code block" in text_of(prompt)


async def test_the_config_of_another_model_is_pointed_out(prompt: ConfigPrompt) -> None:
    asked = Asked(prompt)
    await submit(prompt, json.dumps(MISTRAL_7B_V0_3))
    assert "was its config pasted?" in text_of(prompt)
    assert asked.heard == ["resumed"]


async def test_cancel_forgets_what_waited_and_the_text(prompt: ConfigPrompt) -> None:
    asked = Asked(prompt)
    prompt.text_input.value = CONFIG
    prompt.cancel_button.click()
    assert (prompt.visible, prompt.pending, prompt.text_input.value, prompt.message) == (False, None, "", "")
    assert asked.heard == ["cancelled"]
    assert text_of(prompt) == ""


async def test_cancel_while_saving_means_that_nothing_goes_on(prompt: ConfigPrompt) -> None:
    asked = Asked(prompt)
    prompt.text_input.value = CONFIG
    prompt.submit_button.click()
    prompt.cancel_button.click()
    await prompt.idle()
    assert asked.heard == ["cancelled"]


async def test_a_model_can_be_skipped_only_where_others_are_left(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    assert prompt.skip_button.layout.display == "none"
    asked = Asked(prompt, can_skip=True)
    assert prompt.skip_button.layout.display != "none"
    prompt.skip_button.click()
    assert asked.heard == ["skipped"]
    assert not prompt.visible


async def test_submit_is_disabled_while_saving(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    prompt.text_input.value = CONFIG
    prompt.submit_button.click()
    assert prompt.is_saving
    assert prompt.submit_button.disabled
    assert "saving" in text_of(prompt)
    await prompt.idle()
    assert not prompt.submit_button.disabled


async def test_a_second_question_about_the_same_model_keeps_the_text_another_one_does_not(prompt: ConfigPrompt) -> None:
    Asked(prompt)
    prompt.text_input.value = "half a config"
    Asked(prompt)
    assert prompt.text_input.value == "half a config"
    Asked(prompt, model="google/gemma-3-4b-it")
    assert prompt.text_input.value == ""


async def test_an_uploaded_file_is_put_into_the_box_and_submitted(prompt: ConfigPrompt) -> None:
    asked = Asked(prompt)
    prompt.upload_input.value = uploaded(CONFIG.encode("utf-16"))
    assert prompt.upload_input.value == ()
    assert prompt.text_input.value == CONFIG
    prompt.submit_button.click()
    await prompt.idle()
    assert asked.heard == ["resumed"]


async def test_an_uploaded_config_of_megabytes_that_lists_single_experts_is_taken(prompt: ConfigPrompt) -> None:
    asked = Asked(prompt)
    names = (f"model.layers.{layer}.mlp.experts.{expert}.up_proj" for layer in range(60) for expert in range(600))
    listed = {name: {"quant_algo": "NVFP4", "group_size": 16} for name in names}
    quantization = {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "quantized_layers": listed}
    content = json.dumps({**json.loads(CONFIG), "quantization_config": quantization}).encode()
    assert 2_500_000 < len(content) < prompt.upload_input.max_bytes
    prompt.upload_input.value = uploaded(content)
    prompt.submit_button.click()
    await prompt.idle()
    assert asked.heard == ["resumed"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x" * 600_000, "256 KiB"),
        (b"x" * (6 * 1024**2 + 1), "more than 6,144 KiB"),
        (b"GGUF\x03\x00\x00", "GGUF"),
        (b"\xff\xfa\x00\x00", "UTF-8"),
        (b"", "config.json' is empty"),
        (None, "The browser can't read 'config.json': it is a folder,"),
    ],
)
async def test_an_unusable_file_is_refused_and_taken_away(prompt: ConfigPrompt, content: bytes, words: str) -> None:
    Asked(prompt)
    prompt.text_input.value = "mine"
    prompt.upload_input.value = uploaded(content)
    assert words in prompt.message
    assert (prompt.upload_input.value, prompt.text_input.value) == ((), "mine")


async def test_an_unexpected_error_is_shown_and_keeps_what_waits(
    prompt: ConfigPrompt, actions: Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    Asked(prompt)
    broken = ZeroDivisionError("<b>division by zero")

    def submit_config(*_: object) -> None:
        raise broken

    monkeypatch.setattr(actions, "submit_config", submit_config)
    await submit(prompt, CONFIG)
    assert "ZeroDivisionError: <b>division by zero" in text_of(prompt)
    assert "Traceback" not in text_of(prompt)
    assert prompt.error is broken
    assert (prompt.visible, prompt.text_input.value) == (True, CONFIG)


async def test_a_store_that_cannot_be_written_is_told(prompt: ConfigPrompt, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.", path="configs.json", next_step="Make room.")

    Asked(prompt)
    monkeypatch.setattr(ConfigStore, "put", put)
    await submit(prompt, CONFIG)
    assert prompt.message == "The disk is full. Make room."
    assert prompt.text_input.value == CONFIG


def test_outside_an_event_loop_a_paste_is_saved_on_the_spot(prompt: ConfigPrompt) -> None:
    asked = Asked(prompt)
    prompt.text_input.value = CONFIG
    prompt.submit_button.click()
    assert asked.heard == ["resumed"]


def test_nothing_happens_where_nothing_is_asked(prompt: ConfigPrompt) -> None:
    prompt.submit_button.click()
    prompt.skip_button.click()
    prompt.cancel_button.click()
    assert (prompt.visible, prompt.error) == (False, None)


def asked_for_gguf(prompt: ConfigPrompt, model: str, base_model: str | None) -> list[str]:
    heard: list[str] = []
    error = NoConfigError(f"{model} has no config.json.", model_id=model, base_model=base_model)
    action = PendingAction("calculate", {"model": model})
    prompt.ask_for(MissingConfig(model, error, action, resume=lambda: heard.append("resumed")))
    return heard


async def test_a_click_takes_the_config_of_the_base_model_and_what_waited_goes_on(
    prompt: ConfigPrompt, actions: Actions
) -> None:
    heard = asked_for_gguf(prompt, "example/many-gguf", "Qwen/Qwen2.5-7B")
    assert prompt.base_button.description == "Use the config of Qwen/Qwen2.5-7B"
    prompt.base_button.click()
    await prompt.idle()
    assert heard == ["resumed"]
    assert actions.check_config("example/many-gguf").has_config
    assert not prompt.visible


async def test_a_gated_base_model_leaves_the_box_open_for_its_config(prompt: ConfigPrompt) -> None:
    heard = asked_for_gguf(prompt, "example/gguf-of-gated", GATED)
    prompt.base_button.click()
    await prompt.idle()
    assert prompt.visible
    assert "gated" in prompt.message
    await submit(prompt, CONFIG)
    assert heard == ["resumed"]


def test_no_button_offers_a_model_that_nobody_named(prompt: ConfigPrompt) -> None:
    asked_for_gguf(prompt, "example/many-gguf", None)
    assert prompt.base_button.layout.display == "none"
