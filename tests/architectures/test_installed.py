"""A type that isn't described here is asked of the transformers in the kernel, where there is one."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from budsim_widgets.architectures import build, installed
from budsim_widgets.architectures.config import Config
from budsim_widgets.errors import ConfigError

UNKNOWN: dict[str, Any] = {
    "model_type": "nobody-knows",
    "architectures": ["NobodyForCausalLM"],
    "auto_map": {"AutoModelForCausalLM": "evil--module.Evil"},
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 1000,
}


def test_a_type_that_nobody_knows_is_estimated_and_says_so() -> None:
    architecture = build(UNKNOWN)
    assert architecture.basis == "estimate"
    assert "'nobody-knows' isn't described" in architecture.notes[0]
    assert architecture.cache(1, 10).kv_cache_bytes == 3 * 2 * 10 * 2 * 16 * 2


def test_without_dimensions_there_is_no_estimate() -> None:
    with pytest.raises(ConfigError, match="hidden_size"):
        build({"model_type": "nobody-knows"})


def test_a_kernel_without_torch_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "find_spec", lambda _: None)
    was_loaded = "torch" in sys.modules
    assert installed.built_by_transformers(Config({**UNKNOWN, "model_type": "llama"})) is None
    assert ("torch" in sys.modules) == was_loaded


def test_no_field_at_any_depth_makes_transformers_fetch_or_run_what_it_names() -> None:
    bad = {
        "auto_map": {"AutoConfig": "evil--module.Evil"},
        "_name_or_path": "evil/model",
        "backbone": "evil/model",
        "attn_implementation": "evil/kernel",
        "_attn_implementation_internal": "evil/kernel",
        "_experts_implementation": "evil/kernel",
        "use_pretrained_backbone": True,
    }
    config = {**UNKNOWN, **bad, "text_config": {**bad, "hidden_size": 64}, "parts": [{**bad, "hidden_size": 64}]}
    told = installed.harmless(config)
    assert "evil" not in str(told)
    assert told["text_config"] == {"hidden_size": 64}
    assert told["parts"] == [{"hidden_size": 64}]
    assert told["hidden_size"] == 64


@pytest.mark.parametrize("field", ["attn_implementation", "_attn_implementation", "experts_implementation"])
def test_the_installed_transformers_is_asked_for_no_kernel_from_the_hub(field: str) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    config = {**UNKNOWN, "model_type": "llama", field: "evil/kernel"}
    assert installed.built_by_transformers(Config(config)) is not None


def test_the_installed_transformers_gives_its_own_parameters() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    config = {**UNKNOWN, "model_type": "llama"}
    built = installed.built_by_transformers(Config(config))
    assert built is not None
    root, note = built
    described = build({**config, "architectures": ["LlamaForCausalLM"]})
    assert sum(weight.num_parameters for weight in root.children.values()) == described.num_parameters  # type: ignore[union-attr]
    assert "the installed transformers" in note
    assert len(root.cache) == 3
