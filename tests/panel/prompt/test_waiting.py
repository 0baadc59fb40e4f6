"""Which config is asked for, and whether the Hub was asked again for it."""

from __future__ import annotations

from budsim_widgets.errors import GatedModelError
from budsim_widgets.panel.flow.pending import MissingConfig, PendingAction
from budsim_widgets.panel.prompt.waiting import Waiting


def missing_config(model: str, model_id: str | None = None, *, said: str = "It is gated.") -> MissingConfig:
    error = GatedModelError(said, model_id=model_id)
    return MissingConfig(model, error, PendingAction("calculate", {"model": model}), resume=lambda: None)


def test_the_same_answer_is_noticed_only_after_the_hub_was_asked_again() -> None:
    waiting = Waiting()
    assert not waiting.begin(missing_config("org/model"))
    assert not waiting.begin(missing_config("org/model"))
    waiting.is_asked_again = True
    assert waiting.begin(missing_config("org/model"))
    assert not waiting.begin(missing_config("org/model"))


def test_another_answer_about_the_same_model_is_not_the_same() -> None:
    waiting = Waiting()
    waiting.begin(missing_config("org/model"))
    waiting.is_asked_again = True
    assert not waiting.begin(missing_config("org/model", said="Your account was rejected."))


def test_an_answer_about_another_model_is_not_the_same() -> None:
    waiting = Waiting()
    waiting.begin(missing_config("org/model"))
    waiting.is_asked_again = True
    assert not waiting.begin(missing_config("org/other"))


def test_a_config_is_kept_under_the_id_that_the_hub_names() -> None:
    waiting = Waiting()
    assert waiting.model_id is None
    waiting.begin(missing_config("https://huggingface.co/org/model", "org/model"))
    assert waiting.model_id == "org/model"
    waiting.begin(missing_config("org/model"))
    assert waiting.model_id == "org/model"


def test_what_is_no_longer_asked_for_is_forgotten() -> None:
    waiting = Waiting()
    waiting.begin(missing_config("org/model"))
    waiting.is_asked_again = True
    waiting.end()
    assert waiting.missing is None
    assert not waiting.is_for("org/model")
    assert not waiting.begin(missing_config("org/model"))
