"""How far an estimate may be off: described models, asked for under names that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import budsim_widgets as bw
from architectures.estimate_ratios import SETS, Ratio, measurement
from budsim_widgets.architectures import build
from budsim_widgets.architectures.uncertainty import (
    BUILT,
    KNOWN,
    OTHER_CLASS,
    PARTS_ADDED,
    PLAIN_DECODER,
    UNCONFIRMED,
    UNDESCRIBED,
    Uncertainty,
    note_of,
)
from budsim_widgets.architectures.uncertainty import __doc__ as module_text
from budsim_widgets.units import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LLAMA = {
    "model_type": "llama", "vocab_size": 32000, "hidden_size": 2048, "intermediate_size": 5504, "num_hidden_layers": 8,
    "num_attention_heads": 16,
}  # fmt: skip
TOWER = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128}
RANGES = [KNOWN, BUILT, UNCONFIRMED, OTHER_CLASS, PARTS_ADDED, PLAIN_DECODER, UNDESCRIBED]

MEASURED = {
    "undescribed": (137, 132, 0.924, 0.962),
    "plain_decoder": (35, 37, 0.973, 0.973),
    "parts_added": (51, 48, 0.854, 0.979),
    "other_class": (274, 348, 0.963, 0.945),
}
"""The table of `uncertainty.py`: models measured and tested, and the shares of these that the range holds."""


@pytest.mark.slow
@pytest.mark.parametrize(("stated", "ratios"), SETS, ids=lambda one: getattr(one, "__name__", None))
def test_a_range_is_that_of_one_half_of_the_types_and_holds_what_is_stated_of_the_other(
    stated: Uncertainty, ratios: Callable[[], Iterable[Ratio]]
) -> None:
    found = measurement(list(ratios()))
    assert found.range == stated
    assert (found.measured, found.tested, round(found.parameters, 3), round(found.cache, 3)) == MEASURED[
        ratios.__name__
    ]
    if stated in (UNDESCRIBED, PLAIN_DECODER, PARTS_ADDED):
        assert f", {found.parameters:.0%}".replace("%", " %") in note_of(stated)


def test_the_module_states_what_is_measured() -> None:
    stated = [tuple(map(_number, line.split("|")[2:6])) for line in (module_text or "").splitlines() if "%" in line]
    assert stated == list(MEASURED.values())


def _number(text: str) -> float:
    return round(float(text.replace("%", "")) / 100, 3) if "%" in text else int(text)


@pytest.mark.parametrize(
    ("config", "uncertainty"),
    [
        (LLAMA, KNOWN),
        ({**LLAMA, "model_type": "a_new_one"}, UNDESCRIBED),
        ({**LLAMA, "num_experts": 8, "vision_config": TOWER}, PARTS_ADDED),
        ({"model_type": "a_new_one", "text_config": LLAMA, "vision_config": TOWER}, PARTS_ADDED),
        ({**LLAMA, "architectures": ["NewForCausalLM"]}, OTHER_CLASS),
    ],
)
def test_an_answer_knows_how_sure_it_is(config: dict[str, Any], uncertainty: object) -> None:
    architecture = build(config)
    assert architecture.uncertainty == uncertainty
    assert (architecture.basis == "exact") == (architecture.uncertainty is KNOWN)


def test_an_unknown_encoder_decoder_has_both_sides() -> None:
    """BART's own layers are 406,291,456 parameters with its positions."""
    sizes = {"d_model": 1024, "encoder_layers": 12, "decoder_layers": 12, "encoder_ffn_dim": 4096}
    heads = {"encoder_attention_heads": 16, "decoder_attention_heads": 16, "decoder_ffn_dim": 4096}
    config = {"model_type": "a_new_one", "is_encoder_decoder": True, "vocab_size": 50265, **sizes, **heads}
    assert build(config).num_parameters == pytest.approx(406_291_456, rel=0.01)
    assert build(config).kind == "encoder-decoder"


def test_what_is_known_has_no_range() -> None:
    report = bw.calculate(LLAMA)
    assert report.num_parameters_range == (report.num_parameters,) * 2
    assert report.file_bytes_range == (report.file_bytes,) * 2


@pytest.mark.parametrize(
    ("engine", "precision"),
    [
        *(("transformers", precision) for precision in ("auto", "fp32", "int4", "int8")),
        *(("vllm", precision) for precision in ("auto", "fp8", "awq-int4")),
        *(("sglang", precision) for precision in ("auto", "fp8")),
    ],
)
def test_an_estimate_lies_between_its_ends(engine: str, precision: str) -> None:
    config = {**LLAMA, "model_type": "a_new_one", "dtype": "bfloat16"}
    report = bw.calculate(config, engine=engine, precision=precision, tensor_parallel=2)
    for name in ("num_parameters", "total_bytes", "file_bytes"):
        low, high = getattr(report, f"{name}_range")
        assert low < getattr(report, name) < high
    known = bw.calculate({**config, "model_type": "llama"}, engine=engine, precision=precision, tensor_parallel=2)
    assert report.total_bytes_range[0] < known.total_bytes_range[0]
    assert report.total_bytes_range[1] > known.total_bytes_range[1]


def test_training_an_estimate_has_the_range_of_its_parameters() -> None:
    """No gradients of the weights nor moments lie in another range than the weights."""
    ends = [bw.finetune({**LLAMA, "model_type": name}, method="full").total_bytes_range for name in ("llama", "new")]
    assert ends[1][0] < ends[0][0]
    assert ends[1][1] > ends[0][1]


def test_a_person_reads_between_which_sizes_an_estimate_is() -> None:
    estimate, known = (bw.calculate({**LLAMA, "model_type": name}) for name in ("a_new_one", "llama"))
    low, high = map(format_count, estimate.num_parameters_range)
    assert f"parameters ({low} to {high})" in str(estimate)
    assert f"parameters ({low} to {high})" in estimate._repr_html_()
    assert "parameters (" not in str(known) + known._repr_html_()


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.sampled_from(RANGES))
def test_a_range_holds_what_is_estimated(weight_bytes: int, cache_bytes: int, known: Uncertainty) -> None:
    low, high = known.around_held(weight_bytes, cache_bytes)
    assert low <= weight_bytes + cache_bytes <= high
    if known == KNOWN:
        assert low == high
    wider = known.widened(UNDESCRIBED)
    assert wider.fewest <= known.fewest <= known.most <= wider.most


def test_both_reasons_to_doubt_count() -> None:
    assert UNCONFIRMED.widened(Uncertainty(0.9, 1.0)) == (0.9, 1.005, 1.0, 1.0)
