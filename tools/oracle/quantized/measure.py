"""What transformers holds of quantized files, for random quantizations of random models; and whether we say the same.

Run it with a Python that has torch, transformers, aqlm, fp_quant and scipy; budsim_widgets itself is found beside this
folder.

    python tools/oracle/quantized/measure.py try --seed 1 --count 3 fp8 gemma
    python tools/oracle/quantized/measure.py try --types llama,mixtral fp8
    python tools/oracle/quantized/measure.py write tests/memory/quantized_by_transformers.jsonl.gz

A row holds the config and by how many bytes the quantization changes the model (`added_bytes`): modules on the meta
device, as `from_pretrained` puts them in.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(path) for path in (Path(__file__).parents[1], *Path(__file__).parents[2:4])]
warnings.filterwarnings("ignore")

from needed import need

need("torch", "transformers", "aqlm", "fp_quant", "scipy")

import torch
import transformers
from holding import Held
from rows import read_rows, write_rows
from settings import METHODS, drawn, skipped

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers
from budsim_widgets.errors import ConfigError
from budsim_widgets.memory.weights import weights_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MODELS = Path(__file__).parents[3] / "tests" / "architectures" / "oracle" / "perturbed.jsonl.gz"
TYPES = (
    "afmoe",
    "aria",
    "bert",
    "bloom",
    "deepseek_v2",
    "deepseek_v3",
    "falcon",
    "falcon_h1",
    "gemma3",
    "gemma3_text",
    "glm4_moe",
    "gpt2",
    "gpt_oss",
    "granitemoe",
    "jamba",
    "llama",
    "llama4",
    "mamba2",
    "mistral",
    "mixtral",
    "olmo2",
    "opt",
    "phi3",
    "phimoe",
    "qwen2",
    "qwen2_vl",
    "qwen3",
    "qwen3_moe",
    "qwen3_next",
    "roberta",
    "t5",
    "whisper",
)


def rows_of(method: str, types: tuple[str, ...], seed: int, count: int) -> Iterator[dict[str, Any]]:
    """Rows of a method; models and quantizations that transformers or the method's library refuse are passed over."""
    _, models = read_rows(MODELS)
    for model_type in types:
        known = [row for row in models if row["model_type"] == model_type]
        for index in range(count):
            random = Random(f"{seed}:{method}:{model_type}:{index}")  # noqa: S311 - reproducible, not secret
            row = random.choice(known)
            try:
                yield measured(method, row["config"], row["architecture"], random)
            except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as refusal:
                logging.getLogger("oracle").info("%s %s: %r", method, model_type, refusal)


def measured(method: str, config: dict[str, Any], architecture: str, random: Random) -> dict[str, Any]:
    """One row."""
    held = Held(config, architecture)
    before = held.num_bytes()
    quantization = drawn(method, random, skipped(random, held.linear_layers))
    held.quantize(quantization)
    full = {**config, "dtype": "bfloat16", "transformers_version": transformers.__version__}
    return {
        "id": method,
        "config": {**full, "quantization_config": quantization},
        "added_bytes": held.num_bytes() - before,
    }


def verdict(row: dict[str, Any]) -> str:
    """`exact`, `wrong`, `estimate` (and whether it is equal), or `refused`."""
    config = row["config"]
    try:
        weights = weights_of(build(config), "auto", Transformers())
    except ConfigError:
        return "refused"
    plain = weights_of(build({**config, "quantization_config": None}), "auto", Transformers())
    is_equal = weights.num_bytes - plain.num_bytes == row["added_bytes"]
    if weights.basis == "exact":
        return "exact" if is_equal else "wrong"
    return "estimate, equal" if is_equal else "estimate"


def command_try(arguments: argparse.Namespace) -> None:
    """Say for each method how many are exact, and show those that are wrong."""
    for method in arguments.methods or METHODS:
        verdicts: Counter[str] = Counter()
        for row in rows_of(method, arguments.types, arguments.seed, arguments.count):
            found = verdict(row)
            verdicts[found] += 1
            if found == "wrong":
                _print(f"{method} wrong: {row}")
        _print(f"{method}: {dict(verdicts)}")


def command_write(arguments: argparse.Namespace) -> None:
    """Write the rows that the tests read."""
    methods = arguments.methods or METHODS
    rows = [row for name in methods for row in rows_of(name, arguments.types, arguments.seed, arguments.count)]
    source = {"transformers": transformers.__version__, "torch": torch.__version__, "seed": arguments.seed}
    _print(f"{write_rows(arguments.out, source, rows)} rows")


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the command line and run a command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verbose", action="store_true", help="say what the libraries refuse")
    commands = parser.add_subparsers(required=True)
    for name, command in (("try", command_try), ("write", command_write)):
        sub = commands.add_parser(name, help=command.__doc__)
        sub.set_defaults(run=command)
        if name == "write":
            sub.add_argument("out", type=Path)
        sub.add_argument("--seed", type=int, default=1)
        sub.add_argument("--count", type=int, default=1, help="quantizations for each method and model type")
        sub.add_argument("--types", type=lambda text: tuple(text.split(",")), default=TYPES, help="model types")
        sub.add_argument("methods", nargs="*", help="methods; none: all")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.ERROR, format="%(message)s")
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.bfloat16)  # so that what a quantizer makes is as that of a loaded model
    arguments.run(arguments)


if __name__ == "__main__":
    main()
