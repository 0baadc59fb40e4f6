"""GGUF metadata of real models, and how many parameters their publishers count."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Model:
    """A model: its metadata, its tokens where no key counts them, whether its head is listed, its parameters."""

    name: str
    values: dict[str, Any]
    num_parameters: int
    num_tokens: int | None = None
    has_head: bool | None = None

    def __str__(self) -> str:
        return self.name


_ROWS = (Path(__file__).parent / "gguf_models.jsonl").read_text(encoding="utf-8").splitlines()
MODELS = [Model(**json.loads(row)) for row in _ROWS]
LLAMA8 = MODELS[0].values


def _kind(value: Any) -> tuple[str, str]:
    return {str: ("STRING", "str"), float: ("FLOAT32", "f32"), bool: ("BOOL", "bool")}.get(
        type(value), ("UINT32", "u32")
    )


def tensor_names(model: Model) -> list[str]:
    if model.has_head is None:
        return []
    arch = model.values["general.architecture"]
    blocks = [f"blk.{index}.attn_q.weight" for index in range(model.values[f"{arch}.block_count"])]
    return [*(["output.weight"] if model.has_head else []), "token_embd.weight", *blocks, "output_norm.weight"]


def shape_of(model: Model, name: str) -> tuple[int, ...]:
    arch = model.values["general.architecture"]
    width = model.values[f"{arch}.embedding_length"]
    rows = model.num_tokens or model.values.get(f"{arch}.vocab_size")
    return (width, rows) if name in {"token_embd.weight", "output.weight"} else (width, width)


def as_log(model: Model) -> str:
    """What llama.cpp prints while it loads the file; old versions list the tensors too."""
    lines = [f"llama_model_loader: loaded meta data with {len(model.values)} key-value pairs and 9 tensors from x.gguf"]
    for index, (key, value) in enumerate(model.values.items()):
        lines.append(f"llama_model_loader: - kv {index:3}: {key:>42} {_kind(value)[1]:<16} = {value}")
    if model.num_tokens:
        tokens = f'arr[str,{model.num_tokens}]  = ["<unk>", "<s>", "]", ...'
        lines.append(f"llama_model_loader: - kv  99: {'tokenizer.ggml.tokens':>42} {tokens}")
    for index, name in enumerate(tensor_names(model)):
        shape = ", ".join(f"{size:5}" for size in (*shape_of(model, name), 1, 1))
        lines.append(f"llama_model_loader: - tensor {index:4}: {name:>32} q4_K     [ {shape} ]")
    return "\n".join([*lines, "llama_model_loader: - type  f32:   65 tensors", "print_info: file format = GGUF V3"])


def as_dump(model: Model) -> str:
    """What gguf-dump prints."""
    lines = ["INFO:gguf-dump:* Loading: x.gguf", "* Dumping key/value pair(s)"]
    for index, (key, value) in enumerate(model.values.items(), 1):
        lines.append(f"  {index:5}: {_kind(value)[0]:10} | {1:8} | {key} = {value!r}")
    if model.num_tokens:
        lines.append(f"     99: [STRING]   | {model.num_tokens:8} | tokenizer.ggml.tokens = ['<unk>', '<s>', ...]")
    lines.append("* Dumping tensor(s)")
    for index, name in enumerate(tensor_names(model), 1):
        first, second = shape_of(model, name)
        lines.append(f"  {index:5}: {first * second:10} | {first:5}, {second:5},     1,     1 | Q4_K    | {name}")
    return "\n".join(lines)


def as_markdown(model: Model) -> str:
    """What `gguf-dump --markdown` prints."""
    lines = ["# x.gguf - GGUF Internal File Dump", "", "| POS | TYPE | Count | Key | Value |", "|--:|:--|--:|:--|:--|"]
    for index, (key, value) in enumerate(model.values.items(), 1):
        shown = f"`{value}`" if isinstance(value, str) else value
        lines.append(f"| {index:3} | {_kind(value)[0]:8} |     1 | {key:38} | {shown} |")
    if model.num_tokens:
        lines.append(
            f"|  99 | [STRING] | {model.num_tokens} | tokenizer.ggml.tokens                  | [ `<unk>`, ... ] |"
        )
    lines += ["", "| T_ID | Tensor Layer Name | Data Offset (B) |"]
    lines += [f"| {index} | {name} | 0x{index:x}80 |" for index, name in enumerate(tensor_names(model))]
    for index, name in enumerate(tensor_names(model)):
        lines.append(
            f"| {index} | {name} | (~1K) 1024 | {' x '.join(map(str, (*shape_of(model, name), 1, 1)))} | Q4_K |"
        )
    return "\n".join(lines)


def as_json(model: Model) -> str:
    """What `gguf-dump --json` prints; it has no lists, so that the embedding's shape tells the vocabulary."""
    metadata = {key: {"index": 1, "type": _kind(value)[0], "value": value} for key, value in model.values.items()}
    metadata["tokenizer.ggml.tokens"] = {"index": 9, "type": "ARRAY", "array_types": ["STRING"]}
    names = tensor_names(model) or ["token_embd.weight"]
    tensors = {name: {"index": 0, "shape": list(shape_of(model, name)), "type": "Q4_K"} for name in names}
    return json.dumps({"filename": "x.gguf", "endian": "LITTLE", "metadata": metadata, "tensors": tensors})


def as_ollama(model: Model) -> str:
    """What Ollama's `/api/show` answers."""
    info = {**model.values, "tokenizer.ggml.tokens": None}
    names = tensor_names(model) or ["token_embd.weight"]
    tensors = [{"name": name, "type": "Q4_K", "shape": list(shape_of(model, name))} for name in names]
    details = {"format": "gguf", "family": "llama", "parameter_size": "8.0B"}
    answer = {"license": "x, y", "modelfile": "FROM x", "details": details, "model_info": info, "tensors": tensors}
    return json.dumps(answer, indent=2)


def as_viewer(model: Model) -> str:
    """What the Hub's viewer and its JavaScript library give."""
    names = tensor_names(model) or ["token_embd.weight"]
    infos = [{"name": name, "n_dims": 2, "shape": [str(size) for size in shape_of(model, name)]} for name in names]
    return json.dumps({"metadata": {"version": 3, **model.values}, "tensorInfos": infos})


def as_python(model: Model) -> str:
    """What llama-cpp-python's `metadata` holds: text; without lists and tensors."""
    arch = model.values["general.architecture"]
    rows = model.num_tokens or model.values[f"{arch}.vocab_size"]
    return str({key: str(value) for key, value in {**model.values, f"{arch}.vocab_size": rows}.items()})


WRITERS = {
    "llama.cpp's log": as_log,
    "gguf-dump": as_dump,
    "gguf-dump in Markdown": as_markdown,
    "gguf-dump in JSON": as_json,
    "Ollama's answer": as_ollama,
    "the Hub's viewer": as_viewer,
    "llama-cpp-python's metadata": as_python,
}
