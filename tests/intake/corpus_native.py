"""Configs of other programs: Meta's and Mistral's params.json and GGUF metadata, good and bad."""

from __future__ import annotations

import json
from typing import Any

from intake.corpus import TOKEN, Paste
from intake.gguf_models import LLAMA8, MODELS, WRITERS, as_dump, as_log

META = {
    "dim": 4096,
    "ffn_dim_multiplier": 1.3,
    "multiple_of": 1024,
    "n_heads": 32,
    "n_kv_heads": 8,
    "n_layers": 32,
    "norm_eps": 1e-05,
    "rope_theta": 500000.0,
    "use_scaled_rope": True,
    "vocab_size": 128256,
}
MISTRAL = {
    "dim": 4096,
    "n_layers": 32,
    "head_dim": 128,
    "hidden_dim": 14336,
    "n_heads": 32,
    "n_kv_heads": 8,
    "norm_eps": 1e-05,
    "vocab_size": 32768,
}
MAMBA = {
    "dim": 4096,
    "n_layers": 64,
    "vocab_size": 32768,
    "n_groups": 8,
    "tie_embeddings": False,
    "model_type": "mamba",
}
VISION = {
    "hidden_size": 1024,
    "num_channels": 3,
    "image_size": 1024,
    "patch_size": 16,
    "rope_theta": 10000.0,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "adapter_bias": True,
}
MERGING = {"mm_projector_id": "patch_merge", "spatial_merge_size": 2, "add_pre_mm_projector_layer_norm": True}
MIXTRAL = {**MISTRAL, "moe": {"num_experts": 8, "num_experts_per_tok": 2}}
LOG = as_log(MODELS[0])
DUMP = as_dump(MODELS[0])


def meta(**changes: Any) -> str:
    return json.dumps({**META, **changes})


def mistral(**changes: Any) -> str:
    return json.dumps({**MISTRAL, **changes})


def gguf(**changes: Any) -> str:
    renamed = {f"llama.{name.replace('__', '.')}": value for name, value in changes.items()}
    return json.dumps({name: value for name, value in {**LLAMA8, **renamed}.items() if value is not None})


def params(name: str, source: Any) -> Paste:
    return Paste(name, source, None, repaired=True, format="params_json")


def metadata(name: str, source: Any) -> Paste:
    return Paste(name, source, None, repaired=True, format="gguf")


PARAMS = [
    params("Meta's params.json", meta()),
    params("Meta's params.json as a dict", META),
    params("Meta's params.json in Python", str(META)),
    params("Meta's params.json as a call", "ModelArgs(" + ", ".join(f"{k}={v!r}" for k, v in META.items()) + ")"),
    params("Meta's params.json in a fence", f"params.json:\n```json\n{meta()}\n```"),
    params("Meta's params.json with a comment", meta().replace("{", "{ // x\n", 1)),
    params("Meta's params.json in UTF-16", meta().encode("utf-16")),
    params("Meta's params.json with 4096.0", meta(dim=4096.0)),
    params("Meta's params.json without a factor", meta(ffn_dim_multiplier=None)),
    params("Meta's params.json without key-value heads", meta(n_kv_heads=None)),
    params("Mistral's params.json", mistral()),
    params("Mistral's params.json with a window", mistral(sliding_window=4096)),
    params("Mistral's params.json with a tied head", mistral(tied_embeddings=True)),
    params("Mixtral's params.json", json.dumps(MIXTRAL)),
    params("Pixtral's params.json", mistral(vision_encoder=VISION)),
    params("Mistral Small 3.1's params.json", mistral(vision_encoder={**VISION, **MERGING, "adapter_bias": False})),
    params("Codestral Mamba's params.json", json.dumps(MAMBA)),
    params("Ministral's params.json", mistral(sliding_window=[None, 32768, 32768, 32768])),
    params("Ministral 3's params.json", mistral(llama_4_scaling={"beta": 0.1}, rope_theta=1000000000)),
    params("params.json in a wrapper", json.dumps({"model": META})),
    params("params.json with a name", mistral(model_type="transformer")),
]
GGUF = [metadata(f"a model in {name}", write(MODELS[0])) for name, write in WRITERS.items()] + [
    metadata("a log in a fence", f"It says\n```\n{LOG}\n```\n"),
    metadata("a log with time stamps", LOG.replace("llama_model", "0.00.012 I llama_model")),
    metadata("a log with Windows line ends", LOG.replace("\n", "\r\n")),
    metadata("a log in UTF-16", LOG.encode("utf-16")),
    metadata("a dump with a cut-off template", DUMP + '\n 20: STRING | 1 | tokenizer.chat_template = "{% for m..."'),
    metadata("keys and values in columns", "\n".join(f"  {key}\t{value}" for key, value in LLAMA8.items())),
    metadata("keys and values in a table", "\n".join(f"| `{key}` | `{value}` |" for key, value in LLAMA8.items())),
    metadata("keys and values on lines of their own", "\n".join(f"{key}\n{value}" for key, value in LLAMA8.items())),
    metadata(
        "what llama.cpp says after the keys",
        "print_info: arch = llama\nprint_info: n_embd = 4096\nprint_info: n_layer = 32\nprint_info: n_head = 32\n"
        "print_info: n_head_kv = 8\nprint_info: n_ff = 14336\nprint_info: n_expert = 0\nprint_info: n_vocab = 128256\n",
    ),
    metadata("keys with equals signs", "\n".join(f"{key}={value}" for key, value in LLAMA8.items())),
    metadata("metadata as a dict", LLAMA8),
    metadata("metadata in a wrapper", {"config": LLAMA8}),
    metadata("metadata with lists of one number", gguf(attention__head_count_kv=[8] * 32)),
]
GOOD = [*PARAMS, *GGUF]


def _without(name: str) -> str:
    return json.dumps({key: value for key, value in META.items() if key != name})


BAD = [
    Paste("params.json that leaves the vocabulary open", meta(vocab_size=-1), "MISSING_FIELD", field="vocab_size"),
    Paste("params.json without a vocabulary", _without("vocab_size"), "MISSING_FIELD", field="vocab_size"),
    Paste("params.json without heads", _without("n_heads"), "MISSING_FIELD", field="num_attention_heads"),
    Paste("params.json with only two fields", '{"dim": 8, "n_layers": 2}', "MISSING_FIELD"),
    Paste("params.json with a size in quotes", meta(dim="4096"), "FIELD_TYPE", field="dim"),
    Paste("params.json with true for a size", meta(n_layers=True), "FIELD_TYPE", field="n_layers"),
    Paste("params.json with a fraction", meta(n_heads=1.5), "FIELD_TYPE", field="n_heads"),
    Paste("params.json with a list", meta(vocab_size=[1]), "FIELD_TYPE", field="vocab_size"),
    Paste("params.json with an object for a name", meta(model_type={}), "FIELD_TYPE"),
    Paste("params.json with a text for a factor", meta(ffn_dim_multiplier="1.3"), "FIELD_TYPE"),
    Paste("params.json with a negative factor", meta(ffn_dim_multiplier=-1), "FIELD_RANGE"),
    Paste("params.json with a huge factor", meta(ffn_dim_multiplier=1e300), "FIELD_RANGE"),
    Paste("params.json with an inner width too large", meta(ffn_dim_multiplier=1e8), "FIELD_RANGE"),
    Paste("params.json with a multiple of zero", meta(multiple_of=-1), "FIELD_RANGE", field="multiple_of"),
    Paste("params.json with a huge width", meta(dim=10**9), "FIELD_RANGE", field="dim"),
    Paste("params.json with a text for a base", meta(rope_theta="x"), "FIELD_TYPE", field="rope_theta"),
    Paste("params.json with heads that don't divide", meta(n_heads=33, n_kv_heads=None), "INCONSISTENT"),
    Paste("params.json with too many key-value heads", mistral(n_kv_heads=64), "INCONSISTENT"),
    Paste("params.json with a list of experts", mistral(moe=[8, 2]), "FIELD_TYPE", field="moe"),
    Paste("params.json with half of the experts", mistral(moe={"num_experts": 8}), "MISSING_FIELD"),
    Paste("params.json with experts in quotes", mistral(moe={"num_experts": "8"}), "FIELD_TYPE"),
    Paste(
        "params.json with too many chosen", mistral(moe={"num_experts": 2, "num_experts_per_tok": 9}), "INCONSISTENT"
    ),
    Paste("params.json of a vision model, cut short", mistral(vision_encoder={"hidden_size": 8}), "MISSING_FIELD"),
    Paste("params.json with a text for the eyes", mistral(vision_encoder="x"), "FIELD_TYPE", field="vision_encoder"),
    Paste(
        "params.json with eyes of a wrong size",
        mistral(vision_encoder={**VISION, "patch_size": "16"}),
        "FIELD_TYPE",
        field="vision_encoder.patch_size",
    ),
    Paste(
        "params.json with an unknown projector",
        mistral(vision_encoder={**VISION, "mm_projector_id": "patch_merge"}),
        "UNSUPPORTED",
    ),
    Paste("params.json of Llama 4", meta(moe_args={"num_experts": 16}), "UNSUPPORTED", field="moe_args"),
    Paste("params.json of Llama 3.2 Vision", meta(vision_chunk_size=560), "UNSUPPORTED"),
    Paste("params.json of Voxtral", mistral(multimodal={"whisper_model_args": {}}), "UNSUPPORTED", field="multimodal"),
    Paste(
        "params.json of Codestral Mamba, cut short", '{"dim": 8, "n_layers": 2, "model_type": "mamba"}', "MISSING_FIELD"
    ),
    Paste("params.json of Codestral Mamba with odd heads", json.dumps({**MAMBA, "dim": 99}), "INCONSISTENT"),
    Paste("params.json with windows that don't share out", mistral(sliding_window=[None, 8, 8]), "INCONSISTENT"),
    Paste("params.json with no windows in a list", mistral(sliding_window=[]), "INCONSISTENT", field="sliding_window"),
    Paste("params.json with windows of many sizes", mistral(sliding_window=[4, 8]), "UNSUPPORTED"),
    Paste("params.json with a text among its windows", mistral(_sliding_window=["x", 8]), "FIELD_TYPE"),
    Paste("params.json with latent attention", mistral(q_lora_rank=8), "UNSUPPORTED"),
    Paste("params.json cut off", meta()[:60], "TRUNCATED"),
    Paste("params.json with a token", meta(note=TOKEN), "SECRET"),
    Paste("metadata of a GGUF file, cut short", gguf(block_count=None), "MISSING_FIELD", field="num_hidden_layers"),
    Paste("metadata without a vocabulary", gguf(vocab_size=None), "MISSING_FIELD", field="vocab_size"),
    Paste("a log cut off", LOG[: LOG.index("llama.attention.head_count")], "MISSING_FIELD"),
    Paste("a log of the architecture alone", "general.architecture str = llama", "MISSING_FIELD"),
    Paste("metadata of another architecture", json.dumps({"general.architecture": "whisper"}), "UNSUPPORTED"),
    Paste("metadata of a hostile architecture", json.dumps({"general.architecture": "<b>"}), "UNSUPPORTED"),
    Paste("metadata of a list as architecture", json.dumps({"general.architecture": ["llama"]}), "UNSUPPORTED"),
    Paste("metadata of null as architecture", json.dumps({"general.architecture": None}), "UNSUPPORTED"),
    Paste("metadata of a projector", json.dumps({"general.architecture": "clip"}), "UNSUPPORTED"),
    Paste("metadata of an adapter", json.dumps({**LLAMA8, "general.type": "adapter"}), "UNSUPPORTED"),
    Paste("a log of an adapter", LOG.replace("= model", "= adapter"), "UNSUPPORTED", field="general.type"),
    Paste("metadata with a list a layer", gguf(attention__head_count_kv=[8, 4] * 16), "UNSUPPORTED"),
    Paste(
        "a dump with a list that is cut",
        DUMP.replace("head_count_kv = 8", "head_count_kv = [8, 8, ...]"),
        "UNSUPPORTED",
    ),
    Paste("print_info of many heads", "print_info: arch = llama\nprint_info: n_head = [8, 4]", "UNSUPPORTED"),
    Paste("print_info cut off", "print_info: arch = llama\nprint_info: n_embd = 4096\n", "MISSING_FIELD"),
    Paste("print_info of latent attention", "print_info: arch = deepseek2\nprint_info: n_embd = 4096\n", "UNSUPPORTED"),
    Paste("print_info of another architecture", "print_info: arch = whisper\n", "UNSUPPORTED"),
    Paste("metadata with a text for a size", gguf(block_count="many"), "FIELD_TYPE", field="llama.block_count"),
    Paste("metadata with a negative size", gguf(embedding_length=-1), "FIELD_RANGE"),
    Paste("metadata with a fraction", gguf(block_count=1.5), "FIELD_TYPE"),
    Paste("metadata with an object for a size", gguf(block_count={}), "MISSING_FIELD"),
    Paste("a log with a huge number", LOG.replace("= 4096", "= 99999999999"), "FIELD_RANGE"),
    Paste("a log with a number of 40 digits", LOG.replace("= 4096", "= " + "9" * 40), "FIELD_TYPE"),
    Paste("a log with a word for a size", LOG.replace("= 4096", "= wide"), "FIELD_TYPE"),
    Paste("metadata with experts that aren't chosen", gguf(expert_count=8), "MISSING_FIELD"),
    Paste("metadata with latent attention cut short", gguf().replace("llama", "deepseek2"), "MISSING_FIELD"),
    Paste(
        "metadata with tensors that are no object", json.dumps({"model_info": LLAMA8, "tensors": 3, "x": None}), None
    ),
    Paste(
        "metadata with a list for a tensor's name",
        json.dumps({"metadata": LLAMA8, "tensorInfos": [{"name": ["768", "50257"]}, {"name": None}, {}, 3]}),
        None,
    ),
    Paste("Mamba that doesn't divide", gguf(ssm__inner_size=4097).replace("llama", "mamba"), "UNSUPPORTED"),
    Paste("the Hub's summary of a GGUF file", '{"total": 8030261312, "architecture": "llama"}', "WRONG_FILE"),
    Paste("the Hub's summary in its answer", '{"gguf": {"total": 1, "architecture": "llama"}}', "WRONG_FILE"),
    Paste("a log with a token", LOG + f"\n general.token str = {TOKEN}", "SECRET"),
    Paste("a dump with a named token", DUMP + "\n 9: STRING | 1 | general.hf_token = 's3cret-value'", "SECRET"),
    Paste("a log with a named token", LOG + '\n- kv 9: x.access_token str = "s3cret-value"', "SECRET"),
    Paste("metadata with a token", json.dumps({**LLAMA8, "general.name": TOKEN}), "SECRET"),
    Paste(
        "metadata with a token in escapes", gguf().replace("Meta", "".join(f"\\u{ord(c):04x}" for c in TOKEN)), "SECRET"
    ),
    Paste("metadata with a token among its tokens", json.dumps({**LLAMA8, "tokenizer.ggml.tokens": [TOKEN]}), "SECRET"),
    Paste("a listing of 3,000 keys", LOG + "\nllama.x = 1" * 3000, "TOO_MANY_ITEMS"),
    Paste("a listing of 3,000 tensors", LOG + "\nblk.1.x.weight" * 3000, "TOO_MANY_ITEMS"),
    Paste("a listing of 300 KiB", LOG + " " * 300_000, "TOO_LARGE"),
    Paste("words about an architecture", "What is general.architecture?", "NOT_JSON"),
]
GOOD += [metadata(paste.name, paste.source) for paste in BAD if paste.code is None]
BAD = [paste for paste in BAD if paste.code is not None]
