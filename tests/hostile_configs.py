"""Configs of 256 KiB at most, of every kind that makes work: as long as possible where the work of it may grow.

Run as a script, it lists the slowest: `python tests/hostile_configs.py [text to look for]`.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from itertools import count, islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_BYTES = 256 * 1024
MAX_ITEMS = 19_000
MAX_OBJECTS = 1_900
LAYERS = 10_000

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "vocab_size": 32000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 4096,
    "dtype": "bfloat16",
}
SPARSE: dict[str, Any] = {
    **LLAMA,
    "model_type": "qwen3_moe",
    "architectures": ["Qwen3MoeForCausalLM"],
    "num_experts": 512,
    "num_experts_per_tok": 8,
    "moe_intermediate_size": 64,
}
LISTS = {
    "fp8": ({"quant_method": "fp8", "weight_block_size": [128, 128]}, "modules_to_not_convert"),
    "bitsandbytes": ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "llm_int8_skip_modules"),
    "awq": ({"quant_method": "awq", "bits": 4}, "modules_to_not_convert"),
    "compressed-tensors": (
        {
            "quant_method": "compressed-tensors",
            "format": "pack-quantized",
            "config_groups": {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 4, "group_size": 128}}},
        },
        "ignore",
    ),
    "modelopt": ({"quant_method": "modelopt", "quant_algo": "FP8"}, "ignore"),
}
"""Quantizations that list modules, and the field."""

PARTS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
ENTRIES: dict[str, Callable[[int], str]] = {
    "one layer's modules": lambda n: f"model.layers.{n % LAYERS}.mlp.{PARTS[4 + n % 3]}",
    "short names": lambda n: f"x{n:x}",
    "short names with dots": lambda n: f"{n % LAYERS}.mlp.{n:x}",
    "names of all lengths": lambda n: f"{n % 10}{'a' * n}",
    "names of all lengths with dots": lambda n: f"{n % 10}{'.a' * (n // 2)}{'b' * (n % 2)}",
    "globs": lambda n: f"*{n:x}*",
    "globs of layers": lambda n: f"model.layers.{n}*",
    "globs of one part": lambda n: f"*.{n % LAYERS}.mlp*",
    "globs with a question mark": lambda n: f"?{n:x}",
    "globs with sets": lambda n: f"*[{n % 10}!a-z]{n:x}[",
    "globs of brackets": lambda n: "[" * 12 + f"{n:x}",
    "globs without a name": lambda n: "*" * (n % 5 + 1) + f"{n:x}?",
    "globs of many stars": lambda n: f"m*o*l*a*r*{n:x}*p*",
    "expressions": lambda n: f"re:.*{n:x}.*",
    "expressions of layers": lambda n: f"re:model\\.layers\\.{n}\\..*",
    "expressions of one part": lambda n: f"re:.*\\.{n % LAYERS}\\.mlp\\..*",
    "expressions without a digit": lambda n: f"re:.*{letters(n)}.*",
    "alternatives": lambda n: f"re:model.layers.({'|'.join(str(n * 20 + k) for k in range(20))}).mlp.up_proj",
    "long alternatives": lambda n: f"re:.*({'|'.join(letters(n * 50 + k) for k in range(50))})",
    "nested repeats": lambda n: f"re:(([a-z.]+)*{n % 10})+x",
    "counts": lambda n: f"re:.{{{n % 20},20}}[a-z]{{1,19}}{n % 10}",
    "brackets": lambda n: f"re:{'(' * 18}a{')' * 18}{n % 10}",
    "plain text with any character": lambda n: f"re:model.layers.{n % LAYERS}.mlp",
    "many states at once": lambda n: f"re:.*[0-9].{{19}}[{letters(n)[0]}a-z].{{{n % 20 or 1}}}q?",
    "stars without an end": lambda n: f"re:.*l.*a.*y.*e.*r.*s.*{letters(n)}",
    "ends of layers": lambda n: f"{'layers.'[n % 7 :]}{n % 1_400}.mlp.up_proj",
    "skipped characters": lambda n: "re:" + "\\w*" * 60 + letters(n),
    "characters that may be missing": lambda n: "re:" + "\\w?" * 60 + letters(n),
    "sets": lambda n: f"re:[a-z0-9_.]*[^{n % 10}]{letters(n)}",
    "unreadable": lambda n: f"re:(?={n})",
    "signs": lambda n: f"model.layers.{n % LAYERS}.+",
    "signs in front": lambda n: f".*{n:x}",
    "any beginning": lambda n: f"model.*{n:x}",
}


def letters(number: int) -> str:
    """A number in letters."""
    found = "abcdefghij"[number % 10]
    while number := number // 10:
        found += "abcdefghij"[number % 10]
    return found


@cache
def first_entries(kind: str) -> tuple[tuple[str, int], ...]:
    """As many entries of a kind as a config may have, and the bytes of each in it; the same for every config."""
    found, left = [], MAX_BYTES
    for entry in islice(map(ENTRIES[kind], count()), MAX_ITEMS):
        size = _bytes_of(entry)
        left -= size
        if left < 0:
            break
        found.append((entry, size))
    return tuple(found)


def _bytes_of(item: Any) -> int:
    """Of an item in a list, its comma included."""
    return len(json.dumps(item)) + 2


def fitting(config: dict[str, Any], items: Iterable[tuple[Any, int]], place: Callable[[list[Any]], Any]) -> None:
    """As many of the items, each with its bytes, as a config may have, put where they belong."""
    left = MAX_BYTES - len(json.dumps(config)) - 200
    found = []
    for item, size in items:
        left -= size
        if left < 0 or len(found) >= MAX_ITEMS:
            break
        found.append(item)
    place(found)


def lists(*methods: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Lists of modules that stay as they are, of every kind of entry."""
    for method in methods or LISTS:
        quantization, field = LISTS[method]
        for kind in ENTRIES:
            for base, layers in ((LLAMA, LAYERS), (LLAMA, 1_400), (SPARSE, 1_100)):
                quantized = dict(quantization)
                config = {**base, "num_hidden_layers": layers, "quantization_config": quantized}
                fitting(config, first_entries(kind), lambda found, q=quantized, f=field: q.update({f: found}))  # type: ignore[misc]
                yield f"{method}: {kind} x {layers} layers of {base['model_type']}", config


def mixed() -> Iterator[tuple[str, dict[str, Any]]]:
    """A few entries of each kind that is slow alone, together as long as possible."""
    for method, (quantization, field) in LISTS.items():
        entries = ((text, _bytes_of(text)) for n in count() for text in (entry(n) for entry in ENTRIES.values()))
        quantized = dict(quantization)
        config = {**LLAMA, "num_hidden_layers": 2_800, "quantization_config": quantized}
        fitting(config, entries, lambda found, q=quantized, f=field: q.update({f: found}))  # type: ignore[misc]
        yield f"{method}: entries of all kinds", config


def groups() -> Iterator[tuple[str, dict[str, Any]]]:
    """Many groups of a quantization, and patterns with settings of their own."""
    described, _ = LISTS["compressed-tensors"]
    weights = {"num_bits": 4, "group_size": 128}
    many = {f"group_{n}": {"targets": [f"re:.*{n}.*"], "weights": weights} for n in range(MAX_OBJECTS // 3 - 10)}
    yield "groups", {**LLAMA, "quantization_config": {**described, "config_groups": many}}
    one = {"group_0": {"targets": [f"re:.*{n}x.*" for n in range(12_000)], "weights": weights}}
    yield "targets", {**LLAMA, "quantization_config": {**described, "config_groups": one}}
    dynamic = {f"-:.*\\.{n}\\..*": {} for n in range(MAX_OBJECTS)}
    yield "GPTQ dynamic", {**LLAMA, "quantization_config": {"quant_method": "gptq", "bits": 4, "dynamic": dynamic}}
    for number in (1_400, 10_000):
        for what, names in (
            ("any", [f"re:.*{n}.*" for n in range(1_900)]),
            ("layers", [f"model.layers.{n}." for n in range(1_900)]),
            ("all", [f".*x*{'y' * n}" for n in range(600)]),
        ):
            many = {name: {"bits": 4} for name in names}
            gptq = {"quant_method": "gptq", "bits": 4, "dynamic": {f"-:{name[3:]}": {} for name in names}}
            base = {**LLAMA, "num_hidden_layers": number}
            yield f"GPTQ dynamic of {what} x {number}", {**base, "quantization_config": gptq}
            rounded = {"quant_method": "auto-round", "bits": 4, "extra_config": many}
            yield f"auto-round of {what} x {number}", {**base, "quantization_config": rounded}
    layers = {f"model.layers.{n}.mlp.up_proj": {"bits": 8} for n in range(MAX_OBJECTS)}
    for name in ("extra_config", "quantized_layers", "modules_in_block_to_quantize", "layer_config"):
        yield f"auto-round {name}", {**LLAMA, "quantization_config": {"quant_method": "auto-round", name: layers}}
        yield f"modelopt {name}", {**LLAMA, "quantization_config": {"quant_method": "modelopt", name: layers}}
    yield "quantization with many fields", {**LLAMA, "quantization_config": {f"f{n}": n % 10 for n in range(17_000)}}
    mlx = {"group_size": 64, "bits": 4, **{f"model.layers.{n}.mlp.up_proj": {"bits": 8} for n in range(MAX_OBJECTS)}}
    yield "mlx", {**LLAMA, "quantization": mlx, "quantization_config": mlx}


def sizes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Fields that list one item a layer, of as many kinds of models as there are."""
    for model_type, config in defaults():
        for path, fields in [("", config), *((f"{k}.", v) for k, v in config.items() if isinstance(v, dict))]:
            for name, value in fields.items():
                if isinstance(value, list) and value and not isinstance(value[0], dict):
                    number = min(
                        9_900, (MAX_BYTES - len(json.dumps(config))) // max(len(json.dumps(one)) + 2 for one in value)
                    )
                    for changed in (value * (number // len(value)), value[:1] * number):
                        yield f"{model_type}: {path}{name} long", _with(config, path, name, changed)
                if isinstance(value, int) and not isinstance(value, bool) and "layers" in name:
                    for number in (199, 5_000, 10_000):
                        yield f"{model_type}: {path}{name} {number}", _with(config, path, name, number)


def _with(config: dict[str, Any], path: str, name: str, value: Any) -> dict[str, Any]:
    changed = {**config, "architectures": None}
    part = path.removesuffix(".")
    if part:
        changed[part] = {**config[part], name: value}
    else:
        changed[name] = value
    if isinstance(value, list):
        fields = changed[part] if part else changed
        for field in ("num_hidden_layers", "n_layer", "num_layers"):
            if field in fields:
                fields[field] = len(value)
    return changed


def defaults() -> Iterator[tuple[str, dict[str, Any]]]:
    """A config of every model type."""
    from architectures.oracle_rows import rows  # noqa: PLC0415 - a script without tests needs none

    for row in rows("defaults"):
        yield row["model_type"], row["config"]


def shapes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Many fields, many parts, deep and wide ones."""
    yield "fields", {**LLAMA, **{f"field_{n}": n for n in range(11_000)}}
    yield "fields that look like sizes", {**LLAMA, **{f"num_{n}_layers": n % 100 for n in range(9_000)}}
    yield "parts", {**LLAMA, **{f"p{n}_config": {"hidden_size": 8} for n in range(MAX_OBJECTS)}}
    yield "parts of unknown", {**LLAMA, "model_type": "x", **{f"p{n}_config": {"n": 8} for n in range(MAX_OBJECTS)}}
    typed = {"model_type": "llama", "hidden_size": 64}
    yield "parts with a type", {**LLAMA, **{f"p{n}_config": typed for n in range(MAX_OBJECTS)}}
    yield "id2label", {**LLAMA, "id2label": {str(n): f"L{n}" for n in range(9_900)}}
    yield (
        "rope parameters a layer",
        {**LLAMA, "rope_parameters": {f"k{n}": {"rope_theta": n} for n in range(MAX_OBJECTS)}},
    )
    yield "rope factors", {**LLAMA, "rope_scaling": {"rope_type": "longrope", "long_factor": [1.5] * MAX_ITEMS}}
    yield "a long text", {**LLAMA, "_name_or_path": "a/" * 120_000}
    yield "a long class", {**LLAMA, "architectures": ["A" * 250_000]}
    yield "classes", {**LLAMA, "architectures": [f"A{n}ForCausalLM" for n in range(12_000)]}
    yield "full-width", {**LLAMA, "_name_or_path": "\uff28" * 80_000}
    yield "combining marks", {**LLAMA, "_name_or_path": "\u0301\u0323" * 60_000}
    yield "token prefixes", {**LLAMA, "_name_or_path": "hf_" * 80_000}
    yield "deep", {**LLAMA, "x": _nested(30)}
    yield (
        "per_layer_config",
        {
            "model_type": "nemotron-nas",
            **LLAMA,
            "per_layer_config": {str(n): {"num_attention_heads": 4} for n in range(MAX_OBJECTS)},
        },
    )
    blocks = [
        {"attention": {"n_heads_in_group": n % 8 + 1, "no_op": False}, "ffn": {"ffn_mult": n / 7}} for n in range(600)
    ]
    yield "nemotron blocks", {**LLAMA, "model_type": "nemotron-nas", "num_hidden_layers": 600, "block_configs": blocks}
    for value in ([[1] * 9] * 1_900, [[]] * 1_900, [{}] * 1_900, list(range(19_000)), ["full_attention"] * 9_900):
        yield f"layer_types {json.dumps(value)[:20]}", {**LLAMA, "layer_types": value}
        yield f"no_rope_layers {json.dumps(value)[:20]}", {**LLAMA, "model_type": "smollm3", "no_rope_layers": value}


def _nested(depth: int) -> Any:
    value: Any = [1] * 5_000
    for _ in range(depth):
        value = [value]
    return value


KINDS = (lists, mixed, groups, sizes, shapes)


def main() -> None:
    """Lists the slowest, in seconds of this process."""
    from time import process_time  # noqa: PLC0415 - for the script alone

    from budsim_widgets.actions import Actions  # noqa: PLC0415 - the same
    from budsim_widgets.errors import BudsimError  # noqa: PLC0415 - the same

    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    Actions().calculate({**LLAMA, "num_hidden_layers": 2})
    taken = []
    for what, config in (made for kind in KINDS for made in kind()):
        if wanted not in what:
            continue
        best, answer = 9.0, ""
        for _ in range(3):
            actions, start = Actions(), process_time()
            try:
                report = actions.calculate(config)
                answer = f"{report.basis}"
            except BudsimError as error:
                answer = str(error)[:90]
            best = min(best, process_time() - start)
            if best < 0.02:
                break
        taken.append((best, what, answer))
    taken.sort(reverse=True)
    sys.stdout.writelines(f"{seconds * 1000:7.1f} ms  {what}: {answer}\n" for seconds, what, answer in taken[:60])
    sys.stdout.write(f"{len(taken)} configs\n")


if __name__ == "__main__":
    main()
