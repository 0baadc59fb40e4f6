from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS, PUBLIC_CONFIGS
from hub.scenario import Hang
from traitlets.config import Config

from budsim_widgets.server.extension import BudsimExtension

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.loopback import LoopbackHub

    from server.conftest import Answered

    Ask = Callable[..., Answered]

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
PAGE = Path(__file__).parent.parent.parent / "docs" / "http.md"
PUBLIC = next(iter(PUBLIC_CONFIGS))


def with_settings(**settings: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("settings", [settings], ids=[",".join(settings)])


BAD_SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"max_body_bytes": 5}, "not be less than 1024"),
    ({"max_body_bytes": "much"}, "expected an int"),
    ({"submissions_per_minute": -1}, "not be less than 0"),
    ({"submissions_per_minute": 0.5}, "expected an int"),
    ({"hub_timeout_seconds": 0}, "not be less than 0.1"),
    ({"hub_timeout_seconds": float("inf")}, "not be greater than 120"),
    ({"hub_timeout_seconds": float("nan")}, "hub_timeout_seconds is nan: it must be a number of seconds"),
    ({"body_timeout_seconds": 0}, "not be less than 0.1"),
    ({"body_timeout_seconds": float("nan")}, "body_timeout_seconds is nan: it must be a number of seconds"),
    ({"hub_endpoint": "ftp://hub.example"}, "must begin with https:// or http://"),
    ({"hub_endpoint": "hub.example"}, "must begin with https:// or http://"),
    ({"hub_endpoint": "https://"}, "must begin with https:// or http://"),
    ({"hub_endpoint": "http://[hub"}, "hub_endpoint"),
    ({"store_path": 3}, "expected a unicode string"),
]


@pytest.mark.parametrize(("settings", "told"), BAD_SETTINGS)
def test_a_setting_that_cannot_be_used_is_told_by_name(settings: dict[str, Any], told: str) -> None:
    extension = BudsimExtension()
    extension.update_config(Config({"BudsimExtension": settings}))
    assert told in extension._refused
    assert next(iter(settings)) in extension._refused


@with_settings(hub_endpoint="ftp://hub.example")
def test_with_a_setting_that_cannot_be_used_nothing_is_served_and_the_log_says_why(
    capsys: pytest.CaptureFixture[str], ask: Ask
) -> None:
    assert ask("models/calculate", body={"config": CONFIG}).status == 404
    lines = [line for line in capsys.readouterr().err.splitlines() if "isn't served" in line]
    assert len(lines) == 1
    assert "hub_endpoint is 'ftp://hub.example': it must begin with https://" in lines[0]


@pytest.mark.slow
def test_a_server_of_its_own_lists_every_setting_and_what_it_does() -> None:
    command = [sys.executable, "-m", "budsim_widgets.server", "--help-all"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    words = " ".join(listed.split())
    for name, trait in BudsimExtension.class_own_traits(config=True).items():
        assert f"--BudsimExtension.{name}=" in words
        assert trait.help in words


def test_every_setting_is_described_on_the_page_and_has_its_default_there() -> None:
    settings = BudsimExtension.class_own_traits(config=True)
    shown = {name: f"{trait.default_value:,}" if trait.default_value else "" for name, trait in settings.items()}
    rows = re.findall(r"^\| `(\w+)` \| ([\d,.]*) ?\|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: default for name, default in rows if name in settings} == {
        name: default.removesuffix(".0") for name, default in shown.items()
    }


def test_the_store_is_where_the_setting_says(ask: Ask, tmp_path: Path) -> None:
    ask("models/config/submit", body={"model_uri": GATED, "config": CONFIG})
    assert (tmp_path / "configs.json").exists()


@with_settings(hub_timeout_seconds=0.2)
def test_a_hub_is_waited_for_as_long_as_the_setting_says(ask: Ask, hub: LoopbackHub) -> None:
    hub.fault = Hang(seconds=30)
    answered = ask("models/calculate", body={"model_uri": PUBLIC})
    assert (answered.status, answered.json["error_code"]) == (503, "HUB_UNAVAILABLE")
    assert "0.2 seconds" in answered.json["message"]
