"""Moments that rows of the table list, as sums of widths."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.architectures import build
from budsim_widgets.data import load_table
from budsim_widgets.engines import Transformers, Workload
from budsim_widgets.engines.working_sets.code import Code
from budsim_widgets.engines.working_sets.held import Held
from budsim_widgets.engines.working_sets.moments import Moment
from budsim_widgets.engines.working_sets.sums import Widths, parsed_sum, value_of

ROWS = load_table("working_sets")["model_types"]
LISTED = [
    (model_type, row)
    for model_type, fields in ROWS.items()
    for row in (*fields.get("moments", ()), *fields.get("always", ()))
]
WHEN = {"attention", "of", "above", "least_batch", "padded"}
WIDTHS = Widths({"w": 2.0, "f": 4.0, "hidden": 64.0, "heads": 8.0}, {"window": [512, 256], "bias": None})
LONGFORMER = {
    "model_type": "longformer", "architectures": ["LongformerForMaskedLM"], "vocab_size": 1000, "hidden_size": 768,
    "num_hidden_layers": 3, "num_attention_heads": 12, "intermediate_size": 3072, "max_position_embeddings": 4098,
    "type_vocab_size": 1, "attention_window": 512,
}  # fmt: skip


@pytest.mark.parametrize(("model_type", "row"), LISTED)
def test_a_row_says_what_a_moment_grows_with_and_when_it_comes(model_type: str, row: dict[str, str]) -> None:
    assert row.keys() <= {*Held._fields, *WHEN}, model_type
    assert row.get("attention", "eager") in {"eager", "fused"}
    assert row.get("of", "") in {"", "attention", "window", "full", "encoder", "cross", "mixer", "experts"}
    read = [(name, terms) for name, terms in Moment.parsed(row).sums if name not in WHEN]
    assert read
    for _, terms in read:
        names = {name for term in terms for name in (*term.above, *term.below)}
        assert value_of(terms, Widths(dict.fromkeys(names, 1.0), {})) != 0


def test_a_row_is_read_once_and_stays_as_it_is() -> None:
    code = Code.parsed(ROWS["longformer"])
    assert hash(code) == hash(Code.parsed(ROWS["longformer"]))
    assert code.moments[0].held(Widths({"w": 2, "attention_window": 512}, {})).padded == 512


@given(
    factor=st.integers(-50, 50),
    above=st.lists(st.sampled_from("abc"), max_size=3),
    below=st.lists(st.sampled_from("abc"), max_size=2),
    values=st.tuples(*[st.integers(1, 99)] * 3),
)
def test_a_product_that_is_written_out_is_read_as_the_same(
    factor: int, above: list[str], below: list[str], values: tuple[int, ...]
) -> None:
    text = "/".join(["*".join([str(factor), *above]), *below])
    widths = dict(zip("abc", map(float, values), strict=True))
    said = value_of(parsed_sum(text), Widths(widths, {}))
    assert said == pytest.approx(factor * prod(widths[one] for one in above) / prod(widths[one] for one in below))


@given(first=st.integers(1, 99), second=st.integers(1, 99))
def test_terms_are_added_and_factors_multiplied(first: int, second: int) -> None:
    widths = Widths({"a": first, "b": second}, {})
    assert value_of(parsed_sum("3*a*b + b/a + -2*a"), widths) == pytest.approx(
        3 * first * second + second / first - 2 * first
    )


def test_a_field_that_a_config_lacks_counts_nothing_even_below_a_slash() -> None:
    assert value_of(parsed_sum("w*hidden + bias*hidden + hidden/missing"), WIDTHS) == 128


def test_of_a_field_with_one_entry_a_layer_the_first_counts() -> None:
    assert Moment.parsed({"block": "w*window", "padded": "window"}).held(WIDTHS) == Held(block=1024, padded=512)


@pytest.mark.parametrize(("seq_length", "same_as"), [(1, 512), (100, 512), (513, 1024)])
def test_longformers_windows_are_filled_up(seq_length: int, same_as: int) -> None:
    longformer = build(LONGFORMER)
    short, whole = (
        Transformers().activations(longformer, Workload(batch_size=8, seq_length=length), "bf16").num_bytes
        for length in (seq_length, same_as)
    )
    assert whole * 0.95 <= short <= whole


def test_luke_scores_words_and_not_its_half_a_million_entities() -> None:
    luke = {
        "model_type": "luke", "architectures": ["LukeForMaskedLM"], "vocab_size": 50267, "entity_vocab_size": 500000,
        "entity_emb_size": 256, "hidden_size": 768, "num_hidden_layers": 3, "num_attention_heads": 12,
        "intermediate_size": 3072,
    }  # fmt: skip
    said = Transformers().activations(build(luke), Workload(seq_length=512), "bf16")
    assert said.num_bytes == pytest.approx(512 * (2 * 50267 + 2 * 2 * 768), rel=0.001)
