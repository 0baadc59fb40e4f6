"""A real JupyterLab, in which nothing is set up but the installation, asked over HTTP by a plain client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hub.loopback import LoopbackHub
from hub.repos import GATED_CONFIGS, PARAMETERS
from jupyter_client.manager import start_new_kernel
from ui.lab import LabServer

from budsim_widgets.server.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

(GATED, CONFIG), (OTHER, OTHER_CONFIG) = list(GATED_CONFIGS.items())[:2]
SCHEMATHESIS_SETTINGS = Path(__file__).parent / "schemathesis.toml"
EXAMPLES = 40

ASK = """
panel.model_input.value = {model!r}
panel.calculate_button.click()
await panel.idle()
if {config!r}:
    panel.prompt.text_input.value = {config!r}
    panel.prompt.submit_button.click()
    await panel.idle()
"""
FOUND = "panel.error.error_code if panel.error else panel.result.num_parameters"


class Client:
    """A plain HTTP client."""

    def __init__(self, lab: LabServer) -> None:
        self._lab = lab

    def ask(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        address = path if path.startswith("http") else f"{self._lab.url}budsim/api/models/{path}"
        headers = {"Authorization": f"token {self._lab.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            request = urllib.request.Request(address, data, headers)  # noqa: S310 - the server that the test started
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


class Kernel:
    """A notebook's kernel, with a panel in it; started once, and never again."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._manager, self._client = start_new_kernel(env=environment)
        self._run("import budsim_widgets as bw\npanel = bw.MemoryPanel()")

    def asks(self, model: str, config: dict[str, Any] | None = None) -> str:
        """Calculate, paste this config where one is asked for, and tell what the panel shows."""
        code = ASK.format(model=model, config=json.dumps(config) if config else "")
        return str(self._run(code, found=FOUND)["found"]["data"]["text/plain"].strip("'"))

    def stop(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def _run(self, code: str, **expressions: str) -> Any:
        reply = self._client.execute_interactive(
            code, user_expressions=expressions, output_hook=lambda _: None, timeout=60
        )["content"]
        assert reply["status"] == "ok", reply
        return reply["user_expressions"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def live_hub() -> Iterator[LoopbackHub]:
    with LoopbackHub() as hub:
        yield hub


@pytest.fixture(scope="module")
def environment(home: Path, live_hub: LoopbackHub) -> dict[str, str]:
    return {
        "HF_ENDPOINT": live_hub.endpoint,
        "HF_HOME": str(home / "hub"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "BUDSIM_STORE": str(home / "configs.json"),
        "IPYTHONDIR": str(home / "ipython"),
        "NO_PROXY": "127.0.0.1",
    }


@pytest.fixture(scope="module")
def lab(home: Path, environment: dict[str, str]) -> Iterator[LabServer]:
    settings = {"BudsimExtension": {"submissions_per_minute": 100_000, "hub_timeout_seconds": 60.0}}
    (home / "config").mkdir()
    (home / "config" / "jupyter_server_config.json").write_text(json.dumps(settings), encoding="utf-8")
    with LabServer(home, environment) as server:
        yield server


@pytest.fixture
def kernel(environment: dict[str, str]) -> Iterator[Kernel]:
    running = Kernel({**os.environ, **environment})
    yield running
    running.stop()


def test_the_gated_flow_over_http_and_in_a_kernel_at_the_same_time(lab: LabServer, kernel: Kernel) -> None:
    client = Client(lab)
    assert kernel.asks(GATED) == kernel.asks(OTHER) == "MODEL_GATED"

    status, refused = client.ask("calculate", {"model_uri": GATED})
    assert (status, refused["error_code"], refused["requires_config"]) == (403, "MODEL_GATED", True)
    assert client.ask("validate", {"model_uri": GATED}) == (
        200,
        {
            "valid": False,
            "error": f"{refused['message']} {refused['next_step']}",
            "error_code": "MODEL_GATED",
            "model_id": GATED,
            "requires_config": True,
            "config_submission_url": refused["config_submission_url"],
        },
    )

    url = lab.url.rstrip("/") + refused["config_submission_url"]
    status, accepted = client.ask(url, {"model_uri": GATED, "config": CONFIG})
    assert (status, accepted["validation"]["parameter_count"]) == (200, PARAMETERS[GATED])
    status, report = client.ask("calculate", {"model_uri": GATED, "seq_length": 8192})
    assert (status, report["num_parameters"], report["config_source"]) == (200, PARAMETERS[GATED], "user_provided")
    status, check = client.ask(f"config/check/{GATED}")
    assert (status, check["has_config"], check["is_verified"]) == (200, True, True)
    status, found = client.ask(f"{GATED}/config")
    assert (status, found["config"]) == (200, CONFIG)

    assert kernel.asks(GATED) == str(PARAMETERS[GATED])
    assert client.ask(f"config/check/{OTHER}")[1]["has_config"] is False
    assert kernel.asks(OTHER, OTHER_CONFIG) == str(PARAMETERS[OTHER])
    assert client.ask(f"config/check/{OTHER}")[1]["has_config"] is True
    status, report = client.ask("calculate", {"model_uri": OTHER})
    assert (status, report["num_parameters"], report["config_source"]) == (200, PARAMETERS[OTHER], "user_provided")


def test_the_installation_alone_enables_it(lab: LabServer, home: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter", "server", "extension", "list"],
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(home / "none")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = [line for line in (listed.stdout + listed.stderr).splitlines() if "budsim_widgets" in line]
    assert any("enabled" in line for line in lines)
    assert any("OK" in line for line in lines)
    assert Client(lab).ask(f"{lab.url}budsim/api/openapi.json")[0] == 200


def test_schemathesis_finds_nothing(lab: LabServer, tmp_path: Path) -> None:
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(SCHEMATHESIS_SETTINGS)),
        *("run", f"{lab.url}budsim/api/openapi.json", "--header", f"Authorization: token {lab.token}"),
        # it wants 401 where Jupyter Server answers 403; that everybody is refused is what `ignored_auth` checks
        *("--checks", "all", "--exclude-checks", "missing_required_header"),
        *("--mode", "all", "--seed", "1", "--max-examples", str(EXAMPLES)),
        *("--continue-on-failure", "--warnings", "off", "--request-timeout", "30"),
    ]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=900)
    assert run.returncode == 0, run.stdout
    # all but the description itself
    assert f"Tested: {len(OPERATIONS) - 1}\n" in run.stdout, run.stdout
