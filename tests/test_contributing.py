"""The worked examples of CONTRIBUTING.md do what the page says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from memory.configs import released

from budsim_widgets.architectures import Architecture
from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import Module, repeat
from budsim_widgets.architectures.registry import _FAMILIES, classes_of, family
from budsim_widgets.engines import ENGINES, CacheBytes, Engine, EngineWorkload, Estimate, Served, Workload
from budsim_widgets.engines.serving import served_at_once
from budsim_widgets.formats.base import QuantizedFormat
from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div
from budsim_widgets.hardware import Accelerator
from budsim_widgets.memory import measure

PAGE = Path(__file__).parents[1] / "CONTRIBUTING.md"
KNOWN = (
    *(Accelerator, Architecture, CacheBytes, Engine, EngineWorkload, Estimate, Sequence, Served, served_at_once),
    *(QuantizedFormat, StoredTensor, ceil_div, dataclass, ClassVar),
)

GRANITE = {
    "model_type": "granite",
    "vocab_size": 100,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


def example(name: str) -> Any:
    """The class of this name, made by the block of the page that defines it."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = (block for block in blocks if f"class {name}(" in block)
    names = {getattr(known, "__name__", "ClassVar"): known for known in KNOWN}
    exec(compile(block, "CONTRIBUTING.md", "exec", dont_inherit=True), names)  # noqa: S102 - our own page
    return names[name]


def test_the_family_describes_what_the_package_describes(monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"```python\n(@family.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    known = (Config, Module, causal_lm, family, gated_mlp, pre_norm_layer, repeat, rms_norm, self_attention)
    names: dict[str, Any] = {item.__name__: item for item in known}
    described = classes_of("granite")["GraniteForCausalLM"].describe
    monkeypatch.setitem(_FAMILIES, "granite", {})
    exec(compile(block, "CONTRIBUTING.md", "exec", dont_inherit=True), names)  # noqa: S102 - our own page
    config = Config({**GRANITE, "attention_bias": False, "mlp_bias": True, "tie_word_embeddings": True})
    assert names["granite"](config) == described(config)


def test_the_format_lays_out_a_matrix() -> None:
    form = example("Int8Blocks")()
    assert form.matrix_bytes(64, 96) == (64 * 96 + 64 * 3 * 4,) * 2
    assert form.basis == "estimate", "it claims nothing"


def test_the_engine_runs_a_model_once_it_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = example("Bare")()
    monkeypatch.setitem(ENGINES, engine.name, engine)
    report = measure(released("llama"), Workload(engine="bare"))
    assert report.workload.to_dict()["engine"] == {"name": "bare"}
    assert report.basis_of["kv_cache"] == "estimate"
    assert report.total_bytes > report.weight_bytes == 16_060_522_496


def test_an_engine_that_has_not_answered_everything_cannot_be_made() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Unfinished(Engine):
        name: ClassVar[str] = "unfinished"

    with pytest.raises(TypeError, match="abstract"):
        Unfinished()  # type: ignore[abstract]
