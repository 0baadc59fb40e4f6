"""Measures what a forward pass of transformers holds beside weights and cache, on the meta device.

    python tools/activations/measure.py CONFIGS.jsonl > measured.jsonl
    python tools/activations/measure.py CONFIGS.jsonl --explain

needs torch and transformers. Each line of the file holds a `config` with its `architectures`. The prompt is text,
except where an encoder takes sound or pictures alone. The vocabulary is scored for the last token alone, as
`generate()` does. Attention is counted as CUDA's fused kernels allocate (`sdpa`) or as written (`eager`); recurrent
layers and experts run on their torch code, as where none of the optional kernels (mamba-ssm, flash-linear-attention,
kernels of the Hub) is installed.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1])]

from needed import need

need("torch", "transformers")

import torch
import transformers
import transformers.masking_utils
from live_bytes import LiveBytes, fused_attention
from models import DTYPES, build_model, shortened
from passes import Pass, measured

SHAPES = ((1, 300), (16, 128), (3, 1500), (1, 3000), (2, 6000))
SECONDS = 300
"""For one pass."""


def measured_rows(
    config: dict[str, Any], attention: str, arguments: argparse.Namespace
) -> tuple[dict[str, Any], list[list[int]]]:
    """The config that was built, and [batch, length, bytes] for each shape."""
    built = shortened(config, arguments.layers) if arguments.layers else config
    try:
        model = build_model(built, attention, arguments.dtype)
    except (ValueError, TypeError, AttributeError, IndexError):  # some configs name single layers
        built = config
        model = build_model(built, attention, arguments.dtype)
    rows = []
    for batch_size, seq_length in arguments.shapes:
        signal.alarm(arguments.seconds)
        each = Pass(arguments.kind, batch_size, seq_length)
        try:
            peak_bytes, counter = measured(model, each, explains=arguments.explain)
        except TimeoutError:  # loops over tokens: what took less time still counts
            continue
        rows.append([batch_size, seq_length, peak_bytes])
        if arguments.explain:
            explain(counter, f"{config['model_type']} {attention} {batch_size} x {seq_length}: {peak_bytes:,}")
    return built, rows


def explain(counter: LiveBytes, title: str) -> None:
    """Prints what is held at the peak, the largest first."""
    print(title)  # noqa: T201 - the result
    for (operation, shape, dtype, size), times in sorted(counter.held_at_peak.items(), key=lambda item: -item[0][3]):
        if size * 1000 > counter.peak:
            print(f"  {times} x {size:>13,} {dtype:<15} {operation} {shape}")  # noqa: T201 - the same


def report(config: dict[str, Any], attention: str, arguments: argparse.Namespace) -> None:
    """Prints a line for a config, or why there is none."""
    row: dict[str, Any] = {"attention": attention, "config": config}
    try:
        row["config"], row["runs"] = measured_rows(config, attention, arguments)
    except Exception as error:  # noqa: BLE001 - some models can't run without data, in many ways
        row["error"] = f"{type(error).__name__}: {error}"[:200]
    signal.alarm(0)
    if not arguments.explain or "error" in row:
        print(json.dumps(row), flush=True)  # noqa: T201 - the result


def stop(*_: Any) -> None:
    """Ends a forward pass that takes too long."""
    raise TimeoutError("it took too long")


def nothing_is_padding(mask: torch.Tensor) -> bool:
    """Whether a mask, which has no values here, is true everywhere."""
    del mask
    return True


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Bytes that a forward pass holds beside weights and cache.")
    parser.add_argument("configs")
    parser.add_argument("--attention", nargs="*", default=("sdpa", "eager"))
    parser.add_argument("--shapes", nargs="*", default=SHAPES, type=lambda text: tuple(map(int, text.split("x"))))
    parser.add_argument("--layers", type=int, default=0, help="cut the configs to so many layers; 0: as they are")
    parser.add_argument("--kind", choices=("prefill", "decode"), default="prefill")
    parser.add_argument("--dtype", choices=DTYPES, default="bf16")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="the most that one pass may take")
    parser.add_argument("--types", nargs="*", help="only these model types")
    parser.add_argument("--explain", action="store_true", help="print what is held at the peak")
    return parser.parse_args()


def main() -> None:
    """Measures every config of the file with each kind of attention."""
    arguments = read_arguments()
    torch.nn.functional.scaled_dot_product_attention = fused_attention
    transformers.masking_utils.fast_all = nothing_is_padding
    transformers.logging.set_verbosity_error()
    signal.signal(signal.SIGALRM, stop)
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    source = f"tools/activations/measure.py, meta device, {arguments.dtype}, {arguments.kind}"
    print(json.dumps({"source": source, **versions}))  # noqa: T201 - the same
    for line in Path(arguments.configs).read_text("utf-8").splitlines():
        config = json.loads(line)["config"]
        if not arguments.types or config["model_type"] in arguments.types:
            for attention in arguments.attention:
                report(config, attention, arguments)


if __name__ == "__main__":
    main()
