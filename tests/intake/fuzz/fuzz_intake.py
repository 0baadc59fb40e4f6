"""Any bytes and any text are answered by a report, or by one of our own errors, and quickly; guided by coverage.

atheris has wheels for few systems, so it lives in an environment of its own:

    python3 -m venv build/fuzz-venv
    build/fuzz-venv/bin/pip install atheris
    build/fuzz-venv/bin/python tests/intake/fuzz/fuzz_intake.py build/fuzz -max_total_time=600

The last arguments are libFuzzer's. What it finds lies in `crash-*`; it becomes a paste of the corpus.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import atheris

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
MAX_SECONDS = 1.0

with atheris.instrument_imports(include=["budsim_widgets"]):
    from budsim_widgets.actions import Actions
    from budsim_widgets.errors import ConfigError
    from budsim_widgets.intake import check_fields, read_config, resolve_fields
    from budsim_widgets.intake.readers import natives, others

from intake.fuzz.seeds import write  # noqa: E402 - found through the path that is set above

ACTIONS = Actions()
NET = "isn't what its architecture or its quantization can have"
"""What `config_errors` says: no user should ever read it."""

LOADED_LATE = (natives, others)
"""Modules that are loaded when a paste needs them; the fuzzer is guided only by those that it loads itself."""


def one_input(data: bytes) -> None:
    """Read the bytes as a file and as a paste, and hold the answers to what is promised."""
    start = time.process_time()
    answer(data)
    answer(data.decode("utf-8", "replace"))
    if time.process_time() - start > MAX_SECONDS:
        raise RuntimeError("too slow")


def answer(source: bytes | str) -> None:
    """Read, check and resolve as a submission does."""
    try:
        reading = read_config(source)
        again = read_config(reading.config)
        # What was read is plain JSON already, unless it is some other program's config.
        if again.format == "dict" and json.dumps(again.config) != json.dumps(reading.config):
            raise RuntimeError("a config changes when it is read again")
        check_fields(reading.config)
        resolve_fields(reading.config)
        calculate(reading.config)
    except ConfigError as error:
        if not (error.message.isprintable() and error.message.endswith(".") and len(error.message) <= 600):
            raise RuntimeError("an odd message") from error
        if not error.next_step.isprintable():
            raise RuntimeError("an odd next step") from error


def calculate(config: dict[str, Any]) -> None:
    """Calculate what was read, in two precisions; a bug of a description isn't hidden by the net around it."""
    for precision in ("auto", "int4"):
        try:
            report = ACTIONS.calculate(config, precision=precision)
        except ConfigError as error:
            if error.__cause__ is not None and NET in str(error):
                raise RuntimeError("a description or a format raised") from error.__cause__
            raise
        if not repr(report).replace("\n", "").isprintable():
            raise RuntimeError("an unprintable report")


def main() -> None:
    """Write the seeds into the folder that is given first, and start."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "fuzz") / "seeds"
    sys.stderr.write(f"{write(folder)} seeds in {folder}\n")
    arguments = [
        sys.argv[0],
        str(folder),
        f"-dict={folder.with_name('words.dict')}",
        "-max_len=20000",
        "-timeout=10",
        *sys.argv[2:],
    ]
    atheris.Setup(arguments, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
