from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from budsim_widgets.store import ConfigStore
from store.samples import llama

if TYPE_CHECKING:
    from pathlib import Path

READ = """
import sys
from budsim_widgets.store import ConfigStore
assert ConfigStore(sys.argv[1]).get("org/model") is not None
unwanted = {"filelock", "platformdirs", "pydantic", "huggingface_hub", "ipywidgets", "asyncio"} & set(sys.modules)
print(" ".join(sorted(unwanted)))
"""


def test_reading_loads_no_more_than_tinydb(path: Path) -> None:
    ConfigStore(path).put("org/model", llama())
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
