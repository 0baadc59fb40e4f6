"""Fields of ours under the keys and the clipboard of a real browser: numbers, and texts of megabytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B
from playwright.sync_api import expect

from budsim_widgets.panel.frontend import NumberField, UnsavedTextarea
from ui.bare_page import WidgetOnPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def bare(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


TYPED = (
    ("8", "8", ""),
    ("0", "1", "0 is less than 1: 1 is taken."),
    ("-1", "1", "-1 is less than 1: 1 is taken."),
    ("1.5", "2", "1.5 is not whole: 2 is taken."),
    ("1e9", "65536", "1e9 is more than 65,536, the most there is: 65,536 is taken."),
    ("8k", "8192", "8k is read as 8,192."),
    ("", "4", "Nothing stood here: it is 4 again."),
    ("-", "4", "That is no whole number: it is 4 again."),
    ("many", "4", "Nothing stood here: it is 4 again."),
)
PASTED = (("8192", "8192"), ("8,192", "8192"), ("8k", "8192"), ("8 192 ", "8192"), ("8192 tokens", "4"))


def test_a_number_that_is_typed_is_taken_or_corrected_in_sight(bare: Page) -> None:
    field = NumberField(4, max=65_536, description="Batch size")
    on_page = WidgetOnPage(bare, field)
    for text, shown, said in TYPED:
        field.value = 4
        on_page.pass_on()
        on_page.type(text)
        expect(bare.get_by_label("Batch size")).to_have_value(shown)
        assert field.value == int(shown)
        assert bare.locator(".budsim-corrected").inner_text() == said
        if said:
            expect(on_page.field).to_have_accessible_description(said)


def test_a_number_that_is_pasted_is_the_one_that_is_meant(bare: Page) -> None:
    field = NumberField(4, max=65_536, description="Batch size")
    on_page = WidgetOnPage(bare, field)
    for text, shown in PASTED:
        field.value = 4
        on_page.pass_on()
        on_page.paste(text)
        on_page.field.press("Enter")
        on_page.pass_on()
        expect(on_page.field).to_have_value(shown)


def test_what_is_being_typed_is_not_overwritten_by_another_change(bare: Page) -> None:
    field = NumberField(4, max=64, description="Batch size")
    on_page = WidgetOnPage(bare, field)
    on_page.field.press("Control+A")
    on_page.field.press_sequentially("12")
    field.value = 7
    on_page.pass_on()
    expect(on_page.field).to_have_value("12")
    on_page.field.press("Enter")
    on_page.pass_on()
    assert field.value == 12


def test_a_pasted_config_of_a_thousand_lines_is_there_and_can_be_edited(bare: Page) -> None:
    text = json.dumps({**LLAMA_3_1_8B, "lines": list(range(1_000))}, indent=2)
    field = UnsavedTextarea(description="Config")
    on_page = WidgetOnPage(bare, field)
    on_page.paste(text)
    expect(on_page.field).to_have_value(text)
    on_page.field.press("End")
    on_page.field.press_sequentially(" ")
    on_page.field.blur()
    on_page.pass_on()
    assert field.value == text + " "


def test_of_a_text_of_megabytes_the_page_has_the_beginning_and_the_kernel_all(bare: Page) -> None:
    text = "\n".join(f'"model.layers.{number}": "NVFP4",' for number in range(100_000))
    assert len(text) > 3_000_000
    field = UnsavedTextarea(description="Config")
    on_page = WidgetOnPage(bare, field)
    on_page.paste(text)
    assert field.value == text
    said = f"The first 2,000 of {len(text):,} characters are shown"
    expect(bare.get_by_text(said)).to_be_visible()
    expect(on_page.field).to_have_value(text[:2_000] + "…")
    on_page.field.blur()
    on_page.pass_on()
    assert field.value == text
    on_page.paste("{}")
    assert field.value == "{}"
    expect(on_page.field).to_be_editable()
    on_page.paste(text)
    bare.get_by_role("button", name="Empty the box").click()
    on_page.pass_on()
    assert field.value == ""
    expect(bare.get_by_text(said)).to_be_hidden()
