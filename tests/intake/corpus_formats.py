"""Configs as Python, chats and editors write them, good and bad."""

from __future__ import annotations

import json

from intake.corpus import GEMMA3, LLAMA, MAMBA, MIXTRAL, PRETTY, TOKEN, Paste, llama

REPR = str(LLAMA)
CALL = "LlamaConfig(" + ", ".join(f"{name}={value!r}" for name, value in LLAMA.items() if name != "model_type") + ")"
ESCAPED = "".join(f"\\x{ord(character):02x}" for character in TOKEN)


def python(name: str, source: str, config: dict[str, object] | None = None) -> Paste:
    return Paste(name, source, None, repaired=True, format="python", config=config or LLAMA)


def printed(name: str, source: str, config: dict[str, object] | None = None) -> Paste:
    return Paste(name, source, None, repaired=True, format="config_repr", config=config or LLAMA)


def fixed(name: str, source: str, config: dict[str, object] | None = None) -> Paste:
    return Paste(name, source, None, repaired=True, format="json", config=config or LLAMA)


PYTHON = [
    python("a dict", REPR),
    python("a dict with double quotes and Python's words", PRETTY.replace("false", "False")),
    python("a dict on many lines", REPR.replace(", '", ",\n '")),
    python("a dict with None", str({**LLAMA, "rope_scaling": None}), {**LLAMA, "rope_scaling": None}),
    python("a dict with a tuple", REPR.replace("[128001, 128008]", "(128001, 128008)")),
    python("a dict with a tuple of one", REPR.replace("[128001, 128008]", "(7,)"), {**LLAMA, "eos_token_id": [7]}),
    python("a dict with an empty tuple", REPR.replace("['LlamaForCausalLM']", "()"), {**LLAMA, "architectures": []}),
    python("a dict with brackets around a number", REPR.replace("4096,", "(4096),")),
    python("a dict with a torch dtype", REPR.replace("'bfloat16'", "torch.bfloat16")),
    python("a dict with underscores in numbers", REPR.replace("128256", "128_256")),
    python("a dict with a bare point", REPR.replace("500000.0", "500000.")),
    python("a dict with a leading point", REPR.replace("1e-05", ".5"), {**LLAMA, "rms_norm_eps": 0.5}),
    python("a dict with texts side by side", REPR.replace("'silu'", "'si' \"l\"\n 'u'")),
    python("a dict with a text in brackets", REPR.replace("'silu'", "('s' 'i'\n 'l\\x75')")),
    python("a dict with comments", REPR.replace("{", "{ # a Llama\n", 1)),
    python("a dict with a comma at the end", REPR[:-1] + ",}"),
    python("a dict with quotes inside quotes", str({**LLAMA, "note": 'it\'s "so"'}), {**LLAMA, "note": 'it\'s "so"'}),
    python("a dict with escapes", str({**LLAMA, "note": "a\\b\n\x07é\x9f"}), {**LLAMA, "note": "a\\b\n\x07é\x9f"}),
    python("a dict with a long escape", REPR.replace("'silu'", "'\\U0001F680'"), {**LLAMA, "hidden_act": "🚀"}),
    python("a dict with words in texts", str({**LLAMA, "note": "True, None"}), {**LLAMA, "note": "True, None"}),
    python("a dict in an assignment", f"config = {REPR}"),
    python("a dict in a dict call", f"dict({REPR})"),
    python("keywords in a dict call", f"dict({CALL[12:-1]}, model_type='llama')"),
    python("a namespace", f"namespace({CALL[12:-1]}, model_type='llama')"),
    python("a dict that is unpacked", f"AutoConfig.from_dict(**{REPR})"),
    python("a dict from a console", f">>> model.config.to_dict()\n{REPR}"),
    python("a dict from a notebook", f"In [3]: model.config.to_dict()\nOut[3]: {REPR}"),
    python("a dict after an import", f"import torch\nfrom transformers import LlamaConfig\n\nconfig = {REPR}"),
    python("a dict in a fence", f"```python\n{REPR}\n```"),
    python("a dict of a gemma3", str(GEMMA3), GEMMA3),
    python("a dict of a mixtral", str(MIXTRAL), MIXTRAL),
    python("a dict in a wrapper", str({"config": LLAMA})),
    python("a dict with Windows line ends", REPR.replace(", '", ",\r\n '")),
    python("a dict with odd spaces", REPR.replace(": ", ":\u00a0")),
    python(
        "an infinite time_step_limit of Python",
        str({**MAMBA, "time_step_limit": (0.0, float("inf"))}),
        {**MAMBA, "time_step_limit": [0.0, {"__float__": "Infinity"}]},
    ),
    python("JSON in quotes of Python", repr(json.dumps(LLAMA))),
    python("pretty JSON in quotes of Python", repr(PRETTY)),
]

PRINTED = [
    printed("printed by transformers", f"LlamaConfig {PRETTY}"),
    printed("printed in a notebook", f"Out[12]: LlamaConfig {PRETTY}\n"),
    printed("printed in a console", f">>> print(model.config)\nLlamaConfig {PRETTY}"),
    printed("printed into a variable", f"config = LlamaConfig {PRETTY}"),
    printed("printed in a fence", f"```\nLlamaConfig {PRETTY}\n```"),
    printed("printed with a part", f"Gemma3Config {json.dumps(GEMMA3, indent=2)}", GEMMA3),
    printed("a call", CALL),
    printed("a call on many lines", CALL.replace(", ", ",\n    ")),
    printed("a call into a variable", f"from transformers import LlamaConfig\nconfig = LlamaConfig{CALL[11:]};"),
    printed("a call of a module", f"transformers.{CALL}"),
    printed("a call with spaces", CALL.replace("=", " = ").replace("Config(", "Config ( ")),
    printed("a call with a comma at the end", CALL[:-1] + ",\n)"),
    printed("a call with a dict", f"LlamaConfig.from_dict({REPR})"[:-1].replace(".from_dict", "") + ")"),
    printed(
        "a call that leaves sizes to the class",
        "MistralConfig(sliding_window=None)",
        {
            "model_type": "mistral",
            "sliding_window": None,
            "hidden_size": 4096,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "vocab_size": 32000,
        },
    ),
    printed(
        "a call under the class's own names",
        "GPT2Config(n_embd=64, n_layer=2, n_head=4)",
        {"model_type": "gpt2", "n_embd": 64, "n_layer": 2, "n_head": 4, "vocab_size": 50257},
    ),
]

LENIENT = [
    fixed("a comma too many", PRETTY[:-2] + ",\n}"),
    fixed("a comma too many in a list", PRETTY.replace("128008\n", "128008,\n")),
    fixed("comments after slashes", PRETTY.replace("{", "{ // Llama", 1)),
    fixed("comments after a hash", PRETTY.replace("{", "{\n# Llama", 1)),
    fixed("a comment before the config", f"# config.json\n{PRETTY}"),
    fixed("a comment after the config", f"{PRETTY}\n// end"),
    fixed("a comment between stars", PRETTY.replace("4096,", "4096, /* the\nwidth */")),
    fixed("comments with quotes and brackets", PRETTY.replace("4096,", '4096, // "it\'s" {[(')),
    fixed("comments on every line", PRETTY.replace(",\n", ", // x\n")),
    fixed("a comma too many before a comment", PRETTY[:-2] + ", // last\n}"),
    fixed("JavaScript", f"const config = {PRETTY};"),
    fixed("a comment mark in a text stays", llama(note="http://x # y /* z */")[:-1] + ",}"),
]
LENIENT[-1] = fixed(LENIENT[-1].name, LENIENT[-1].source, {**LLAMA, "note": "http://x # y /* z */"})

MARKDOWN = [
    fixed("Markdown fence", f"```json\n{PRETTY}\n```"),
    fixed("Markdown fence without a language", f"\n```\n{PRETTY}\n```\n\n"),
    fixed("Markdown fence of tildes", f"~~~\n{PRETTY}\n~~~"),
    fixed("Markdown fence that isn't closed", f"```json\n{PRETTY}\n"),
    fixed("Markdown fence in an answer", f"Sure! Here it is:\n\n```json\n{PRETTY}\n```\n\nAnything else?"),
    fixed("Markdown fence that is indented", f"1. the config:\n\n   ```json\n{PRETTY}\n   ```"),
    fixed("Markdown fence of four", f"````json\n{PRETTY}\n````"),
    fixed(
        "Markdown with another block",
        f"Run\n```sh\ncat config.json\n```\nand get\n```json\n{PRETTY}\n```\n",
    ),
    fixed("Markdown with comments in the fence", f"```jsonc\n{PRETTY.replace('{', '{ // x', 1)}\n```"),
    fixed("Markdown with Windows line ends", f"Here:\r\n```json\r\n{PRETTY}\r\n```\r\n".replace("\n", "\n")),
    fixed("Markdown in UTF-16", f"Here:\n```json\n{PRETTY}\n```".encode("utf-16").decode("utf-16")),
]

GOOD = [*PYTHON, *PRINTED, *LENIENT, *MARKDOWN]

BAD = [
    Paste("a dict without a comma", REPR.replace(", 'hidden_size'", " 'hidden_size'"), "NOT_JSON", line=1),
    Paste("a dict without a colon", REPR.replace("'hidden_size':", "'hidden_size'"), "NOT_JSON"),
    Paste("a dict with an expression", REPR.replace("4096", "64 * 64"), "NOT_JSON"),
    Paste("a dict with a call", REPR.replace("4096", "int('4096')"), "NOT_JSON"),
    Paste("a dict with a variable", REPR.replace("4096", "width"), "NOT_JSON"),
    Paste("a dict with an ellipsis", REPR.replace("4096", "..."), "NOT_JSON"),
    Paste("a dict with a set", REPR.replace("[128001, 128008]", "{128001, 128008}"), "NOT_JSON"),
    Paste("a dict with bytes", REPR.replace("'silu'", "b'silu'"), "NOT_JSON"),
    Paste("a dict with an f-string", REPR.replace("'silu'", "f'{x}'"), "NOT_JSON"),
    Paste("a list of JSON without a comma", '["a" "b"]', "NOT_JSON"),
    Paste("texts of JSON side by side", PRETTY.replace('"silu"', '"si" "lu"'), "NOT_JSON", line=12),
    Paste("a dict with a lambda", REPR.replace("4096", "lambda: 1"), "NOT_JSON"),
    Paste("a dict with a comprehension", "{k: 1 for k in 'abc'}", "NOT_JSON", line=1),
    Paste("a dict with a complex number", REPR.replace("4096", "4096j"), "NOT_JSON"),
    Paste("a dict with hexadecimal", REPR.replace("4096", "0x1000"), "NOT_JSON"),
    Paste("a dict with brackets that don't match", REPR.replace("128008]", "128008)"), "NOT_JSON"),
    Paste("a dict with round brackets that don't match", REPR.replace("[128001, 128008]", "(1, 2]"), "NOT_JSON"),
    Paste("a tuple of one bracket", "(1, 2]", "NOT_JSON"),
    Paste("a dict with two commas", REPR.replace(", 'hidden_size'", ",, 'hidden_size'"), "NOT_JSON"),
    Paste("a list of a comma", "[,]", "NOT_JSON", line=1),
    Paste("a dict of a comma", "{,}", "NOT_JSON", line=1),
    Paste("a dict cut off in a text", REPR[: REPR.index("silu") + 2], "TRUNCATED"),
    Paste("a dict cut off in a word", REPR[: REPR.index("False") + 2], "TRUNCATED"),
    Paste("a dict cut off in a list", REPR[: REPR.index("128008")], "TRUNCATED"),
    Paste("a dict cut off in a tuple", "{'a': (1, 2", "TRUNCATED"),
    Paste("a dict cut off before the end", REPR[:-1], "TRUNCATED"),
    Paste("a call cut off", CALL[:-1], "TRUNCATED"),
    Paste("a call cut off in a name", CALL[: CALL.index("hidden_size") + 6], "NOT_JSON"),
    Paste("a printout cut off", f"LlamaConfig {PRETTY[:-1]}", "TRUNCATED"),
    Paste("a printout cut off in the middle", f"LlamaConfig {PRETTY[:300]}", "TRUNCATED"),
    Paste("a commented config cut off", PRETTY.replace("{", "{ // x", 1)[:-1], "TRUNCATED"),
    Paste("a comment that nobody closes", PRETTY.replace("4096,", "4096, /* x"), "TRUNCATED"),
    Paste("a quote that nobody closes", REPR.replace("'silu'", "'silu").replace(", 'hi", ",\n'hi"), "NOT_JSON"),
    Paste(
        "a printout with a mistake keeps its lines", f"\n\nLlamaConfig {PRETTY.replace('4096,', '4096')}", "NOT_JSON"
    ),
    Paste("a mistake below a comment", f"// x\n/* y\n z */ {PRETTY.replace('4096,', '4096')}", "NOT_JSON", line=16),
    Paste("a mistake below prose", f"a\nb\n```json\n{PRETTY.replace('4096,', '4096')}\n```", "NOT_JSON", line=17),
    Paste("a class that runs", "LlamaConfig(hidden_size=__import__('os').system('true'))", "NOT_JSON"),
    Paste("a format of a text", REPR.replace("'silu'", "'{}'.format(1)"), "NOT_JSON"),
    Paste("the same key twice in a dict", "{'a': 1, 'a': 2}", "DUPLICATE_KEY", field="a"),
    Paste("the same name twice in a call", "LlamaConfig(a=1, a=2)", "DUPLICATE_KEY", field="a"),
    Paste("nan in a dict", REPR.replace("1e-05", "nan"), "NON_FINITE"),
    Paste("-inf in a dict", REPR.replace("1e-05", "-inf"), "NON_FINITE"),
    Paste("1e999 in a dict", REPR.replace("1e-05", "1e999"), "NON_FINITE"),
    Paste("5,000 digits in a dict's text", REPR.replace("128256", "9" * 5000), "TOO_LARGE"),
    Paste("4,000 digits between underscores", REPR.replace("128256", "9_" * 4000 + "9"), "TOO_LARGE"),
    Paste("a dict of depth 40", "{'a': " * 40 + "1" + "}" * 40, "TOO_DEEP"),
    Paste("tuples of depth 40", "{'a': " + "(" * 40 + "1," + ",)" * 40 + "}", "TOO_DEEP"),
    Paste("calls of depth 900", "dict(a=" * 900 + "1" + ")" * 900, "TOO_DEEP"),
    Paste("100,000 minus signs", "-" * 100_000 + "1", "NOT_JSON"),
    Paste("100,000 minus signs in a dict", "{'a': " + "-" * 100_000 + "1}", "NOT_JSON"),
    Paste("100,000 round brackets", "(" * 100_000, "TOO_MANY_ITEMS"),
    Paste("100,000 pairs of round brackets", "()" * 100_000, "TOO_MANY_ITEMS"),
    Paste("3,000 tuples in a dict", "{'a': [" + "()," * 3000 + "]}", "TOO_MANY_ITEMS"),
    Paste("20,001 items of Python", "{'a': [" + "True," * 20_002 + "]}", "TOO_MANY_ITEMS"),
    Paste("60,000 comments that interrupt", "{" + "1/**/" * 50_000 + "}", "TOO_MANY_ITEMS"),
    Paste("a list of Python's", "[1, 2, None]", "NOT_OBJECT"),
    Paste("a tuple of Python's", "(1, 2)", "NOT_OBJECT"),
    Paste("None of Python's", "None", "NOT_OBJECT"),
    Paste("a quoted id", "'meta-llama/Llama-3.1-8B'", "NOT_OBJECT"),
    Paste("a dict of a tokenizer", str({"tokenizer_class": "LlamaTokenizer", "legacy": None}), "WRONG_FILE"),
    Paste(
        "a generation config that was printed", 'GenerationConfig {\n  "eos_token_id": 2,\n  "top_p": 1}', "WRONG_FILE"
    ),
    Paste("a dict of an error", "{'error': 'Repository not found', 'code': None}", "API_ERROR"),
    Paste("a dict without sizes", "{'model_type': 'llama', 'x': None}", "MISSING_FIELD"),
    Paste("a printout without sizes", 'LlamaConfig {"model_type": "llama"}', "MISSING_FIELD"),
    Paste("a dict with a size in quotes", REPR.replace("4096", "'4096'"), "FIELD_TYPE", field="hidden_size"),
    Paste("a dict with None for a size", REPR.replace("4096", "None"), "MISSING_FIELD", field="hidden_size"),
    Paste("a call with a negative size", CALL.replace("4096", "-4096"), "FIELD_RANGE", field="hidden_size"),
    Paste("an empty fence", "```json\n\n```", "EMPTY"),
    Paste("an empty fence in prose", "Here:\n```\n```\nbye", "EMPTY"),
    Paste("a fence with prose", "Hello\n```\nworld\n```", "NOT_JSON", line=3),
    Paste("two configs in fences", f"```json\n{PRETTY}\n```\nor\n```json\n{PRETTY}\n```", "NOT_JSON"),
    Paste("a fence of a page", "Look:\n```html\n<html></html>\n```", "NOT_JSON"),
    Paste("a fence that is cut off", f"Look:\n```json\n{PRETTY[:200]}", "TRUNCATED"),
    Paste("a token in a dict's text", str({**LLAMA, "note": TOKEN}), "SECRET"),
    Paste("a token in a dict's escapes", REPR.replace("'silu'", f"'{ESCAPED}'"), "SECRET"),
    Paste("a token in escapes of broken Python", "{'a': '" + ESCAPED + "' oops", "SECRET"),
    Paste("a token in escapes of broken JSON", '{"a": "' + ESCAPED.replace("\\x", "\\u00") + '" oops', "SECRET"),
    Paste("a token in texts side by side", f"{{'a': '{TOKEN[:9]}' '{TOKEN[9:]}'}}", "SECRET"),
    Paste("a token in a sum", f"{{'a': '{TOKEN[:9]}' + '{TOKEN[9:]}'}}", "SECRET"),
    Paste("a token in a comment", PRETTY.replace("{", "{ // " + TOKEN + "\n", 1), "SECRET"),
    Paste("a token around a fence", f"export HF_TOKEN={TOKEN}\n```json\n{PRETTY}\n```", "SECRET"),
    Paste("a token as a keyword", f"LlamaConfig(hf_token='{'s3cret-' * 2}')", "SECRET"),
    Paste("an API key in a dict", str({**LLAMA, "api_key": "s3cret-" * 2}), "SECRET"),
    Paste("a password in a dict", str({**LLAMA, "password": "hunter2"}), "SECRET"),
    Paste("a token in a call", f"LlamaConfig(a=1, token='{TOKEN}')", "SECRET"),
    Paste("cp1252", PRETTY.replace("silu", "“silu”").encode("cp1252"), "ENCODING"),
    Paste("UTF-32", PRETTY.encode("utf-32"), "ENCODING"),
    Paste("UTF-16 of half a pair", ('{"a": "x"}'.encode("utf-16") + b"\x00\xd8"), "ENCODING"),
    Paste("a dict with half a pair", REPR.replace("'silu'", "'\\ud800'"), "ENCODING"),
    Paste("a dict with an escaped NUL", REPR.replace("'silu'", "'\\x00'"), "ENCODING"),
]

FILES = [
    Paste(name, first_bytes + bytes(size), "ENCODING")
    for size in (60, 300 * 1024)
    for name, first_bytes in {
        f"a .gguf file of {size} bytes": b"GGUF\x03\x00\x00\x00\x23\x01",
        f"an old ggml file of {size} bytes": b"tjgg\x03\x00\x00\x00",
        f"a .safetensors file of {size} bytes": (81_000).to_bytes(8, "little") + b'{"__metadata__":{"format":"pt"},',
        f"a .pth file of {size} bytes": b"PK\x03\x04\x00\x00\x08\x08",
        f"a .bin file of {size} bytes": b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.",
        f"a pickle of {size} bytes": b"\x80\x04\x95\x10\x00",
        f"a .h5 file of {size} bytes": b"\x89HDF\r\n\x1a\n",
        f"a .npy file of {size} bytes": b"\x93NUMPY\x01\x00",
        f"a .zst file of {size} bytes": b"\x28\xb5\x2f\xfd",
        f"a program of {size} bytes": b"\x7fELF\x02",
    }.items()
]
BAD += FILES
