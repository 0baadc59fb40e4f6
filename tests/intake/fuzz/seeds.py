"""What the fuzzer starts from: every paste of the corpus that is short enough, and the words of the formats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from intake.gguf_models import MODELS, WRITERS
from intake.pastes import CORPUS

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 16_384
WORDS = (
    *(
        '"model_type"',
        '"hidden_size"',
        "'vocab_size'",
        "True",
        "None",
        "torch.bfloat16",
        "LlamaConfig(",
        "LlamaConfig {",
    ),
    *(
        "dict(",
        "**{",
        "float('inf')",
        "-inf",
        "1_000",
        "/*",
        "*/",
        "//",
        "```json\n",
        "~~~",
        ">>> ",
        "Out[1]: ",
        "\\u00",
        "\\x",
    ),
    *(
        "general.architecture",
        "llama.block_count",
        "tokenizer.ggml.tokens",
        "arr[str,32000]",
        "token_embd.weight",
        " u32 = ",
    ),
    *(
        '"dim"',
        '"n_layers"',
        '"moe"',
        '"vocab_size": -1',
        '"metadata"',
        '"model_info"',
        '"config"',
        '"text_config"',
        "hf_",
    ),
)


def write(folder: Path) -> int:
    """Write each paste to a file of its own, and the words to `words.dict` beside the folder; how many pastes."""
    folder.mkdir(parents=True, exist_ok=True)
    pastes = {
        *(as_bytes(paste.source) for paste in CORPUS),
        *(w(model).encode() for w in WRITERS.values() for model in MODELS),
    }
    short = sorted(paste for paste in pastes if paste is not None and len(paste) <= MAX_BYTES)
    for number, paste in enumerate(short):
        (folder / f"paste-{number:04}").write_bytes(paste)
    lines = ["".join(f"\\x{byte:02x}" for byte in word.encode()) for word in WORDS]
    folder.with_name("words.dict").write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")
    return len(short)


def as_bytes(source: object) -> bytes | None:
    """A paste as the bytes of a file; None for what no file can hold."""
    if isinstance(source, str):
        return source.encode("utf-8", "surrogatepass")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    try:
        return json.dumps(source).encode()
    except (TypeError, ValueError):
        return None
