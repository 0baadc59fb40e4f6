"""Writes a GGUF file that says a model's shapes and holds nothing: its data are a hole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gguf
import numpy as np
from keys import keys_of

from budsim_widgets.formats.gguf.file_types import FILE_TYPES
from budsim_widgets.formats.gguf.layout import FileLayout, file_layout
from budsim_widgets.formats.gguf.rows import gguf_architecture, text_config

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from budsim_widgets.architectures import Architecture

ALIGNMENT = 32
BYTE_TOKENS = [f"<0x{value:02X}>" for value in range(256)]


def write(path: Path, architecture: Architecture, file_type: str) -> FileLayout:
    """Writes the file of a model, and gives what it holds."""
    layout = file_layout(architecture, file_type)
    row = gguf_architecture(architecture)
    if row is None:
        raise ValueError(f"llama.cpp isn't known to run {architecture.model_type}")
    config = text_config(architecture.config)
    name = row["name"]
    if name == "nemotron_h" and any("exps" in some.tensors.name for some in layout.typed):
        name = "nemotron_h_moe"
    writer = gguf.GGUFWriter(path, name)
    for key, value in {**keys_of(name, config, layout.layers), **_keys_of_tensors(name, config, layout)}.items():
        _add(writer, key, value)
    writer.add_file_type(FILE_TYPES[file_type].number)
    _add_tokenizer(writer, layout.vocab_size)
    for some in layout.typed:
        for layer in some.tensors.layers or (None,):
            writer.add_tensor_info(
                some.tensors.name if layer is None else some.tensors.name.replace("*", str(layer)),
                some.tensors.shape,
                np.dtype(np.float32),
                some.num_bytes,
                raw_dtype=gguf.GGMLQuantizationType[some.type],
            )
    _close(writer, layout)
    return layout


def _keys_of_tensors(name: str, config: Mapping[str, Any], layout: FileLayout) -> dict[str, Any]:
    """What the shapes say better than the config."""
    shapes = {some.tensors.name: some.tensors.shape for some in layout.typed}
    found: dict[str, Any] = {}
    if "blk.*.ffn_down.weight" in shapes:
        found["feed_forward_length"] = shapes["blk.*.ffn_down.weight"][-1] * (2 if name == "qwen" else 1)
    if "position_embd.weight" in shapes:
        found["context_length"] = shapes["position_embd.weight"][0]
    if "blk.*.ffn_down_shexp.weight" in shapes:
        shared = shapes["blk.*.ffn_down_shexp.weight"][-1]
        found["expert_shared_feed_forward_length"] = shared
        if name == "minimax-m3":  # whose config says how wide they are, not how many
            found["expert_shared_count"] = shared // shapes["blk.*.ffn_down_exps.weight"][-1]
    widths = {some.tensors.shape[0] for some in layout.typed if some.tensors.name == "blk.*.attn_q_norm.weight"}
    if len(widths) > 1:  # layers with a window have narrower heads
        found |= dict.fromkeys(("attention.key_length", "attention.value_length", "rope.dimension_count"), max(widths))
    routed = [some.tensors.layers for some in layout.typed if some.tensors.name == "blk.*.ffn_gate_inp.weight"]
    if routed:
        found["leading_dense_block_count"] = min(map(min, routed))
    if name.startswith("nemotron_h"):
        found |= _keys_by_layer(layout, int(config["head_dim"]))
    return {f"{name}.{key}": value for key, value in found.items()}


def _keys_by_layer(layout: FileLayout, head_dim: int) -> dict[str, Any]:
    """What each layer has: attention, a feed-forward part, or neither."""
    kv_heads, widths = [0] * layout.layers, [0] * layout.layers
    experts = 0
    for some in layout.typed:
        for layer in some.tensors.layers:
            if some.tensors.name == "blk.*.attn_k.weight":
                kv_heads[layer] = some.tensors.shape[0] // head_dim
            elif some.tensors.name in {"blk.*.ffn_up.weight", "blk.*.ffn_up_exps.weight"}:
                widths[layer] = some.tensors.shape[-2]
                experts = max(experts, some.tensors.shape[0] if "exps" in some.tensors.name else 0)
    found = {"attention.head_count_kv": kv_heads, "feed_forward_length": widths, "expert_count": experts}
    return found if experts else {**found, "expert_used_count": 0}


def _add(writer: gguf.GGUFWriter, key: str, value: Any) -> None:
    if isinstance(value, bool):
        writer.add_bool(key, value)
    elif isinstance(value, int):
        writer.add_uint32(key, value)
    elif isinstance(value, float):
        writer.add_float32(key, value)
    elif isinstance(value, list):
        writer.add_array(key, value)


def _add_tokenizer(writer: gguf.GGUFWriter, size: int) -> None:
    """A tokenizer of as many tokens, such as SentencePiece makes them."""
    tokens = ["<unk>", "<s>", "</s>", *BYTE_TOKENS, *(f"t{index}" for index in range(size))][:size]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * size)
    writer.add_token_types([2, 3, 3, *[6] * len(BYTE_TOKENS), *[1] * size][:size])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def _close(writer: gguf.GGUFWriter, layout: FileLayout) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    file = writer.fout[0]
    file.seek(0, 2)
    start = -(-file.tell() // ALIGNMENT) * ALIGNMENT
    data = sum(-(-some.num_bytes // ALIGNMENT) * ALIGNMENT * some.tensors.number for some in layout.typed)
    file.truncate(start + data)
    writer.close()
