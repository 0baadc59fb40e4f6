"""Without what only POSIX has: the package imports, and a store, a question and a paste work."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from hub.repos import QWEN_2_5_7B

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT_POSIX = """
import os, sys
for name in ("fcntl", "termios", "tty", "pty", "pwd", "grp", "resource", "readline", "syslog"):
    sys.modules[name] = None
import filelock, huggingface_hub, ipywidgets, anywidget, jupyter_server  # they have their own ways
import jupyter_server.extension.application, jupyter_server.base.handlers
for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC", "fork", "getuid", "geteuid", "fchown",
             "uname", "killpg", "getpgid", "mkfifo", "statvfs", "posix_fadvise", "sched_getaffinity"):
    if hasattr(os, name):
        delattr(os, name)
"""
IMPORT_ALL = """
import pkgutil, importlib
import budsim_widgets
for module in pkgutil.walk_packages(budsim_widgets.__path__, "budsim_widgets."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
ASK = """
import json
from pathlib import Path
import budsim_widgets as bw
from budsim_widgets.cli.pasting import read_paste
store = bw.ConfigStore(Path({path!r}))
store.put("org/model", {config!r})
assert store.get("org/model").config["hidden_size"] == 3584
store.export_file(Path({path!r} + ".team.json"))
assert bw.fit({config!r}, "4090", engine="vllm").verdict == "fits"
assert bw.detect_accelerators() is not None
assert json.loads(read_paste(lambda: None)) == {config!r}
"""


def run(code: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_POSIX + code],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_every_module_is_imported_without_what_only_posix_has() -> None:
    done = run(IMPORT_ALL)
    assert done.returncode == 0, done.stderr


def test_a_store_a_question_and_a_paste_need_nothing_of_posix(tmp_path: Path) -> None:
    code = ASK.format(path=str(tmp_path / "configs.json"), config=QWEN_2_5_7B)
    done = run(code, json.dumps(QWEN_2_5_7B, indent=2) + "\n")
    assert done.returncode == 0, done.stderr
