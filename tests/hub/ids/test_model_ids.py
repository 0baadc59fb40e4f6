"""What people type where an id is wanted."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from huggingface_hub.utils import validate_repo_id
from hypothesis import example, given
from hypothesis import strategies as st

from budsim_widgets.errors import ModelIdError
from budsim_widgets.hub import ModelRef, parse_model_id

UNDERSTOOD = {
    "gpt2": ("gpt2", None),
    "meta-llama/Llama-3.1-8B": ("meta-llama/Llama-3.1-8B", None),
    "  meta-llama/Llama-3.1-8B\n": ("meta-llama/Llama-3.1-8B", None),
    '"meta-llama/Llama-3.1-8B"': ("meta-llama/Llama-3.1-8B", None),
    "\u201cmeta-llama/Llama-3.1-8B\u201d,": ("meta-llama/Llama-3.1-8B", None),
    "`meta-llama/Llama-3.1-8B`.": ("meta-llama/Llama-3.1-8B", None),
    "<https://huggingface.co/org/name>": ("org/name", None),
    "meta-llama/Llama-3.1-8B/": ("meta-llama/Llama-3.1-8B", None),
    "\ufeffmeta-llama/\u200bLlama-3.1-8B\u2060": ("meta-llama/Llama-3.1-8B", None),
    "meta\u2011llama/Llama\u20133.1\u20118B": ("meta-llama/Llama-3.1-8B", None),
    "org/name.git": ("org/name", None),
    "org/name@v1.0": ("org/name", "v1.0"),
    "org/name@main": ("org/name", None),
    "gpt2@607a30d": ("gpt2", "607a30d"),
    "org/name@feature%2Flong": ("org/name", "feature/long"),
    "org/name@refs/pr/12": ("org/name", "refs/pr/12"),
    "models/org/name": ("org/name", None),
    "org/name/tree/v2": ("org/name", "v2"),
    "hf://org/name": ("org/name", None),
    "hf://models/org/name": ("org/name", None),
    "hf://org/name@v1/config.json": ("org/name", "v1"),
    "hf://org/name@refs/pr/3/config.json": ("org/name", "refs/pr/3"),
    "hf://org/name/config.json": ("org/name", None),
    "https://huggingface.co/gpt2": ("gpt2", None),
    "https://huggingface.co/gpt2/blob/main/config.json": ("gpt2", None),
    "https://huggingface.co/org/name": ("org/name", None),
    "HTTPS://HuggingFace.co/org/name": ("org/name", None),
    "http://www.huggingface.co/org/name/": ("org/name", None),
    "www.huggingface.co/org/name": ("org/name", None),
    "huggingface.co/org/name?library=transformers#usage": ("org/name", None),
    "hf.co/org/name": ("org/name", None),
    "https://hf-mirror.com/org/name": ("org/name", None),
    "https://huggingface.co/org/name/tree/main": ("org/name", None),
    "https://huggingface.co/org/name/tree/v2/sub/folder": ("org/name", "v2", "sub/folder"),
    "https://huggingface.co/org/name/tree/main/vae/": ("org/name", None, "vae"),
    "https://huggingface.co/org/name/blob/main/sub/config.json": ("org/name", None, "sub"),
    "https://huggingface.co/org/name/resolve/v2/a/b/config.json?download=true": ("org/name", "v2", "a/b"),
    "https://huggingface.co/org/name/raw/refs%2Fpr%2F1/sub/config.json": ("org/name", "refs/pr/1", "sub"),
    "https://huggingface.co/org/name/blob/refs/pr/1/sub/config.json": ("org/name", "refs/pr/1", "sub"),
    "https://huggingface.co/org/name/tree/main/text%20encoder": ("org/name", None, "text encoder"),
    "https://huggingface.co/gpt2/blob/main/sub/config.json": ("gpt2", None, "sub"),
    "https://huggingface.co/org/name/blob/main/sub/model.safetensors": ("org/name", None),
    "https://huggingface.co/org/name/blob/main/BF16/model-00001-of-00002.gguf": ("org/name", None),
    "https://huggingface.co/org/name/commits/main/sub/config.json": ("org/name", None),
    "hf://org/name/sub": ("org/name", None, "sub"),
    "hf://org/name/sub/config.json": ("org/name", None, "sub"),
    "hf://org/name@v1/sub": ("org/name", "v1", "sub"),
    "hf://org/name@refs/pr/3/a/b/config.json": ("org/name", "refs/pr/3", "a/b"),
    "https://huggingface.co/org/name/tree/refs%2Fpr%2F1": ("org/name", "refs/pr/1"),
    "https://huggingface.co/org/name/tree/feature%2Flong": ("org/name", "feature/long"),
    "https://huggingface.co/org/name/blob/v2/config.json": ("org/name", "v2"),
    "https://huggingface.co/org/name/resolve/v2/config.json?download=true": ("org/name", "v2"),
    "https://huggingface.co/org/name/raw/v2/config.json": ("org/name", "v2"),
    "https://huggingface.co/org/name/commit/607a30d783dfa663caf39e06633721c8d4cfcd7e": (
        "org/name",
        "607a30d783dfa663caf39e06633721c8d4cfcd7e",
    ),
    "https://huggingface.co/org/name/commits/v2": ("org/name", "v2"),
    "https://huggingface.co/org/name/discussions/7#65a1": ("org/name", None),
    "https://huggingface.co/org/name/settings": ("org/name", None),
    "https://huggingface.co/api/models/org/name": ("org/name", None),
    "https://user@huggingface.co:443/org/name": ("org/name", None),
    "git@hf.co:org/name.git": ("org/name", None),
}


@pytest.mark.parametrize(("text", "expected"), UNDERSTOOD.items(), ids=map(repr, UNDERSTOOD))
def test_what_people_paste_is_understood(text: str, expected: tuple[str, ...]) -> None:
    ref = parse_model_id(text)
    assert ref == ModelRef(*expected)
    assert parse_model_id(str(ref)) == ref


@pytest.mark.parametrize(
    "folder", ["a/../b", "%2E%2E/b", "a/./b", "a%2F%2Fb", "a%5Cb", "a%00b", "x" * 201, "hf_" + "a1" * 20]
)
@pytest.mark.parametrize("start", ["https://huggingface.co/org/name/tree/main/", "hf://org/name/"])
def test_what_is_no_folder_is_refused(start: str, folder: str) -> None:
    with pytest.raises(ModelIdError):
        parse_model_id(f"{start}{folder}")


REFUSED = {
    "": "No model is named",
    " \u200b\n ": "No model is named",
    "datasets/org/name": "a dataset",
    "https://huggingface.co/datasets/org/name": "a dataset",
    "hf://datasets/org/name": "a dataset",
    "https://huggingface.co/spaces/org/name": "a Space",
    "spaces/org/name": "a Space",
    "https://huggingface.co/collections/org/name-65a1": "a collection",
    "https://huggingface.co/docs/hub/models-gated": "documentation",
    "docs/hub": "documentation",
    "https://huggingface.co/papers/2307.09288": "a paper",
    "https://huggingface.co/settings/tokens": "settings",
    "https://huggingface.co/blog/llama31": "an article",
    "https://huggingface.co/models?search=llama": "a list of models",
    "https://huggingface.co/meta-llama/models": "a list of models",
    "https://huggingface.co": "front page",
    "https://huggingface.co/api/whoami-v2": "programming interface",
    "https://github.com/org/name": "github.com",
    "ftp://example.com/org/name": "example.com",
    "/mnt/config.json": "a path on this machine",
    "./config.json": "a path on this machine",
    "../../etc/passwd": "a path on this machine",
    "~/models/llama": "a path on this machine",
    "C:\\models\\llama": "a path on this machine",
    "file:///etc/passwd": "a path on this machine",
    "config.json": "name of a file",
    "llama/config.json": "name of a file",
    "model-Q4_K_M.gguf": "name of a file",
    "models/llama/config.json": "name of a file",
    "some/long/path": "path of a file or a folder",
    '{"model_type": "llama"}': "a config",
    "org/my model": "a space",
    "org/name\nother/name": "more than two parts",
    "org/na..me": "-- or ..",
    "org/na--me": "-- or ..",
    "org/文件": "letters other than a-z",
    "org/-name": "both ends",
    "org/" + "x" * 97: "longer than 96",
    "org/name:Q4_K_M": "colon",
    "org/name@": "branch",
    "org/name@a b": "branch",
    "org/name@../../main": "branch",
    "x" * 5_000: "fewer than 2,000",
    "<script>alert(1)</script>": "can't be the id",
}


@pytest.mark.parametrize(("text", "words"), REFUSED.items(), ids=lambda value: repr(value)[:40])
def test_what_is_no_model_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(ModelIdError) as caught:
        parse_model_id(text)
    assert words in caught.value.message
    assert len(caught.value.message) < 250


@pytest.mark.parametrize("value", [None, 7, b"gpt2", ["gpt2"]])
def test_what_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(ModelIdError):
        parse_model_id(value)


SECRETS = {
    "a token": "hf_" + "a" * 34,
    "a token in spaces": f"  'hf_{'b' * 34}' ",
    "part of a token": "hf_" + "c" * 9,
    "a token with an invisible character": f"hf_{'d' * 10}\u200b{'d' * 24}",
    "a token in a clone address": f"https://me:hf_{'e' * 34}@huggingface.co/org/name",
    "a token in a query": f"https://huggingface.co/org/name?token=hf_{'f' * 34}",
    "an escaped token": f"https://huggingface.co/org/hf%5F{'g' * 34}",
    "a token as a name": f"org/hf_{'h' * 34}",
    "a token as a revision": f"org/name@hf_{'i' * 34}",
    "an organization's token": "api_org_" + "j" * 34,
    "a header": "Authorization: Bearer " + "k" * 20,
}


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS)
def test_a_token_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ModelIdError, match="access token") as caught:
        parse_model_id(text)
    shown = repr(caught.value) + str(caught.value) + repr(vars(caught.value))
    assert not any(letter * 5 in shown for letter in "abcdefghijk")


PIECES = """org name gpt2 a-b x.y _ hf_ main v1.0 tree blob resolve commit models datasets api refs pr 1 config.json
.git .. -- %2F %40 % é https:// hf:// git@ huggingface.co hf.co www. @ / // : ? # " ' \\ . \u200b"""
TYPED = st.one_of(st.text(max_size=60), st.lists(st.sampled_from([*PIECES.split(), " "]), max_size=12).map("".join))


@given(TYPED)
@example("https://[")
@example("org/name@refs/pr/1x")
@example("hf.co/hf.co/org/name")
@example("https://huggingface.co/models/models/name")
@example(".git")
@example("org/.git")
@example("datasets%2Fname")
@example("hf_/")
@example("hf_@v1")
def test_any_text_gives_an_id_that_the_client_takes_or_a_model_id_error(text: str) -> None:
    try:
        ref = parse_model_id(text)
    except ModelIdError as error:
        assert error.message  # noqa: PT017 - one of two right outcomes
        return
    validate_repo_id(ref.model_id)
    assert parse_model_id(ref.model_id) == ModelRef(ref.model_id)
    assert parse_model_id(str(ref)) == ref


def test_reading_ids_loads_no_client() -> None:
    code = "import sys, budsim_widgets.hub as h; h.parse_model_id('gpt2'); sys.exit('huggingface_hub' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
