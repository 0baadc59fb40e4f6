"""Configs as they come out of terminals, web pages, mails, chats and scripts, with what sticks to them."""

from __future__ import annotations

import json
import re

from intake.corpus import LLAMA, PRETTY, TOKEN, Paste

LINES = PRETTY.split("\n")
REPR = str(LLAMA)
ONE_LINE = json.dumps(LLAMA)


def copied(name: str, source: str, source_format: str = "json") -> Paste:
    return Paste(name, source, None, repaired=True, format=source_format, config=LLAMA)


def curly(opening: str, closing: str) -> str:
    return re.sub(r'"([^"]*)"', rf"{opening}\1{closing}", PRETTY)


def each_line(mark: str) -> str:
    return "\n".join(mark + line for line in LINES)


TERMINALS = [
    copied("after $ cat", f"$ cat config.json\n{PRETTY}"),
    copied("between two prompts", f"me@box:~/models$ cat config.json\n{PRETTY}\nme@box:~/models$ "),
    copied("between two prompts of zsh", f"➜  models git:(main) cat config.json\n{PRETTY}\n➜  models git:(main) "),
    copied("zsh's mark of a missing line end", f"% cat config.json\n{PRETTY}%"),
    copied("PowerShell", f"PS C:\\Users\\me> Get-Content config.json\n{PRETTY}\nPS C:\\Users\\me>"),
    copied(
        "a command in Python", f"(venv) $ python3 -c 'import json; print(json.load(open(\"c\")))'\n{REPR}", "python"
    ),
    copied("a printout after a command", f"$ python3 -c 'print(config)'\nLlamaConfig {PRETTY}", "config_repr"),
    copied("curl's progress", f"  % Total    % Received\n100   826  100   826    0     0   4012      0\n{PRETTY}"),
    copied("curl's headers", f"HTTP/2 200 \ncontent-type: text/plain; charset=utf-8\n\n{PRETTY}"),
    copied("the end of a pager", f"{PRETTY}\n(END)"),
    copied("the head of a file", f"==> config.json <==\n{PRETTY}"),
    copied("colours", PRETTY.replace('"hidden_size"', '\x1b[34;1m"hidden_size"\x1b[0m')),
    copied("the numbers of cat", "\n".join(f"{i:6}\t{line}" for i, line in enumerate(LINES, 1))),
    copied("the numbers of grep", "\n".join(f"{i}:{line}" for i, line in enumerate(LINES, 1))),
    copied(
        "the frame of bat",
        "─────┬────\n     │ File: config.json\n─────┼────\n"
        + "\n".join(f"{i:4} │ {line}" for i, line in enumerate(LINES, 1))
        + "\n─────┴────",
    ),
    copied(
        "a new file in a git diff", f"diff --git a/c b/c\n--- /dev/null\n+++ b/c\n@@ -0,0 +1,30 @@\n{each_line('+')}"
    ),
    copied(
        "a git diff of one line",
        "--- a/config.json\n+++ b/config.json\n@@ -1,30 +1,30 @@\n"
        + "\n".join(f'-  "hidden_size": 8,\n+{line}' if "hidden_size" in line else f" {line}" for line in LINES)
        + "\n\\ No newline at end of file",
    ),
    copied("a notebook's number alone", f"[5]:\n{REPR}", "python"),
    copied("a cell and its answer", f"In [4]:\nAutoConfig.from_pretrained('a/b').to_dict()\nOut[4]:\n{REPR}", "python"),
    copied("a console to its next prompt", f">>> print(c)\nLlamaConfig {PRETTY}\n\n>>> ", "config_repr"),
    copied("a log", f"INFO 03-01 config.py:100] hf_config: LlamaConfig {ONE_LINE}", "config_repr"),
    copied(
        "a log on many lines",
        f"[INFO|configuration_utils.py:742] >> Model config LlamaConfig {PRETTY}\n\nloading weights file",
        "config_repr",
    ),
]

PAGES = [
    copied(
        "the Hub's page around it",
        "Llama-3.1-8B\n/\nconfig.json\nme's picture\nme\nUpdate config.json (#13)\nd04e592 verified\nraw\n"
        f"Copy download link\nhistory\nblame\ncontribute\ndelete\n826 Bytes\n{PRETTY}\nSystem theme\nCompany\nTOS",
    ),
    copied("GitHub's page around it", f"Code\nBlame\n28 lines (28 loc) · 826 Bytes\n{PRETTY}"),
    copied("numbers before each line", "\n".join(f"{i}\n{line}" for i, line in enumerate(LINES, 1))),
    copied("all numbers before all lines", "\n".join(str(i) for i in range(1, len(LINES) + 1)) + f"\n{PRETTY}"),
    copied("numbers in front of lines", "\n".join(f"{i} {line}" for i, line in enumerate(LINES, 1))),
    copied("entities of HTML", PRETTY.replace('"', "&quot;")),
    copied("elements of HTML", f"<pre><code>{PRETTY}</code></pre>"),
    copied("an answer of a chat", f"Here's the config of the model:\n\n{PRETTY}\n\nLet me know if you need more!"),
    copied("a button of a chat", f"json\nCopy code\n{PRETTY}"),
    copied("its name before it", f"config.json:\n{PRETTY}"),
    copied("thanks behind it", f"{PRETTY}\nThanks!"),
    copied("curly quotes", curly("“", "”")),
    copied("curly quotes that all close", curly("”", "”")),
    copied("German quotes", curly("„", "“")),
    copied("single curly quotes", re.sub("'([^']*)'", "\u2018\\1\u2019", REPR), "python"),
    copied("curly quotes in an answer", f"It\u2019s this: {curly('“', '”')}"),
    copied("a quotation of a mail", each_line("> ")),
    copied("a quotation of a quotation", each_line(">> ")),
    copied("a quotation of a fence", "\n".join(f"> {line}" for line in ("```json", *LINES, "```"))),
    copied("a column of a table", each_line("| ")),
    copied("a list", each_line("* ")),
    copied("a list of added lines", each_line("+")),
    copied("backticks", f"`{ONE_LINE}`"),
]

SCRIPTS = [
    copied("a text of Python on many lines", f'config = """{PRETTY}"""'),
    copied("a text that is loaded", f"config = json.loads('''{PRETTY}''')"),
    copied(
        "a dict in a script", f"import json\n\nC = {REPR}\n\nwith open('c', 'w') as f:\n    json.dump(C, f)\n", "python"
    ),
    copied("a dict in a call", f"open({REPR})", "python"),
    copied("JavaScript with bare names", re.sub(r'"(\w+)":', r"\1:", PRETTY)),
    copied("a bare name", PRETTY.replace('"hidden_size"', "hidden_size")),
    copied("backslashes before the quotes", json.dumps(PRETTY)[1:-1]),
    copied("JSON in JSON", json.dumps(PRETTY)),
    copied("JSON in JSON in JSON", json.dumps(json.dumps(PRETTY))),
    *(
        copied(f"the only field is {name}", json.dumps({name: LLAMA}))
        for name in ("model_config", "hf_config", "config.json", "meta-llama/Llama-3.1-8B", "<b>")
    ),
    Paste(
        "a call in a script",
        "import torch\nfrom transformers import LlamaConfig\n\ndef main():\n    config = LlamaConfig(hidden_size=64)\n"
        "    print(LlamaForCausalLM(config))\n\nif __name__ == '__main__':\n    main()\n",
        None,
        repaired=True,
        format="config_repr",
        config={
            "model_type": "llama",
            "hidden_size": 64,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "vocab_size": 32000,
        },
    ),
]

WORD_PROCESSORS = [
    copied("line ends of a word processor", PRETTY.replace("\n", "\u2028")),
    copied("soft line ends", PRETTY.replace("\n", "\v")),
    copied("ends of pages", PRETTY.replace("\n", "\f\n")),
    copied("an invisible character in a name", PRETTY.replace("hidden_size", "hidden\u200b_size")),
    copied("an indented block", ".. code-block:: json\n\n" + each_line("    ")),
    copied("a block of a forum", f"[code]\n{PRETTY}\n[/code]"),
    copied("a console in a fence", f"```console\n$ cat config.json\n{PRETTY}\n```"),
    copied("a diff in a fence", f"```diff\n{each_line('+')}\n```"),
    copied("a README with two files", f'```json\n{{"eos_token_id": 2, "top_p": 1}}\n```\nand\n```json\n{PRETTY}\n```'),
]

GOOD = [*WORD_PROCESSORS, *TERMINALS, *PAGES, *SCRIPTS]

BAD = [
    Paste("two configs, one after the other", f"{PRETTY}\n{ONE_LINE}", "NOT_JSON", line=31),
    Paste("JSON Lines", f"{ONE_LINE}\n{ONE_LINE}\n", "NOT_JSON", line=2),
    Paste("two configs in an answer", f"Either\n{PRETTY}\nor\n{PRETTY}", "NOT_JSON"),
    Paste("a cut-off config after a prompt", f"$ cat config.json\n{PRETTY[:300]}", "TRUNCATED"),
    Paste("a mistake after a prompt", f"$ cat c\n{PRETTY.replace('4096,', '4096')}\n$", "NOT_JSON", line=15),
    Paste("a bracket too many", PRETTY + "}", "NOT_JSON"),
    Paste("a bracket too early", PRETTY.replace('"llama3"\n  }', '"llama3"\n  }}'), "NOT_JSON"),
    Paste("YAML with braces", "\n".join(f"{key}: {json.dumps(value)}" for key, value in LLAMA.items()), "NOT_JSON"),
    Paste("lines with equals signs", "\n".join(f"{key}={value}" for key, value in LLAMA.items()), "NOT_JSON"),
    Paste("cells of a spreadsheet", "\n".join(f"{key}\t{value}" for key, value in LLAMA.items()), "NOT_JSON"),
    Paste("TOML", '[model]\nmodel_type = "llama"\nhidden_size = 4096\n', "NOT_JSON", line=1),
    Paste("the head of a model card", "---\nlicense: llama3.1\n---\n# Llama", "NOT_JSON", line=1),
    Paste("XML", "<config><hidden_size>4096</hidden_size></config>", "NOT_JSON", line=1),
    Paste("a URL", "https://huggingface.co/a/b/blob/main/config.json", "NOT_JSON", line=1),
    Paste("a path", "~/models/config.json", "NOT_JSON", line=1),
    Paste("a path of Windows", r"C:\models\config.json", "NOT_JSON", line=1),
    Paste("the fields without the brackets", "\n".join(LINES[1:-1]), "NOT_JSON", line=1),
    Paste("an expression", PRETTY.replace("4096", "64 * 64"), "NOT_JSON", line=13),
    Paste("a git diff of two places", "@@ -1,3 +1,3 @@\n {\n@@ -9,3 +9,3 @@\n }", "NOT_JSON"),
    Paste("a git diff of the middle", '@@ -9,3 +9,3 @@\n-"hidden_size": 8\n+"hidden_size": 9', "NOT_JSON"),
    Paste(
        "a merge that isn't finished", PRETTY.replace('  "hidden_s', '<<<<<<< HEAD\n  "hidden_s'), "NOT_JSON", line=13
    ),
    Paste("three points for what is left out", PRETTY.replace('"hidden_size": 4096,', "..."), "NOT_JSON", line=13),
    Paste("a comma inside of a number", PRETTY.replace("4096", "4,096"), "NOT_JSON", line=13),
    Paste("a name in bold", PRETTY.replace('"hidden_size"', '**"hidden_size"**'), "NOT_JSON", line=13),
    Paste("YAML below a comment", "# a Llama\nmodel_type: llama\nhidden_size: 4096", "NOT_JSON", line=1),
    Paste(
        "GitHub's answer", json.dumps({"name": "c", "sha": "x", "content": "e30=", "encoding": "base64"}), "WRONG_FILE"
    ),
    Paste("only line numbers", "\n".join(map(str, range(1, 30))), "NOT_JSON"),
    Paste("only curly quotes", "“”" * 50, "NOT_JSON"),
    Paste("a printed model", "LlamaForCausalLM(\n  (model): LlamaModel(\n    (embed): Embedding(8, 8)\n", "WRONG_FILE"),
    Paste(
        "a printed answer of the Hub", "ModelInfo(id='a/b', author='a', sha='d04e592', gated='manual')", "WRONG_FILE"
    ),
    Paste(
        "Ollama's short answer",
        "  Model\n    architecture      llama\n    parameters        8.0B\n    context length    131072\n",
        "WRONG_FILE",
    ),
    Paste("Ollama's list", json.dumps({"models": [{"name": "llama3.1:latest"}]}), "WRONG_FILE"),
    Paste("Ollama's answer of old", json.dumps({"modelfile": "FROM x", "details": {"family": "llama"}}), "WRONG_FILE"),
    Paste("LM Studio's list", json.dumps([{"modelKey": "llama", "architecture": "llama"}]), "WRONG_FILE"),
    Paste("LM Studio's answer", json.dumps({"id": "x", "arch": "llama", "compatibility_type": "gguf"}), "WRONG_FILE"),
    Paste("a server's list of models", json.dumps({"object": "list", "data": [{"id": "x"}]}), "WRONG_FILE"),
    Paste("llama.cpp's server", json.dumps({"default_generation_settings": {}, "chat_template": "x"}), "WRONG_FILE"),
    Paste("an error after curl's headers", 'HTTP/2 401\n\n{"error": "Invalid credentials"}', "API_ERROR"),
    Paste("another file in an answer", 'It is\n{"tokenizer_class": "LlamaTokenizer"}\nsee?', "WRONG_FILE"),
    Paste(
        "a request that is pending",
        "Your request to access this repo is pending a review from its authors.",
        "GATED_PAGE",
    ),
    Paste("transformers' gated error", "OSError: You are trying to access a gated repo.\nMake sure …", "GATED_PAGE"),
    Paste("a token at the prompt", f"$ curl -H 'x: {TOKEN}' https://x\n{PRETTY}", "SECRET"),
    Paste("a token in entities", "{&quot;a&quot;: &quot;" + TOKEN + "&quot;}", "SECRET"),
    Paste("a token in JSON in JSON", json.dumps(json.dumps(json.dumps({**LLAMA, "x": TOKEN}))), "SECRET"),
    Paste("a token in colours", f'{{\x1b[1m"a": "{TOKEN[:8]}\x1b[0m{TOKEN[8:]}"}}', "SECRET"),
    Paste("a token in Markdown's escapes", PRETTY.replace("silu", TOKEN.replace("_", "\\_")), "SECRET"),
    Paste(
        "a token in entities of entities", "{&quot;a&quot;: &quot;" + TOKEN.replace("_", "&amp;#95;") + "&", "SECRET"
    ),
    Paste(
        "a token in entities alone",
        PRETTY.replace('"', "&quot;").replace("silu", TOKEN.replace("_", "&#95;")),
        "SECRET",
    ),
    Paste("a token with an invisible character", PRETTY.replace("silu", f"{TOKEN[:9]}\u200b{TOKEN[9:]}"), "SECRET"),
    Paste("a token with an invisible character in escapes", json.dumps({f"{TOKEN[:9]}\u200b{TOKEN[9:]}": 1}), "SECRET"),
    Paste("a token in a broken quotation", f"> {{\n> “a”: “{TOKEN}\n> oops", "SECRET"),
    Paste("100,000 curly quotes", "{" + "“" * 80_000, "TOO_MANY_ITEMS"),
    Paste("1,900 objects", '{"a": 1}\n' * 1_900, "TOO_MANY_ITEMS"),
    Paste("1,900 configs", '{"dim": 1}\n' * 1_900, "TOO_MANY_ITEMS"),
]
