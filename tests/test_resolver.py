"""Where a config comes from: pasted > catalog > Hub."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B, QWEN_2_5_7B
from odd_files import ODD, POSIX, no_wait

from budsim_widgets.errors import ConfigError, GatedModelError, HubUnavailableError, ModelIdError, StoreError
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

GATED = "meta-llama/Llama-3.1-8B"
PUBLIC = "Qwen/Qwen2.5-7B"


@pytest.fixture
def store(tmp_path: Path) -> ConfigStore:
    return ConfigStore(tmp_path / "configs.json")


@pytest.fixture
def resolver(store: ConfigStore, loopback_hub: LoopbackHub) -> Resolver:
    return Resolver(store, HubClient(endpoint=loopback_hub.endpoint))


def test_a_public_model_comes_from_the_hub_with_its_revision(resolver: Resolver) -> None:
    resolved = resolver.resolve(PUBLIC)
    assert (resolved.source, resolved.model_id, resolved.is_verified) == ("huggingface", PUBLIC, True)
    assert resolved.config == QWEN_2_5_7B
    assert len(resolved.revision or "") == 40


def test_the_second_question_makes_no_request_and_reads_no_disk(
    resolver: Resolver, store: ConfigStore, loopback_hub: LoopbackHub
) -> None:
    resolver.resolve(PUBLIC)
    resolver.resolve(PUBLIC)
    loopback_hub.reset()
    reads = store.reads
    assert resolver.resolve(PUBLIC).source == "catalog"
    assert loopback_hub.requests == ()
    assert store.reads == reads


def test_what_was_asked_under_an_old_name_is_found_again_without_a_request(
    resolver: Resolver, store: ConfigStore, loopback_hub: LoopbackHub
) -> None:
    assert resolver.resolve("gpt2").model_id == "openai-community/gpt2"
    loopback_hub.reset()
    assert resolver.resolve("gpt2").model_id == "openai-community/gpt2"
    assert Resolver(store, HubClient(endpoint=loopback_hub.endpoint)).resolve("gpt2").source == "catalog"
    assert loopback_hub.requests == ()


def test_a_model_in_the_catalog_works_when_the_hub_is_gone(store: ConfigStore, resolver: Resolver) -> None:
    resolver.resolve(PUBLIC)
    offline = Resolver(store, HubClient(endpoint="http://127.0.0.1:9", timeout_seconds=0.5))
    assert offline.resolve(PUBLIC).source == "catalog"
    with pytest.raises(HubUnavailableError):
        offline.resolve("Qwen/Qwen2.5-0.5B")


def test_a_pasted_config_wins_over_the_catalog_and_the_hub(
    resolver: Resolver, store: ConfigStore, loopback_hub: LoopbackHub
) -> None:
    resolver.resolve(PUBLIC)
    store.put(PUBLIC, {**QWEN_2_5_7B, "num_hidden_layers": 2})
    loopback_hub.reset()
    resolved = resolver.resolve(PUBLIC)
    assert (resolved.source, resolved.config["num_hidden_layers"]) == ("user_provided", 2)
    assert loopback_hub.requests == ()


def test_a_pasted_config_is_found_in_a_new_process_without_a_request(
    resolver: Resolver, store: ConfigStore, loopback_hub: LoopbackHub, tmp_path: Path
) -> None:
    store.put(GATED, LLAMA_3_1_8B)
    loopback_hub.reset()
    code = (
        "import sys, budsim_widgets as bw\n"
        f"assert bw.get_config({GATED!r}).source == 'user_provided'\n"
        "assert 'huggingface_hub' not in sys.modules\n"
    )
    path = str(tmp_path / "configs.json")
    subprocess.run([sys.executable, "-c", code], check=True, env=_environment(loopback_hub, path))
    assert loopback_hub.requests == ()
    assert resolver.resolve(GATED).config == LLAMA_3_1_8B


def test_use_saved_false_asks_the_hub(resolver: Resolver, store: ConfigStore) -> None:
    store.put(PUBLIC, {**QWEN_2_5_7B, "num_hidden_layers": 2})
    assert resolver.resolve(PUBLIC, use_saved=False).source == "huggingface"


def test_a_gated_model_is_an_error_and_is_not_put_into_the_catalog(resolver: Resolver, store: ConfigStore) -> None:
    with pytest.raises(GatedModelError) as caught:
        resolver.resolve(GATED)
    assert caught.value.model_id == GATED
    assert store.catalog.get(GATED) is None


def test_the_answer_is_the_callers_own(resolver: Resolver) -> None:
    resolver.resolve(PUBLIC).config.clear()
    assert resolver.resolve(PUBLIC).config == QWEN_2_5_7B


def test_a_dict_and_a_file_are_read_without_store_or_hub(tmp_path: Path) -> None:
    path = tmp_path / "my config.json"
    path.write_text(json.dumps(LLAMA_3_1_8B), "utf-8")
    resolver = Resolver(hub=HubClient(endpoint="http://127.0.0.1:9"))
    assert resolver.resolve(LLAMA_3_1_8B).source == "dict"
    assert resolver.resolve(path).config == LLAMA_3_1_8B
    assert resolver.resolve(str(path)).source == "file"


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.json' can't be read"):
        Resolver().resolve(tmp_path / "nowhere.json")


@POSIX
@pytest.mark.parametrize("odd", ODD)
def test_a_config_is_read_from_a_file_and_nothing_else_is_waited_for(tmp_path: Path, odd: str) -> None:
    path = tmp_path / "config.json"
    ODD[odd](path)
    with no_wait(), pytest.raises(ConfigError) as caught:
        Resolver().resolve(str(path))
    assert caught.value.next_step


def test_a_config_may_be_named_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text(json.dumps(LLAMA_3_1_8B), "utf-8")
    (tmp_path / "config.json").symlink_to(tmp_path / "real.json")
    assert Resolver().resolve(tmp_path / "config.json").config == LLAMA_3_1_8B


def test_a_file_far_too_large_for_a_config_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    with path.open("wb") as file:
        file.truncate(10 << 30)  # a sparse file: no disk holds it
    with pytest.raises(ConfigError) as caught:
        Resolver().resolve(path)
    assert caught.value.code == "TOO_LARGE"


def test_text_from_elsewhere_never_names_a_file(resolver: Resolver, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(LLAMA_3_1_8B), "utf-8")
    with pytest.raises(ModelIdError):
        resolver.without_file_paths().resolve(str(path))


@pytest.mark.parametrize("nonsense", [None, 3, object(), [LLAMA_3_1_8B]], ids=["none", "number", "object", "list"])
def test_what_is_no_model_is_refused_by_type(nonsense: object) -> None:
    with pytest.raises(ModelIdError, match="not by a"):
        Resolver().resolve(nonsense)  # type: ignore[arg-type]


def _environment(hub: LoopbackHub, store_path: str) -> dict[str, str]:
    import os  # noqa: PLC0415

    return {**os.environ, "HF_ENDPOINT": hub.endpoint, "BUDSIM_STORE": store_path}


def test_a_store_that_cannot_be_used_costs_a_notice_not_the_answer(tmp_path: Path, loopback_hub: LoopbackHub) -> None:
    (tmp_path / "no-folder").write_text("", "utf-8")
    store = ConfigStore(tmp_path / "no-folder" / "configs.json")
    resolver = Resolver(store, HubClient(endpoint=loopback_hub.endpoint))
    resolved = resolver.resolve(PUBLIC)
    assert resolved.config == QWEN_2_5_7B
    assert any("isn't kept" in notice for notice in resolved.notices)


def test_a_store_that_cannot_be_read_is_what_a_gated_model_reports(tmp_path: Path, loopback_hub: LoopbackHub) -> None:
    path = tmp_path / "configs.json"
    ConfigStore(path).put(GATED, LLAMA_3_1_8B)
    path.write_text(path.read_text("utf-8").replace('"schema_version":2', '"schema_version":999'), "utf-8")
    with pytest.raises(StoreError, match="newer"):
        Resolver(ConfigStore(path), HubClient(endpoint=loopback_hub.endpoint)).resolve(GATED)
