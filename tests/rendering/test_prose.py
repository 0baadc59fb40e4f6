from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panel.shown import HOSTILE, Elements, assert_harmless

from budsim_widgets.errors import BudsimError, GatedModelError
from budsim_widgets.rendering.prose import as_shown, bullets, error_html, linked_prose, prose


def test_commands_are_set_apart_and_addresses_of_a_next_step_are_links() -> None:
    made = linked_prose("Ask at https://example.org/a?b=c. Then run `hf auth login`.")
    assert '<a href="https://example.org/a?b=c"' in made
    assert "</a>. Then run <code>hf auth login</code>." in made


def test_an_address_that_a_person_typed_is_no_link() -> None:
    assert "href" not in prose("“https://evil.example/x” is no model.")


@given(st.text())
def test_no_sentence_becomes_markup(text: str) -> None:
    assert Elements(linked_prose(text)).names <= {"a", "code"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_errors_are_harmless(text: str) -> None:
    assert_harmless(error_html(GatedModelError(text, next_step=text, model_id=text, url=text)))
    assert_harmless(error_html(as_shown(ValueError(text))))
    assert_harmless(bullets([text]))


def test_the_page_of_an_error_is_linked_once() -> None:
    page = "https://huggingface.co/org/model"
    assert error_html(GatedModelError("Gated.", next_step=f"Look at {page}.", url=page)).count("<a ") == 1
    assert "Open the model&#x27;s page" in error_html(GatedModelError("Gated.", next_step="Paste it.", url=page))


def test_an_unexpected_error_names_its_class_and_asks_to_report_it() -> None:
    shown = as_shown(ZeroDivisionError("division by zero"))
    assert "ZeroDivisionError: division by zero" in shown.message
    assert "report" in shown.next_step
    known = BudsimError("Known.")
    assert as_shown(known) is known
