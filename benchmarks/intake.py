"""How long the longest answers of the intake take; the bar is 50 ms for anything that is pasted.

    python benchmarks/intake.py

Each paste is read and checked `REPEATS` times, and the fastest run counts: the rest is noise of the machine.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from intake.corpus import GEMMA3, LLAMA
from intake.corpus_native import META
from intake.gguf_models import MODELS, as_log
from intake.pastes import CORPUS

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import check_fields, read_config, resolve_fields

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS = 5
FULL = 256 * 1024


def full(text: str, start: str = "", end: str = "") -> str:
    """A text repeated up to the limit of size."""
    return start + text * ((FULL - len(start) - len(end)) // len(text)) + end


ADVERSARIES = {
    "one long text": json.dumps({"x": "a" * (FULL - 10)}),
    "one long text of escapes": full("\\u0041", '{"x": "', '"}'),
    "escaped quotes that never end": full('\\"', '{"x": "'),
    "quotes": full('"'),
    "quotes and odd spaces": full('"x"\u00a0', "{"),
    "odd spaces": "{" + "\u200b" * 80_000 + "}",
    "backslashes and odd spaces": full("\\", '\u00a0{"'),
    "20,000 numbers": '{"x": [' + ",".join(["1"] * 19_990) + "]}",
    "20,000 floats": '{"x": [' + ",".join(["1.5e-7"] * 19_990) + "]}",
    "20,000 texts": '{"x": [' + ",".join(['"hf_a"'] * 19_990) + "]}",
    "20,000 fields": "{" + ",".join(f'"a{number}":1' for number in range(19_990)) + "}",
    "20,000 known fields": "{" + ",".join(['"hidden_size":64'] * 15_000) + "}",
    "2,000 objects": '{"x": [' + ",".join(['{"model_type": "llama", "hidden_size": 64}'] * 1_990) + "]}",
    "2,000 parts": "{"
    + ",".join(f'"a{number}_config": {json.dumps({"hidden_size": 64})}' for number in range(1_990))
    + "}",
    "1,990 brackets inside each other": "[" * 1_990 + "]" * 1_990,
    "the same key 12,000 times": full('"a":1,', "{", '"b":1}'),
    "starts of tokens": full("hf_aaaaaaaaaaaaaaa "),
    "starts of bearers": full("bearer "),
    "starts of web tokens": full("eyJ"),
    "starts of keys": full('"api_key" : "'),
    "gated words": full("access to model "),
    "gated words, other": full("your request to access "),
    "fences": full("```\n"),
    "fences and spaces": full("\n```  ", "```json"),
    "tags": full("<a "),
    "line ends": full("\n", "{", "x"),
    "carriage returns": full("\r", "{", "x"),
    "words": full("model "),
    "letters": full("a"),
    "dots": full("a.", "", ""),
    "three-byte characters": "模" * 87_000,
    "a 200 KiB config": json.dumps(
        {**LLAMA, "layers_to_skip": [f"model.layers.{i}.mlp.gate_proj" for i in range(6000)]}
    ),
    "10,000 layer types": json.dumps({**LLAMA, "model_type": "qwen3", "layer_types": ["full_attention"] * 9_990}),
}
OTHER_FORMATS = {
    "a dict of Python": str({f"k{number}": [True, None, "a"] for number in range(1_900)}),
    "20,000 words of Python": "{" + "'a':True," * 19_900 + "}",
    "19,000 keys of Python, cut off": "{" + ",".join(f"'a{number}':{number}" for number in range(18_000)),
    "texts with escapes": "{" + ",".join(f"'\\\"{number}':True" for number in range(9_000)) + "}",
    "minus signs": "-" * 100_000,
    "numbers and minus signs": full("-1"),
    "round brackets": full("("),
    "2,000 tuples inside each other": "(" * 1_990 + "1" + ")" * 1_990,
    "2,000 calls inside each other": "dict(" * 1_990 + ")" * 1_990,
    "single quotes": full("'"),
    "single quotes and spaces": full("'' "),
    "quotes and colons": full("'':"),
    "numbers and spaces": full("1 "),
    "mixed quotes": full('"\'" '),
    "escapes of Python": full("\\x41", "{'a': '", "'}"),
    "long escapes of Python": full("\\U0001F600", "{'a': '", "'}"),
    "words of Python": full("True "),
    "names": full("a b "),
    "underscores": full("1_"),
    "keywords of a call": "dict(" + "a=1," * 19_900 + ")",
    "comments": full("/**/", "{", "}"),
    "comments that nobody closes": full("/*", "{"),
    "comments and numbers": full("1/**/,", "[", "]"),
    "hashes": full("#\n"),
    "slashes": full("//\n"),
    "a comment of line ends": full("\n", "/*"),
    "a printed config": f"LlamaConfig {json.dumps({**LLAMA, 'x': 'a' * 250_000}, indent=2)}",
    "fences, many": full("```\nx\n"),
    "fences of tildes": full("~~~~\n"),
    "a block in much prose": full("words ", "", "\n```json\n" + json.dumps(LLAMA) + "\n```\n"),
    "pieces of texts": full('"a" + '),
    "params.json with 19,000 fields": json.dumps({**META, **{f"a{number}": 1 for number in range(15_000)}}),
    "a log with much around it": full("main: a line of text\n", "", as_log(MODELS[0])),
    "a log of the same key": full("\nllama.a = 1", as_log(MODELS[0])),
    "a log of a key": full(" llama.", as_log(MODELS[0])),
    "a log of tensors": full("\nblk.1.x.weight", as_log(MODELS[0])),
    "a log of starts of tensors": full("\nblk.1.x.", as_log(MODELS[0])),
    "a log of spaces": full(" ", as_log(MODELS[0])),
    "a log of types": full(" arr[str,9]", as_log(MODELS[0])),
    "a log of bars": full("| 1 ", as_log(MODELS[0])),
    "a log of lists": full("\nllama.x = [1,2", as_log(MODELS[0]), "")[:FULL],
    "a log of n_vocab": full(" n_vocab ", as_log(MODELS[0])),
    "names of the architecture": full("general.architecture "),
    "architectures and spaces": full("general.architecture" + " " * 190 + "!"),
    "gguf-dump of 2,000 tensors": json.dumps(
        {"metadata": MODELS[0].values, "tensors": {f"blk.{number}.x": {"shape": [1, 2]} for number in range(990)}}
    ),
    "metadata with 19,000 tokens": json.dumps({**MODELS[0].values, "tokenizer.ggml.tokens": ["a"] * 19_000}),
    "a .gguf file": b"GGUF" + bytes(FULL),
    "a .safetensors file": (9).to_bytes(8, "little") + b"{" + bytes(FULL),
    "UTF-16": full("'a', ").encode("utf-16")[: FULL * 2],
}
COPIED = {
    "objects that nobody closes": full('{"a" '),
    "1,900 objects": '{"a": 1} ' * 1_900,
    "1,900 configs": '{"dim": 1}\n' * 1_900,
    "calls of a config": full("LlamaConfig( "),
    "calls of dict": full("dict(a=1) "),
    "letters before a config's name": full("aConfig"),
    "closing brackets": '$ {"a":' + "]" * 200_000,
    "words before a config": full("some words here. ", "", json.dumps(LLAMA)),
    "words behind a config": full("some words, here. ", json.dumps(LLAMA)),
    "apostrophes": full("'a ", "x {"),
    "names in quotes before a config": full('"aaaaaaaaaaaaaaaaaaaa ', '{"a": 1} '),
    "bare names": "{" + "a: 1," * 19_000 + "}",
    "texts that are joined": full("'aaaaaaaaaaaaaaaaaaaaaaa' "),
    "texts that are joined over spaces": full("''                        "),
    "texts that are joined over lines": full("''\n\n\n\n\n\n\n\n\n\n\n\n\n"),
    "curly quotes": "“a” " * 30_000,
    "curly quotes in an object": "{" + "“" * 80_000,
    "entities": full("&quot;"),
    "entities of entities": full("&quot;&#x41;&amp;"),
    "escaped quotes": full('\\"a', "{"),
    "a config in escapes": json.dumps(json.dumps({**LLAMA, "x": "a" * 200_000}))[1:-1],
    "colours": full("\x1b[0m"),
    "colours that don't end": full("\x1b[000000"),
    "quotations": full("> a\n"),
    "quotations of quotations": full("> "),
    "numbered lines": "".join(f"{number} x\n" for number in range(1, 6_000)),
    "lines of numbers": "".join(f"{number}\n" for number in range(1, 6_000)),
    "a long line of numbers": full("  1"),
    "a git diff": full("+a\n", "@@ -0,0 +1,3 @@\n")[:50_000],
    "places of a git diff": full("@@ -0,0 +1,3 @@\n"),
    "YAML": full("a: b\n")[:80_000],
    "lines of print_info": full("print_info: n_layer = 3\n", "print_info: arch = llama\n"),
    "starts of print_info": full("print_info: "),
    "keys of the Hub's table": full("llama.x\n", "general.architecture\nllama\n")[:150_000],
}


def submit(source: Any) -> None:
    """What a submission does with a paste."""
    with suppress(ConfigError):
        check_fields(read_config(source).config)


def best_milliseconds(call: Callable[[], Any]) -> float:
    """The fastest of a few runs."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def typical_microseconds(call: Callable[[], Any], runs: int = 2000) -> float:
    """The mean of many runs."""
    start = time.perf_counter()
    for _ in range(runs):
        call()
    return (time.perf_counter() - start) / runs * 1e6


def main() -> None:
    """Print the slowest pastes, and what the usual ones take."""
    submit(LLAMA)  # the table is read once a process
    slow = {f"256 KiB: {name}": source for name, source in (ADVERSARIES | OTHER_FORMATS | COPIED).items()}
    pastes = {paste.name: paste.source for paste in CORPUS} | slow
    times = {name: best_milliseconds(lambda s=source: submit(s)) for name, source in pastes.items()}
    worst = max(times[paste.name] for paste in CORPUS)
    print(f"{len(CORPUS)} pastes of the corpus: {worst:.2f} ms at most")
    print(f"with {len(times) - len(CORPUS)} made to be slow, the slowest, in ms:")
    for name, milliseconds in sorted(times.items(), key=lambda item: -item[1])[:10]:
        print(f"  {milliseconds:8.2f}  {name}")
    print("usual calls, in µs:")
    text = json.dumps(LLAMA, indent=2)
    for name, call in {
        "read_config of a Llama's text": lambda: read_config(text),
        "check_fields of a Llama": lambda: check_fields(LLAMA),
        "resolve_fields of a Llama": lambda: resolve_fields(LLAMA),
        "resolve_fields of a Gemma 3": lambda: resolve_fields(GEMMA3),
        "resolve_fields of the largest": lambda: resolve_fields({"model_type": "dots3_note"}),
    }.items():
        print(f"  {typical_microseconds(call):8.1f}  {name}")


if __name__ == "__main__":
    main()
