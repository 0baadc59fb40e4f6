"""How long a question and a paste take, beside TinyDB as it comes (JSONStorage), in the same run.

    python benchmarks/store.py [--sizes 10 100 1000 10000] [--folder FOLDER]

`get` is a model's config found in an open store, `first get` the same in a newly opened one, `put` one more model's
config saved. TinyDB is used as its documentation shows: `search` and `upsert` by the model's id. It reads the whole
file for each question, checks no record, and writes in place, without a lock.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinydb import TinyDB, where

from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SIZES = (10, 100, 1_000, 10_000)


def config(number: int) -> dict[str, Any]:
    """A config of about 2 KB, as newer models have them."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": 4096 + number,
        "intermediate_size": 14336,
        "num_attention_heads": 32,
        "num_hidden_layers": 48,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "vocab_size": 128256,
        "max_position_embeddings": 131072,
        "rms_norm_eps": 1e-05,
        "rope_theta": 500000.0,
        "rope_scaling": {"factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "rope_type": "llama3"},
        "layer_types": ["full_attention", "sliding_attention"] * 24,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.57.0",
    }


def model_id(number: int) -> str:
    """The id of one model of many."""
    return f"org/model-{number}"


def median_ms(action: Callable[[int], object], arguments: Iterable[int]) -> float:
    """The median time of one call."""
    times = []
    for argument in arguments:
        start = time.perf_counter()
        action(argument)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def time_store(folder: Path, size: int) -> dict[str, float]:
    """The times of ConfigStore with that many models."""
    path = folder / "store.json"
    fill(path, folder, size)
    first_get = median_ms(lambda _: ConfigStore(path).get(model_id(0)), range(5))
    store = ConfigStore(path)
    store.get(model_id(0))
    return {
        "get": median_ms(lambda number: store.get(model_id(number % size)), range(1_000)),
        "first get": first_get,
        "put": median_ms(lambda number: store.put(model_id(size + number), config(number)), range(15)),
    }


def fill(path: Path, folder: Path, size: int) -> None:
    """A store of that many models, in one change: an import of a file written by hand."""
    record = {
        "submitted_at": "2026-07-29T12:00:00.123456+00:00",
        "updated_at": "2026-07-29T12:00:00.123456+00:00",
        "version": 1,
        "source_format": "json",
        "is_verified": False,
        "published_parameters": None,
        "history": [],
    }
    offered = folder / "offered.json"
    with TinyDB(offered) as database:
        database.table("user_model_configs").insert_multiple(
            {"model_id": model_id(number), "config": config(number), **record} for number in range(size)
        )
    ConfigStore(path).import_file(offered)


def time_tinydb(folder: Path, size: int) -> dict[str, float]:
    """The times of TinyDB as it comes, with that many models."""
    path = folder / "tinydb.json"
    looks = max(3, min(100, 5_000 // size))
    with TinyDB(path) as database:
        database.insert_multiple({"model_id": model_id(number), "config": config(number)} for number in range(size))

        def get(number: int) -> object:
            database.clear_cache()  # other processes write: what it remembers can't be trusted
            return database.search(where("model_id") == model_id(number % size))

        def put(number: int) -> object:
            name = model_id(size + number)
            return database.upsert({"model_id": name, "config": config(number)}, where("model_id") == name)

        times = {"get": median_ms(get, range(looks)), "put": median_ms(put, range(min(looks, 15)))}
    times["first get"] = median_ms(lambda _: first_search(path), range(3))
    return times


def first_search(path: Path) -> object:
    """One question to a newly opened TinyDB."""
    with TinyDB(path) as database:
        return database.search(where("model_id") == model_id(0))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many models are stored")
    parser.add_argument("--folder", type=Path, default=None, help="where to write; a temporary folder by default")
    options = parser.parse_args()
    print(f"{'stored':>8} {'':<10} {'ConfigStore':>14} {'TinyDB':>14} {'TinyDB takes':>14}   p50")
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            ours, theirs = time_store(Path(folder), size), time_tinydb(Path(folder), size)
        for name in ("get", "first get", "put"):
            ratio = theirs[name] / ours[name]
            print(f"{size:>8,} {name:<10} {ours[name]:>11.3f} ms {theirs[name]:>11.3f} ms {ratio:>12.1f} x")


if __name__ == "__main__":
    main()
