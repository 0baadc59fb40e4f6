"""How long a question and a paste take, beside TinyDB as it comes (JSONStorage), in the same run.

    python benchmarks/store.py [--sizes 10 100 1000 10000] [--history 20] [--folder FOLDER]

`get` is a model's config found in an open store, `first get` the same in a newly opened one, `put` one more model's
config saved; with `--history` the same again where each model has so many earlier versions (TinyDB has the newest
only). The last lines tell how much memory grows over 1,000 more saves of 20 models whose histories are full.

TinyDB is used as its documentation shows: `search` and `upsert` by the model's id. It reads the whole file for each
question, checks no record, and writes in place, without a lock.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import tempfile
import time
import tracemalloc
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


def time_store(folder: Path, size: int, history: int) -> dict[str, float]:
    """The times of ConfigStore with that many models, each with so many earlier versions."""
    path = folder / "store.json"
    fill(path, size, history)
    first_get = median_ms(lambda _: ConfigStore(path).get(model_id(0)), range(5))
    store = ConfigStore(path)
    store.get(model_id(0))
    return {
        "get": median_ms(lambda number: store.get(model_id(number % size)), range(1_000)),
        "first get": first_get,
        "put": median_ms(lambda number: store.put(model_id(size + number), config(number)), range(15)),
    }


def fill(path: Path, size: int, history: int) -> None:
    """A store of that many models, in imports of a few thousand configs."""
    at_once = 10_000 // (history + 1)
    for first in range(0, size, at_once):
        table = {str(number): record(number, history) for number in range(first, min(first + at_once, size))}
        ConfigStore(path).import_bytes(json.dumps({"user_model_configs": table}).encode())


def record(number: int, history: int) -> dict[str, Any]:
    """What an exported file holds of a model."""
    versions = [
        {
            "version": history + 1 - place,
            "updated_at": "2026-07-29T12:00:00.123456+00:00",
            "source_format": "json",
            "is_verified": False,
            "published_parameters": None,
            "config": config(number + place),
        }
        for place in range(history + 1)
    ]
    submitted_at = "2026-07-29T12:00:00.123456+00:00"
    return {"model_id": model_id(number), "submitted_at": submitted_at, **versions[0], "history": versions[1:]}


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


def growth_of_store(folder: Path) -> tuple[float, float]:
    """By how many KB a process and its Python objects grow over 1,000 saves of ConfigStore."""
    store = ConfigStore(folder / "store.json")
    return growth_kb(lambda number: store.put(model_id(number % 20), config(number)))


def growth_of_tinydb(folder: Path) -> tuple[float, float]:
    """The same of TinyDB as it comes."""
    with TinyDB(folder / "tinydb.json") as database:
        return growth_kb(
            lambda number: database.upsert(
                {"model_id": model_id(number % 20), "config": config(number)},
                where("model_id") == model_id(number % 20),
            )
        )


def growth_kb(save: Callable[[int], object]) -> tuple[float, float]:
    """How much resident memory, and how much of it in Python objects, 1,000 saves add to 500 before."""
    for number in range(500):
        save(number)
    tracemalloc.start()
    for number in range(500, 520):  # so that what one save needs is there
        save(number)
    gc.collect()
    resident, traced = resident_kb(), tracemalloc.get_traced_memory()[0]
    for number in range(520, 1_520):
        save(number)
    gc.collect()
    grown = resident_kb() - resident, (tracemalloc.get_traced_memory()[0] - traced) / 1024
    tracemalloc.stop()
    return grown


def resident_kb() -> float:
    """The resident memory of this process; 0 where the system doesn't tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024 if statm.exists() else 0.0


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many models are stored")
    parser.add_argument("--history", type=int, default=20, help="how many earlier versions each has, the second time")
    parser.add_argument("--folder", type=Path, default=None, help="where to write; a temporary folder by default")
    options = parser.parse_args()
    print(f"{'stored':>8} {'history':>8} {'':<10} {'ConfigStore':>14} {'TinyDB':>14} {'TinyDB takes':>14}   p50")
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            theirs = time_tinydb(Path(folder), size)
        for history in (0, options.history):
            with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                ours = time_store(Path(folder), size, history)
            for name in ("get", "first get", "put"):
                times = f"{ours[name]:>11.3f} ms {theirs[name]:>11.3f} ms {theirs[name] / ours[name]:>12.1f} x"
                print(f"{size:>8,} {history:>8} {name:<10} {times}")
    print("\nmemory added by 1,000 saves: resident, in Python objects")
    for name, measure in (("ConfigStore", growth_of_store), ("TinyDB", growth_of_tinydb)):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            resident, objects = measure(Path(folder))
        print(f"{name:<12} {resident:>8.0f} KB {objects:>8.0f} KB")


if __name__ == "__main__":
    main()
