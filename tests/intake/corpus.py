"""What people paste, good and bad, with the code that it gets. Secrets are put together at run time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

LLAMA: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "attention_bias": False,
    "bos_token_id": 128000,
    "eos_token_id": [128001, 128008],
    "head_dim": 128,
    "hidden_act": "silu",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "max_position_embeddings": 131072,
    "model_type": "llama",
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "rms_norm_eps": 1e-05,
    "rope_scaling": {"factor": 8.0, "rope_type": "llama3"},
    "rope_theta": 500000.0,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "transformers_version": "4.43.0",
    "vocab_size": 128256,
}
GEMMA3 = {
    "model_type": "gemma3",
    "architectures": ["Gemma3ForConditionalGeneration"],
    "text_config": {"hidden_size": 2560, "num_hidden_layers": 34, "intermediate_size": 10240},
    "vision_config": {"hidden_size": 1152, "num_hidden_layers": 27},
}
MIXTRAL = {**LLAMA, "model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 2}
MAMBA = {"model_type": "mamba", "hidden_size": 768, "num_hidden_layers": 24, "vocab_size": 50280}
TOKEN = "hf_" + "aB3" * 12
PRETTY = json.dumps(LLAMA, indent=2)


@dataclass(frozen=True)
class Paste:
    """A paste, and what it gets: the code of its refusal, or None where it is taken."""

    name: str
    source: Any
    code: str | None
    field: str | None = None
    line: int | None = None
    repaired: bool = False
    format: str | None = None
    config: dict[str, Any] | None = None

    def __str__(self) -> str:
        return self.name


def llama(**changes: Any) -> str:
    return json.dumps({**LLAMA, **changes})


def without(*names: str, config: dict[str, Any] | None = None) -> str:
    return json.dumps({name: value for name, value in (config or LLAMA).items() if name not in names})


def nested(depth: int) -> str:
    return llama(extra=None).replace("null", "[" * depth + "]" * depth)


def repeated(text: str, times: int) -> str:
    return '{"x": [' + ",".join([text] * times) + "]}"


TAKEN = [
    Paste("llama", PRETTY, None),
    Paste("llama on one line", json.dumps(LLAMA), None),
    Paste("llama as bytes", PRETTY.encode(), None),
    Paste("llama as a bytearray", bytearray(PRETTY.encode()), None),
    Paste("llama as a memoryview", memoryview(PRETTY.encode()), None),
    Paste("llama as a dict", LLAMA, None),
    Paste("a dict with tuples and whole-number keys", {**LLAMA, "id2label": {0: "A"}, "eos_token_id": (1, 2)}, None),
    Paste("gemma3", json.dumps(GEMMA3), None),
    Paste("gemma3 with a bare text_config", json.dumps({"model_type": "gemma3", "text_config": {}}), None),
    Paste("mixtral", json.dumps(MIXTRAL), None),
    Paste("mamba has no attention", json.dumps(MAMBA), None),
    Paste("gpt2", '{"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "vocab_size": 50257}', None),
    Paste("gpt2 under common names", llama(model_type="gpt2"), None),
    Paste("t5", '{"model_type":"t5","d_model":512,"num_layers":6,"num_heads":8,"d_kv":64,"vocab_size":32128}', None),
    Paste("mpt", '{"model_type": "mpt", "d_model": 64, "n_layers": 2, "n_heads": 4, "vocab_size": 100}', None),
    Paste(
        "bart",
        '{"model_type": "bart", "d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "vocab_size": 9,'
        ' "encoder_attention_heads": 4, "decoder_attention_heads": 4}',
        None,
    ),
    Paste(
        "falcon",
        '{"model_type": "falcon", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 9,'
        ' "multi_query": true, "new_decoder_architecture": false}',
        None,
    ),
    Paste(
        "mpt with a ratio",
        '{"model_type":"mpt","d_model":64,"n_layers":2,"n_heads":4,"expansion_ratio":4,"vocab_size":9}',
        None,
    ),
    *(
        Paste(
            f"a language model in {part}", json.dumps({"model_type": "chatty", part: LLAMA, "vision_config": {}}), None
        )
        for part in ("text_config", "llm_config", "language_config", "thinker_config", "language_model_config")
    ),
    Paste("bloom's older name", without("hidden_size")[:-1].replace("llama", "bloom") + ', "n_embed": 4096}', None),
    Paste("qwen2_vl with text fields at the top", llama(model_type="qwen2_vl", vision_config={"depth": 2}), None),
    Paste("an unknown type with common names", llama(model_type="chatty"), None),
    Paste("no model_type", without("model_type"), None),
    Paste(
        "an unknown type with older names",
        '{"model_type":"old","n_embd":64,"n_layer":2,"n_head":4,"n_vocab":9}',
        None,
    ),
    Paste("an unknown multimodal type", json.dumps({"model_type": "chatty_vl", "llm_config": LLAMA}), None),
    Paste("an unknown state-space type", '{"d_model":64,"n_layer":2,"vocab_size":9,"ssm_cfg":{}}', None),
    Paste("a list a layer in an unknown type", llama(model_type="many", intermediate_size=[1] * 32), None),
    Paste("a text under …_config in an unknown type", llama(model_type="many", speech_config="whisper"), None),
    Paste(
        "an infinite time_step_limit as transformers 5 writes it",
        json.dumps({**MAMBA, "time_step_limit": [0.0, {"__float__": "Infinity"}]}),
        None,
    ),
    Paste(
        "parts inside a part",
        json.dumps(
            {"model_type": "unheard", "thinker_config": {"model_type": "qwen2_5_omni_thinker", "text_config": {}}}
        ),
        None,
    ),
    Paste("null where null may stand", llama(num_key_value_heads=None, rope_scaling=None), None),
    Paste("the same key twice, the same value", PRETTY[:-1] + ', "vocab_size": 128256}', None),
    Paste("an infinite time_step_limit", json.dumps({**MAMBA, "time_step_limit": [0.0, float("inf")]}), None),
    Paste("a word like a token in a name", llama(hf_quantizer_config={"hf_short": "hf_abc"}), None),
    Paste(
        "hostile text is data", llama(_name_or_path="<script>alert(1)</script>{0.__class__}%s", note="__proto__"), None
    ),
    Paste("auto_map is data", llama(auto_map={"AutoModel": "evil--x.Model"}), None),
    Paste("a quantization config", llama(quantization_config={"quant_method": "awq", "bits": 4}), None),
    Paste("float where a float stands", llama(rope_theta=10000.0), None),
    Paste("not only ASCII", llama(note="模型 ñ 🚀"), None),
    Paste("escaped characters", llama(note="x").replace('"x"', r'"\u006d\n\t\""'), None),
    Paste("depth 32", nested(31), None),
    Paste("dense sibling of a mixture", json.dumps({**MIXTRAL, "num_local_experts": 1}), None),
    Paste("empty architectures", llama(architectures=[]), None),
    Paste("20 digits", llama(seed=10**19), None),
]

REPAIRED = [
    Paste("byte order mark", "\ufeff" + PRETTY, None, repaired=True),
    Paste("byte order mark in bytes", b"\xef\xbb\xbf" + PRETTY.encode(), None, repaired=True),
    Paste("UTF-16", PRETTY.encode("utf-16"), None, repaired=True),
    Paste("UTF-16 without a mark, little end first", PRETTY.encode("utf-16-le"), None, repaired=True),
    Paste("UTF-16 without a mark, big end first", PRETTY.encode("utf-16-be"), None, repaired=True),
    Paste("line ends of Windows", PRETTY.replace("\n", "\r\n"), None),
    Paste("line ends of old Macs", PRETTY.replace("\n", "\r"), None),
    Paste("non-breaking spaces", PRETTY.replace("  ", "\u00a0\u00a0"), None, repaired=True),
    Paste("zero-width characters around values", PRETTY.replace(": ", ": \u200b"), None, repaired=True),
    Paste("zero-width characters around everything", f"\u200b\ufeff{PRETTY}\u2060", None, repaired=True),
    Paste("white space around", f"\n\n  {PRETTY}\n\t\n", None),
    Paste("wrapper", json.dumps({"config": LLAMA}), None, repaired=True),
    Paste("wrapper of a request", json.dumps({"model_uri": "a/b", "config": LLAMA}), None, repaired=True),
    Paste("wrapper around a dict", {"config": LLAMA}, None, repaired=True),
    Paste("4096.0 for 4096", llama(hidden_size=4096.0), None, repaired=True),
    Paste("1e3 for 1000", llama().replace("128256", "1e3"), None, repaired=True),
    Paste("12.0 in a part", json.dumps({**GEMMA3, "text_config": {"num_hidden_layers": 12.0}}), None, repaired=True),
    Paste("12.0 under another name", llama(model_type="gpt2", n_positions=12.0), None, repaired=True),
]

EMPTY = [
    Paste("nothing", "", "EMPTY"),
    Paste("no bytes", b"", "EMPTY"),
    Paste("spaces", " \n\t ", "EMPTY"),
    Paste("invisible characters", "\ufeff\u200b\u00a0", "EMPTY"),
]

LIMITS = [
    Paste("257 KiB", llama(note="x" * 257 * 1024), "TOO_LARGE"),
    Paste("5 MB", "x" * 5_000_000, "TOO_LARGE"),
    Paste("5 MB of bytes", b"{" * 5_000_000, "TOO_LARGE"),
    Paste("5 MB in a dict", {"note": "x" * 5_000_000}, "TOO_LARGE"),
    Paste("256 KiB of characters that take three bytes", "模" * 100_000, "TOO_LARGE"),
    Paste("much text in a dict", {str(number): "x" * 1000 for number in range(300)}, "TOO_LARGE"),
    Paste("a number of 32 digits", llama(seed=10**31), "TOO_LARGE"),
    Paste("a number of 5,000 digits", llama().replace("128256", "9" * 5000), "TOO_LARGE"),
    Paste("a negative number of 32 digits", llama().replace("128256", "-" + "9" * 32), "TOO_LARGE"),
    Paste("a number of 5,000 digits in a dict", {**LLAMA, "seed": 10**5000}, "TOO_LARGE"),
    Paste("a huge number where infinity may stand", {**MAMBA, "time_step_limit": [10**5000]}, "TOO_LARGE"),
    Paste("a key of 5,000 digits in a dict", {**LLAMA, "id2label": {10**5000: "x"}}, "TOO_LARGE"),
    Paste("a float of 100 characters", llama().replace("1e-05", "0." + "1" * 100), "TOO_LARGE"),
    Paste("depth 33", nested(32), "TOO_DEEP"),
    Paste("depth 999", nested(999), "TOO_DEEP"),
    Paste("depth 1,999", "[" * 1999 + "]" * 1999, "TOO_DEEP"),
    Paste("1,500 brackets that nobody closes", "[" * 1500, "TOO_DEEP"),
    Paste("40 brackets and a mistake", "[" * 40 + "x", "TOO_DEEP"),
    Paste("objects inside each other", '{"a":' * 500 + "1" + "}" * 500, "TOO_DEEP"),
    Paste("100,000 brackets", "[" * 100_000, "TOO_MANY_ITEMS"),
    Paste("2,001 lists", repeated("[]", 2001), "TOO_MANY_ITEMS"),
    Paste("20,001 numbers", repeated("1", 20_002), "TOO_MANY_ITEMS"),
    Paste("256 KiB of commas", "," * 256 * 1024, "TOO_MANY_ITEMS"),
    Paste("20,001 numbers in a dict", {"x": [1] * 20_001}, "TOO_MANY_ITEMS"),
    Paste("2,001 dicts in a dict", {"x": [{} for _ in range(2001)]}, "TOO_MANY_ITEMS"),
]

ENCODINGS = [
    Paste("Latin-1", llama(note="x").replace("x", "ñ").encode("latin-1"), "ENCODING"),
    Paste("a NUL", PRETTY[:20] + "\0" + PRETTY[20:], "ENCODING"),
    Paste("an escaped NUL", llama(note="\0"), "ENCODING"),
    Paste("half a surrogate pair", PRETTY + "\ud800", "ENCODING"),
    Paste("half an escaped surrogate pair", llama(note="\ud800"), "ENCODING"),
    Paste("half a surrogate pair in a dict", {**LLAMA, "note": "\udfff"}, "ENCODING"),
    Paste("half a surrogate pair in a dict's key", {**LLAMA, "\udfff": 1}, "ENCODING"),
    Paste("odd bytes of UTF-16", PRETTY.encode("utf-16")[:-1], "ENCODING"),
    Paste("GGUF", b"GGUF\x03\x00\x00\x00" + bytes(100), "ENCODING"),
    Paste("zip", b"PK\x03\x04" + bytes(range(200)), "ENCODING"),
    Paste("pickle", b"\x80\x02}q\x00.", "ENCODING"),
    Paste("safetensors", (100).to_bytes(8, "little") + b'{"x":{}}', "ENCODING"),
    Paste("gzip", b"\x1f\x8b\x08" + bytes(20), "ENCODING"),
    Paste("PNG", b"\x89PNG\r\n\x1a\n" + bytes(20), "ENCODING"),
    Paste("random bytes", bytes(range(128, 256)), "ENCODING"),
]

NOT_JSON = [
    Paste("words", "hello", "NOT_JSON", line=1),
    Paste("a model id", "meta-llama/Llama-3.1-8B", "NOT_JSON"),
    Paste("a comma is missing", PRETTY.replace("4096,", "4096"), "NOT_JSON", line=14),
    Paste("a colon is missing", PRETTY.replace('"hidden_size":', '"hidden_size"'), "NOT_JSON", line=13),
    Paste("a quote is missing", PRETTY.replace('"silu"', '"silu'), "NOT_JSON", line=12),
    Paste("a value is missing", PRETTY.replace("4096", ""), "NOT_JSON", line=13),
    Paste("two configs", PRETTY + PRETTY, "NOT_JSON", line=30),
    Paste("the first line is missing", PRETTY.split("\n", 1)[1], "NOT_JSON"),
    Paste("a backslash", llama(note="x").replace('"x"', r'"C:\models"'), "NOT_JSON"),
    Paste("YAML", "model_type: llama\nhidden_size: 4096\n", "NOT_JSON"),
    Paste("a leading zero", llama().replace("128256", "0128256"), "NOT_JSON"),
    Paste("hexadecimal", llama().replace("128256", "0x1F500"), "NOT_JSON"),
    Paste("a plus sign", llama().replace("128256", "+128256"), "NOT_JSON"),
    Paste("Python to run", "__import__('os').system('true')", "NOT_JSON"),
    Paste(
        "a fence with a mistake keeps its lines",
        f"```json\n{PRETTY.replace('4096,', '4096')}\n```",
        "NOT_JSON",
        line=15,
    ),
    Paste("256 KiB of quotes that are escaped", '{"' + '\\"' * 120_000 + "x", "TRUNCATED"),
]

CUTS = {
    "after the first brace": "{",
    "inside a name": PRETTY[: PRETTY.index("hidden_size") + 4],
    "after a name": PRETTY[: PRETTY.index("hidden_size") + 12],
    "after a colon": PRETTY[: PRETTY.index("4096")],
    "inside a number": PRETTY[: PRETTY.index("4096") + 2],
    "after a point": PRETTY[: PRETTY.index("500000.0") + 7],
    "inside an exponent": PRETTY[: PRETTY.index("1e-05") + 2],
    "after a minus": PRETTY[: PRETTY.index("4096")] + "-",
    "after a comma": PRETTY[: PRETTY.index("4096") + 5],
    "inside true": PRETTY[: PRETTY.index("4096")] + "tr",
    "inside false": PRETTY[: PRETTY.index("false") + 3],
    "inside null": PRETTY[: PRETTY.index("4096")] + "nul",
    "inside a text": PRETTY[: PRETTY.index("silu") + 2],
    "after a backslash": PRETTY[: PRETTY.index("silu")] + "\\",
    "inside an escape": PRETTY[: PRETTY.index("silu")] + "\\u00",
    "inside a list": PRETTY[: PRETTY.index("128008") + 6],
    "before the last brace": PRETTY[:-1],
}
TRUNCATED = [Paste(f"cut off {name}", text, "TRUNCATED") for name, text in CUTS.items()]

PAGES = [
    Paste("a web page", "<!DOCTYPE html>\n<html><body>" + "{}" * 3000 + "</body></html>", "HTML_PAGE"),
    Paste("a web page without a doctype", "<html lang='en'><head></head></html>", "HTML_PAGE"),
    Paste("a piece of a web page", '<div class="x">{"model_type": "llama"}</div>', "HTML_PAGE"),
    Paste("a web page as bytes", b"  <!doctype HTML><html></html>", "HTML_PAGE"),
    Paste(
        "the Hub's gated answer",
        "Access to model meta-llama/Llama-3.1-8B is restricted. You must have access to it and be authenticated "
        "to access it. Please log in.",
        "GATED_PAGE",
    ),
    Paste(
        "the Hub's gated answer in JSON",
        '{"error": "Access to model a/b is restricted and you are not in the authorized list."}',
        "GATED_PAGE",
    ),
    Paste(
        "the gated page of a model",
        "<!DOCTYPE html><html><p>You need to agree to share your contact information to access this model</p></html>",
        "GATED_PAGE",
    ),
    Paste("a gated page's text", "Gemma\n\nYou have to accept the conditions to access its files.", "GATED_PAGE"),
    Paste(
        "access that is pending",
        "Your request to access model a/b is awaiting a review from the repo authors.",
        "GATED_PAGE",
    ),
    Paste("an error in JSON", '{"error": "Repository not found"}', "API_ERROR"),
    Paste("an error with a status", '{"statusCode": 404, "message": "Not found", "path": "/x", "at": 1}', "API_ERROR"),
    Paste("an error's detail", '{"detail": "Not Found"}', "API_ERROR"),
    Paste("an error in words", "Entry not found", "API_ERROR"),
    Paste("an error with a number", "404: Not Found", "API_ERROR"),
    Paste("a wrong password", "Invalid username or password.", "API_ERROR"),
    Paste("an error of a file server", '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "API_ERROR"),
    Paste("a traceback", "Traceback (most recent call last):\n  File", "API_ERROR"),
    Paste(
        "a git-lfs pointer",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 660\n",
        "LFS_POINTER",
    ),
]

NOT_OBJECTS = [
    Paste(f"{name} is no object", source, "NOT_OBJECT")
    for name, source in {
        "a list": "[]",
        "a list of numbers": "[1, 2]",
        "a list with a config": f"[{PRETTY}]",
        "a number": "1",
        "a text": '"config.json"',
        "null": "null",
        "true": "true",
        "a list of Python": [LLAMA],
        "None": None,
        "a number of Python": 3,
    }.items()
]

WRONG_FILES = [
    Paste(name, json.dumps(content), code)
    for name, content, code in [
        ("tokenizer_config.json", {"tokenizer_class": "LlamaTokenizer", "model_max_length": 4096}, "WRONG_FILE"),
        ("tokenizer_config.json with a template", {"chat_template": "{{x}}", "bos_token": "<s>"}, "WRONG_FILE"),
        ("tokenizer.json", {"version": "1.0", "added_tokens": [], "model": {"type": "BPE"}}, "WRONG_FILE"),
        ("special_tokens_map.json", {"bos_token": "<s>", "eos_token": {"content": "</s>"}}, "WRONG_FILE"),
        ("added_tokens.json", {"<|im_end|>": 151645}, "WRONG_FILE"),
        ("vocab.json", {"!": 0, "the": 262, "Ġa": 257}, "WRONG_FILE"),
        ("generation_config.json", {"_from_model_config": True, "eos_token_id": 2}, "WRONG_FILE"),
        ("generation_config.json with sampling", {"do_sample": True, "temperature": 0.6, "top_p": 0.9}, "WRONG_FILE"),
        ("generation_config.json, short", {"eos_token_id": 2, "transformers_version": "4.43.0"}, "WRONG_FILE"),
        ("adapter_config.json", {"peft_type": "LORA", "base_model_name_or_path": "a/b", "r": 8}, "WRONG_FILE"),
        (
            "model_index.json",
            {"_class_name": "FluxPipeline", "_diffusers_version": "0.30", "scheduler": ["a", "b"]},
            "WRONG_FILE",
        ),
        ("safetensors index", {"metadata": {"total_size": 1}, "weight_map": {"a": "b"}}, "WRONG_FILE"),
        ("preprocessor_config.json", {"image_processor_type": "X", "size": {"height": 2}}, "WRONG_FILE"),
        ("processor_config.json", {"processor_class": "Gemma3Processor", "image_seq_length": 256}, "WRONG_FILE"),
        ("quantize_config.json", {"bits": 4, "group_size": 128, "desc_act": False}, "WRONG_FILE"),
        ("hf_quant_config.json", {"producer": {"name": "modelopt"}, "quantization": {}}, "WRONG_FILE"),
        (
            "model info of the Hub",
            {"id": "a/b", "modelId": "a/b", "siblings": [], "config": {"model_type": "llama"}},
            "WRONG_FILE",
        ),
        ("files of the Hub", [{"type": "file", "oid": "1", "size": 2, "path": "config.json"}], "WRONG_FILE"),
        ("modules.json", [{"idx": 0, "type": "sentence_transformers.models.Transformer"}], "WRONG_FILE"),
        ("pooling config", {"word_embedding_dimension": 768, "pooling_mode_mean_tokens": True}, "WRONG_FILE"),
        ("trainer_state.json", {"global_step": 1, "log_history": [], "epoch": 1.0}, "WRONG_FILE"),
        ("DeepSpeed", {"zero_optimization": {"stage": 3}}, "WRONG_FILE"),
        ("notebook", {"cells": [], "nbformat": 4, "metadata": {}}, "WRONG_FILE"),
        (
            "params.json",
            {"dim": 4096, "n_layers": 32, "n_heads": 32, "norm_eps": 1e-5, "vocab_size": -1},
            "MISSING_FIELD",
        ),
        ("metadata of a GGUF file", {"general.architecture": "llama", "llama.block_count": 32}, "MISSING_FIELD"),
        ("ModelScope", {"framework": "pytorch", "task": "chat"}, "WRONG_FILE"),
        ("header of safetensors", {"a": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}, "WRONG_FILE"),
        ("diffusers component", {"_class_name": "UNet2D", "_diffusers_version": "0.3", "dim": 3}, "UNSUPPORTED"),
        ("timm", {"architecture": "vit_base", "num_features": 768, "pretrained_cfg": {}}, "UNSUPPORTED"),
        ("open_clip", {"model_cfg": {"embed_dim": 512}, "preprocess_cfg": {}}, "UNSUPPORTED"),
        ("a vision model", {"model_type": "vit", "hidden_size": 768, "num_hidden_layers": 12}, "UNSUPPORTED"),
        ("a detector", {"model_type": "detr", "d_model": 256}, "UNSUPPORTED"),
    ]
]

SECRETS = [
    Paste("a token", llama(note=TOKEN), "SECRET"),
    Paste("a token in words", f"my token is {TOKEN}", "SECRET"),
    Paste("a token as bytes", TOKEN.encode(), "SECRET"),
    Paste("a token in UTF-16", llama(note=TOKEN).encode("utf-16"), "SECRET"),
    Paste("a token in a dict", {**LLAMA, "note": TOKEN}, "SECRET"),
    Paste("a token as a key", {**LLAMA, TOKEN: 1}, "SECRET"),
    Paste("a token in escapes", llama(note="X").replace("X", "".join(f"\\u{ord(c):04x}" for c in TOKEN)), "SECRET"),
    Paste("a token in a URL", llama(_name_or_path=f"https://me:{TOKEN}@huggingface.co/a/b"), "SECRET"),
    Paste("a token in broken JSON", f'{{"note": "{TOKEN}"', "SECRET"),
    Paste("a token in a web page", f"<html>{TOKEN}</html>", "SECRET"),
    Paste("a bearer", f"Authorization: Bearer {'x7' * 10}", "SECRET"),
    Paste("a bearer in lower case", llama(header=f"bearer {'abc.' * 5}"), "SECRET"),
    Paste("an OpenAI key", llama(note="sk-" + "a1" * 20), "SECRET"),
    Paste("a GitHub token", llama(note="gh" + "p_" + "a1" * 18), "SECRET"),
    Paste("an AWS key", llama(note="AK" + "IA" + "Q7" * 8), "SECRET"),
    Paste("a private key", "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIB", "SECRET"),
    Paste("a field named as a token", json.dumps({**LLAMA, "hf_token": "s3cret-value"}), "SECRET"),
    Paste("a password", json.dumps({**LLAMA, "password": "hunter2"}), "SECRET"),
]

NUMBERS = [
    Paste("NaN", llama(x=float("nan")), "NON_FINITE"),
    Paste("Infinity", llama(x=float("inf")), "NON_FINITE"),
    Paste("-Infinity in a list", llama(x=[float("-inf")]), "NON_FINITE"),
    Paste("1e400", llama().replace("1e-05", "1e400"), "NON_FINITE"),
    Paste("NaN in a dict", {**LLAMA, "x": float("nan")}, "NON_FINITE", field="x"),
    Paste("NaN as a time_step_limit", {**MAMBA, "time_step_limit": [0.0, float("nan")]}, "NON_FINITE"),
    Paste("the same key twice", PRETTY[:-1] + ', "vocab_size": 1}', "DUPLICATE_KEY", field="vocab_size"),
    Paste("the same key twice, 1 and true", '{"a": 1, "a": true}', "DUPLICATE_KEY", field="a"),
    Paste("the same key twice in a part", '{"x": {"a": 1, "a": 2}}', "DUPLICATE_KEY", field="a"),
    Paste("a set in a dict", {**LLAMA, "x": {1, 2}}, "FIELD_TYPE", field="x"),
    Paste("bytes in a dict", {**LLAMA, "x": b"1"}, "FIELD_TYPE", field="x"),
    Paste("a key that is no text", {**LLAMA, None: 1}, "FIELD_TYPE"),
]

MISSING = [
    Paste("nothing in it", "{}", "MISSING_FIELD"),
    Paste("only a model_type", '{"model_type": "llama"}', "MISSING_FIELD", field="hidden_size"),
    Paste("no hidden_size", without("hidden_size"), "MISSING_FIELD", field="hidden_size"),
    Paste("no layers", without("num_hidden_layers"), "MISSING_FIELD", field="num_hidden_layers"),
    Paste("no heads", without("num_attention_heads"), "MISSING_FIELD", field="num_attention_heads"),
    Paste("no vocabulary", without("vocab_size"), "MISSING_FIELD", field="vocab_size"),
    Paste("null for a size", llama(hidden_size=None), "MISSING_FIELD", field="hidden_size"),
    Paste("a multimodal model without parts", '{"model_type": "llava"}', "MISSING_FIELD", field="text_config"),
    Paste("gpt2 without heads", '{"model_type":"gpt2","n_embd":8,"n_layer":2,"vocab_size":9}', "MISSING_FIELD"),
    Paste("mamba without layers", without("num_hidden_layers", config=MAMBA), "MISSING_FIELD"),
    Paste("qwen2_vl with nothing", '{"model_type": "qwen2_vl", "vision_config": {}}', "MISSING_FIELD"),
    Paste("unknown type with nothing", '{"model_type": "chatty"}', "MISSING_FIELD"),
    Paste("some other object", '{"name": "x", "version": "1.0"}', "MISSING_FIELD"),
]

TYPES = [
    Paste("a number in quotes", llama(hidden_size="4096"), "FIELD_TYPE", field="hidden_size"),
    Paste("true for a number", llama(num_hidden_layers=True), "FIELD_TYPE", field="num_hidden_layers"),
    Paste("a fraction for a number", llama(vocab_size=1.5), "FIELD_TYPE", field="vocab_size"),
    Paste("a list for a number", llama(num_attention_heads=[32]), "FIELD_TYPE", field="num_attention_heads"),
    Paste("an object for a number", llama(intermediate_size={}), "FIELD_TYPE", field="intermediate_size"),
    Paste("null for a number that has no default", llama(intermediate_size=None), "FIELD_TYPE"),
    Paste("a number for a flag", llama(attention_bias=1), "FIELD_TYPE", field="attention_bias"),
    Paste("a text for a flag", llama(tie_word_embeddings="false"), "FIELD_TYPE", field="tie_word_embeddings"),
    Paste("a text for a list", llama(model_type="gemma2", layer_types="full"), "FIELD_TYPE", field="layer_types"),
    Paste("a number for model_type", llama(model_type=3), "FIELD_TYPE", field="model_type"),
    Paste("a list for model_type", llama(model_type=["llama"]), "FIELD_TYPE", field="model_type"),
    Paste("a number for a dtype", llama(torch_dtype=16), "FIELD_TYPE", field="torch_dtype"),
    Paste("a text for architectures", llama(architectures="Llama"), "FIELD_TYPE", field="architectures"),
    Paste("a text for a part", json.dumps({**GEMMA3, "vision_config": "x"}), "FIELD_TYPE", field="vision_config"),
    Paste(
        "a text in a part",
        json.dumps({**GEMMA3, "text_config": {"hidden_size": "x"}}),
        "FIELD_TYPE",
        field="text_config.hidden_size",
    ),
    Paste("a number in quotes, unknown type", llama(model_type="chatty", n_head="8"), "FIELD_TYPE", field="n_head"),
    Paste("a text for a quantization config", llama(quantization_config="awq"), "FIELD_TYPE"),
    Paste("a text for the text part of an unknown type", llama(model_type="chatty", llm_config="x"), "FIELD_TYPE"),
    Paste("a number for a list, unknown type", llama(model_type="chatty", layer_types=7), "FIELD_TYPE"),
    Paste("a list for one number, unknown type", llama(model_type="chatty", num_key_value_heads=[8]), "FIELD_TYPE"),
    Paste("flat text field of a wrong type", llama(model_type="qwen2_vl", hidden_size="8"), "FIELD_TYPE"),
    Paste(
        "attention_types that are no list of lists",
        json.dumps({"model_type": "gpt_neo", "hidden_size": 8, "num_layers": 2, "num_heads": 2, "vocab_size": 9})[:-1]
        + ', "attention_types": [1]}',
        "FIELD_TYPE",
    ),
]

RANGES = [
    Paste("no layers at all", llama(num_hidden_layers=0), "FIELD_RANGE", field="num_hidden_layers"),
    Paste("a negative size", llama(hidden_size=-1), "FIELD_RANGE", field="hidden_size"),
    Paste("Llama 2's vocabulary of -1", llama(vocab_size=-1), "FIELD_RANGE", field="vocab_size"),
    Paste("too many layers", llama(num_hidden_layers=10_001), "FIELD_RANGE", field="num_hidden_layers"),
    Paste("too wide", llama(hidden_size=1_000_001), "FIELD_RANGE", field="hidden_size"),
    Paste("a vocabulary too large", llama(vocab_size=10_000_001), "FIELD_RANGE", field="vocab_size"),
    Paste("too many experts", json.dumps({**MIXTRAL, "num_local_experts": 10**6}), "FIELD_RANGE"),
    Paste("no key-value heads", llama(num_key_value_heads=0), "FIELD_RANGE", field="num_key_value_heads"),
    Paste("a huge number", llama(intermediate_size=10**19), "FIELD_RANGE", field="intermediate_size"),
    Paste("a huge number in a part", json.dumps({**GEMMA3, "text_config": {"hidden_size": 10**9}}), "FIELD_RANGE"),
    Paste("a huge number in an unknown type", llama(model_type="chatty", hidden_size=10**9), "FIELD_RANGE"),
    Paste("a huge number in a list", llama(model_type="gemma3n_text", intermediate_size=[10**9] * 32), "FIELD_RANGE"),
    Paste(
        "zero in a list that others are divided by",
        json.dumps({"model_type": "internvl", "text_config": {}, "vision_config": {"patch_size": [0, 14]}}),
        "FIELD_RANGE",
        field="vision_config.patch_size",
    ),
    Paste(
        "a ratio of zero",
        json.dumps({"model_type": "internvl", "text_config": {}, "downsample_ratio": 0.0}),
        "FIELD_RANGE",
        field="downsample_ratio",
    ),
    Paste("a long list", llama(model_type="gemma2", layer_types=["x"] * 10_001), "FIELD_RANGE", field="layer_types"),
    Paste("a huge float", llama(model_type="lfm2", block_ffn_dim_multiplier=1e300), "FIELD_RANGE"),
]

VALUES = [
    Paste("a path for model_type", llama(model_type="../../etc/passwd"), "FIELD_VALUE", field="model_type"),
    Paste("a script for model_type", llama(model_type="<script>"), "FIELD_VALUE", field="model_type"),
    Paste("a long model_type", llama(model_type="x" * 101), "FIELD_VALUE", field="model_type"),
    Paste("a model_type with a line end", llama(model_type="llama\n"), "FIELD_VALUE", field="model_type"),
    Paste("an unknown dtype", llama(torch_dtype="float17"), "FIELD_VALUE", field="torch_dtype"),
    Paste("a hostile dtype", llama(dtype="__import__('os')"), "FIELD_VALUE", field="dtype"),
    Paste("a hostile architecture", llama(architectures=["a b"]), "FIELD_VALUE", field="architectures"),
    Paste("a hostile type in a part", json.dumps({**GEMMA3, "text_config": {"model_type": "/"}}), "FIELD_VALUE"),
]

INCONSISTENT = [
    Paste("heads don't divide the width", without("head_dim").replace(": 4096", ": 4097"), "INCONSISTENT"),
    Paste("more key-value heads than heads", llama(num_key_value_heads=64), "INCONSISTENT"),
    Paste("key-value heads that don't divide", llama(num_key_value_heads=5), "INCONSISTENT"),
    Paste("two names disagree", llama(model_type="gpt2", n_embd=8), "INCONSISTENT"),
    Paste("two names disagree in an unknown type", llama(model_type="chatty", n_embd=8), "INCONSISTENT"),
    Paste("too few layer_types", llama(model_type="gemma2", layer_types=["full_attention"]), "INCONSISTENT"),
    Paste("too many layer_types", llama(model_type="qwen3", layer_types=["full_attention"] * 33), "INCONSISTENT"),
    Paste("more chosen experts than experts", json.dumps({**MIXTRAL, "num_experts_per_tok": 9}), "INCONSISTENT"),
    Paste(
        "more key-value heads than heads in a part",
        json.dumps({**GEMMA3, "text_config": {"num_key_value_heads": 16}}),
        "INCONSISTENT",
        field="text_config.num_key_value_heads",
    ),
    Paste(
        "attention_types of another length",
        '{"model_type": "gpt_neo", "hidden_size": 8, "num_layers": 4, "num_heads": 2, "vocab_size": 9, '
        '"attention_types": [[["global", "local"], 1000000000]]}',
        "INCONSISTENT",
        field="attention_types",
    ),
]

PLAIN_REFUSED = [
    *EMPTY,
    *LIMITS,
    *ENCODINGS,
    *NOT_JSON,
    *TRUNCATED,
    *PAGES,
    *NOT_OBJECTS,
    *WRONG_FILES,
    *SECRETS,
    *NUMBERS,
    *MISSING,
    *TYPES,
    *RANGES,
    *VALUES,
    *INCONSISTENT,
]
PLAIN = [*TAKEN, *REPAIRED, *PLAIN_REFUSED]
"""JSON and dicts; the other formats are in modules of their own."""
