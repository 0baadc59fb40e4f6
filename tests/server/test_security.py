"""Who may ask: everywhere a login, an allowance, and for cookies what no other page can send."""

from __future__ import annotations

import json
import re
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS
from jupyter_server.auth import Authorizer

from budsim_widgets.server.base import BudsimHandler
from budsim_widgets.server.routes import URLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from server.conftest import Answered

    Ask = Callable[..., Answered]

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
PATHS = [
    re.sub(r"\(\.\+\)", GATED, pattern).replace("\\", "").replace(".*", "none").removeprefix("budsim/api/")
    for pattern, _ in URLS
]
XSRF = "0123456789abcdef" * 2
NOBODY: dict[str, str] = {}


class NobodyMay(Authorizer):
    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return False if resource == "budsim" else bool(super().is_authorized(handler, user, action, resource))


class OnlyRead(Authorizer):
    def is_authorized(self, _handler: Any, _user: Any, action: str, resource: str) -> bool:
        return action == "read" or resource != "budsim"


def server_with(**settings: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("server_settings", [settings], ids=[",".join(settings)])


def rules_of(router: Any) -> Iterator[Any]:
    for rule in router.rules:
        yield from rules_of(rule.target) if hasattr(rule.target, "rules") else (rule,)


def test_the_routes_that_are_walked_are_all_that_the_server_has(jp_serverapp: Any, jp_base_url: str) -> None:
    ours = [
        rule.matcher.regex.pattern
        for rule in rules_of(jp_serverapp.web_app.default_router)
        if isinstance(rule.target, type) and issubclass(rule.target, BudsimHandler)
    ]
    assert sorted(ours) == sorted(f"{jp_base_url}{pattern}$" for pattern, _ in URLS)


def assert_refused(answered: Answered, method: str) -> None:
    assert answered.status == 403
    if method != "HEAD":
        assert answered.json["error_code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    "server_settings", [{}, {"allow_unauthenticated_access": True}], ids=["by default", "allow_unauthenticated_access"]
)
@pytest.mark.parametrize("headers", [NOBODY, {"Authorization": "token wrong"}], ids=["no token", "wrong token"])
def test_nobody_is_let_in_without_the_token(ask: Ask, headers: dict[str, str]) -> None:
    for method, path in product(METHODS, PATHS):
        assert_refused(ask(path, method=method, headers=headers), method)
        assert_refused(ask(path, "{}", method=method, headers=headers), method)


@server_with(authorizer_class=NobodyMay)
def test_nobody_is_let_in_whom_the_authorizer_refuses(ask: Ask) -> None:
    for method, path in product(METHODS, PATHS):
        assert_refused(ask(path, method=method), method)


@server_with(authorizer_class=OnlyRead)
def test_an_authorizer_tells_reading_from_writing(ask: Ask) -> None:
    assert ask(f"models/config/check/{GATED}").status == 200
    assert_refused(ask("models/config/submit", {"model_uri": GATED, "config": CONFIG}), "POST")


@server_with(allow_unauthenticated_access=True)
def test_a_browser_that_asks_whether_it_may_is_told_nothing_else(ask: Ask) -> None:
    foreign = {"Origin": "https://elsewhere.example", "Access-Control-Request-Headers": "authorization"}
    for path in PATHS:
        for headers in (NOBODY, foreign):
            answered = ask(path, method="OPTIONS", headers=headers)
            assert answered.status == (404 if path == "none" else 200)
            assert answered.text == "" or path == "none"
            assert "Access-Control-Allow-Origin" not in answered.headers  # so the browser sends no more


@pytest.fixture
def cookie(ask: Ask) -> str:
    """The cookies of a browser in which somebody is logged in."""
    login = ask(f"models/config/check/{GATED}").headers["Set-Cookie"].partition(";")[0]
    return f"{login}; _xsrf={XSRF}"


def test_a_cookie_is_enough_to_read(ask: Ask, cookie: str) -> None:
    assert ask(f"models/config/check/{GATED}", headers={"Cookie": cookie}).status == 200


def test_a_cookie_submits_with_its_xsrf_token_only(ask: Ask, cookie: str) -> None:
    for path in ("models/calculate", "models/analyze", "models/config/submit"):
        body = {"config": CONFIG} | ({"model_uri": GATED} if path.endswith("submit") else {})
        for extra in ({}, {"X-XSRFToken": "f" * 32}):
            assert_refused(ask(path, body, headers={"Cookie": cookie, **extra}), "POST")
        assert ask(path, body, headers={"Cookie": cookie, "X-XSRFToken": XSRF}).status == 200


def test_another_page_is_refused_even_with_the_cookies(ask: Ask, cookie: str) -> None:
    foreign = {"Cookie": cookie, "X-XSRFToken": XSRF, "Origin": "https://elsewhere.example"}
    for path in PATHS:
        assert ask(path, "{}", headers=foreign).status == 404
        assert ask(path, headers=foreign).status == 404


def test_a_name_that_is_not_the_servers_own_is_refused_even_with_the_token(
    ask: Ask, jp_auth_header: dict[str, str]
) -> None:
    for host in ("elsewhere.example", "127.0.0.1.elsewhere.example", "10.1.2.3"):
        for path in PATHS:
            assert_refused(ask(path, headers={**jp_auth_header, "Host": host}), "GET")


def test_a_page_that_knows_the_token_may_ask_as_jupyter_server_allows_it(
    ask: Ask, jp_auth_header: dict[str, str]
) -> None:
    foreign = {**jp_auth_header, "Origin": "https://elsewhere.example"}
    assert ask("models/calculate", {"config": CONFIG}, headers=foreign).status == 200


def test_html_in_an_id_comes_back_as_json_that_no_browser_renders(ask: Ask) -> None:
    for answered in (
        ask("models/calculate", {"model_uri": "<script>alert(1)</script>"}),
        ask("models/validate", {"model_uri": "<img src=x onerror=alert(1)>"}),
        ask("models/%3Cscript%3Ealert(1)%3C%2Fscript%3E/config"),
        ask("%3Cscript%3E"),
    ):
        assert answered.headers["Content-Type"].startswith("application/json")
        assert answered.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answered.headers["Content-Security-Policy"]
        assert isinstance(json.loads(answered.text), dict)
