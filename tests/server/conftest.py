from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hub.loopback import LoopbackHub
from pytest_jupyter.jupyter_core import (  # noqa: F401 - fixtures
    echo_kernel_spec,
    jp_asyncio_loop,
    jp_config_dir,
    jp_data_dir,
    jp_env_config_path,
    jp_env_jupyter_path,
    jp_environ,
    jp_home_dir,
    jp_kernel_dir,
    jp_runtime_dir,
    jp_system_config_path,
    jp_system_jupyter_path,
)
from pytest_jupyter.jupyter_server import (  # noqa: F401 - fixtures
    jp_argv,
    jp_auth_header,
    jp_base_url,
    jp_configurable_serverapp,
    jp_http_port,
    jp_logging_stream,
    jp_root_dir,
    jp_serverapp,
    jp_web_app,
)
from pytest_jupyter.pytest_tornasync import (  # noqa: F401 - fixtures
    http_server,
    http_server_client,
    http_server_port,
)
from traitlets.config import Config

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Answered:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@pytest.fixture
def jp_nbconvert_templates() -> None:
    """None: nothing here exports a notebook, and copying them takes longer than most tests."""


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with LoopbackHub() as running:
        yield running


@pytest.fixture
def settings() -> dict[str, Any]:
    """Settings of the extension beyond the store and the Hub; a test may give its own."""
    return {}


@pytest.fixture
def server_settings() -> dict[str, Any]:
    """Settings of the server itself; a test may give its own."""
    return {}


@pytest.fixture
def jp_server_config(
    hub: LoopbackHub, tmp_path: Path, settings: dict[str, Any], server_settings: dict[str, Any]
) -> Config:
    own = {"store_path": str(tmp_path / "configs.json"), "hub_endpoint": hub.endpoint, **settings}
    server = {"jpserver_extensions": {"budsim_widgets.server": True}, **server_settings}
    return Config({"ServerApp": server, "BudsimExtension": own})


@pytest.fixture
def ask(
    http_server_client: Any,  # noqa: F811 - the fixtures
    jp_auth_header: dict[str, str],  # noqa: F811
    jp_base_url: str,  # noqa: F811
    jp_asyncio_loop: AbstractEventLoop,  # noqa: F811
) -> Callable[..., Answered]:
    """`ask("models/calculate", {…})`: a POST where there is a body, else a GET; with the token by default."""

    def asked(path: str, body: Any = None, *, headers: dict[str, str] | None = None, **options: Any) -> Answered:
        if body is not None:
            options = {"method": "POST", "body": body if isinstance(body, (str, bytes)) else json.dumps(body)} | options

        async def fetched() -> Any:  # the client takes the loop that runs, never one that another test left
            return await http_server_client.fetch(
                f"{jp_base_url}budsim/api/{path}",
                headers=jp_auth_header if headers is None else headers,
                raise_error=False,
                allow_nonstandard_methods=True,
                **options,
            )

        answer = jp_asyncio_loop.run_until_complete(fetched())
        return Answered(answer.code, dict(answer.headers), answer.body.decode())

    return asked


@pytest.fixture
def send(
    http_server: Any,  # noqa: F811, ARG001 - it has to run
    http_server_port: tuple[Any, int],  # noqa: F811
    jp_auth_header: dict[str, str],  # noqa: F811
    jp_base_url: str,  # noqa: F811
    jp_asyncio_loop: AbstractEventLoop,  # noqa: F811
) -> Callable[..., str]:
    """`send("models/calculate", "Content-Length: 5", body=b"…")`: a POST byte by byte as given, with the token; what
    comes back until the server hangs up."""

    async def sent(path: str, *headers: str, body: bytes = b"") -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", http_server_port[1])
        own = (
            f"POST {jp_base_url}budsim/api/{path} HTTP/1.1",
            "Host: 127.0.0.1",
            *map(": ".join, jp_auth_header.items()),
        )
        writer.write("\r\n".join([*own, *headers, "", ""]).encode() + body)
        try:
            return (await asyncio.wait_for(reader.read(), 60)).decode()
        finally:
            writer.close()

    return lambda *arguments, **options: jp_asyncio_loop.run_until_complete(sent(*arguments, **options))
