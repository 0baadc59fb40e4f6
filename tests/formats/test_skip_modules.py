from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.formats.module_index import MAX_WORK, ModuleIndex
from budsim_widgets.formats.module_names import globs
from budsim_widgets.formats.patterns.pattern import Pattern
from budsim_widgets.formats.plain_names import PlainNames
from budsim_widgets.formats.skip_modules import MAX_CHARACTERS, SkipModules
from budsim_widgets.formats.stars import Stars


@pytest.mark.parametrize(
    ("names", "module", "is_kept"),
    [
        (("lm_head",), "lm_head", True),
        (("lm_head",), "model.layers.0.mlp.up_proj", False),
        (("model.layers.1",), "model.layers.1.mlp.up_proj", True),
        (("model.layers.1",), "model.layers.11.mlp.up_proj", False),
        (("mlp.gate",), "model.layers.3.mlp.gate", True),
        (("mlp.gate",), "model.layers.3.mlp.gate_proj", False),
        (("re:.*mlp\\.gate$",), "model.layers.3.mlp.gate", True),
        (("re:.*mlp\\.gate$",), "model.layers.3.mlp.gate_proj", False),
        (("model.layers.*.self_attn",), "model.layers.7.self_attn.q_proj", True),
        (("model.layers.*.gate",), "model.layers.7.gate_proj", False),
        (("re:model\\.layers\\.(1|3)\\..*",), "model.layers.3.mlp.gate", True),
        (("re:model\\.layers\\.(1|3)\\..*",), "model.layers.2.mlp.gate", False),
        (("re:model.layers.1.*",), "model.layers.17.mlp", True),
        (("lm_head.weight",), "lm_head", True),
        (("re:((",), "model.layers.0.mlp.up_proj", False),
        ((), "lm_head", False),
    ],
)
def test_names_are_matched_as_the_libraries_match_them(names: tuple[str, ...], module: str, is_kept: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert SkipModules.of(names).match(module) is is_kept


@pytest.mark.parametrize(
    ("glob", "module", "is_kept"),
    [
        ("model.layers.0*", "model.layers.0.self_attn.q_proj", True),
        ("model.layers.0*", "model.layers.10.self_attn.q_proj", False),
        ("model.layers.1*", "model.layers.10.self_attn.q_proj", True),
        ("*.self_attn*", "model.layers.10.self_attn.q_proj", True),
        ("lm_head", "lm_head", True),
        ("*router*", "model.layers.3.mlp.gate", False),
        ("model.layers.[12].*", "model.layers.2.mlp.gate", True),
        ("model.layers.[!12].*", "model.layers.2.mlp.gate", False),
    ],
)
def test_globs_are_globs(glob: str, module: str, is_kept: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert SkipModules.of(globs((glob,))).match(module) is is_kept


LAYERS = [
    tuple(f"model.layers.{index}.{part}" for index in range(12)) for part in ("self_attn.q_proj", "mlp.gate", "mlp.up")
]
NAMES = [name for names in LAYERS for name in names]
_entries = st.sampled_from([
    "model.layers.1", "mlp.gate", "layers.1.mlp.up", "re:.*gate$", "re:model\\.layers\\.1.*", "re:.*\\.1\\..*", "up",
    "re:.*layers\\.\\d+\\.mlp.*", "model.layers.*.mlp", "re:.*layers.[0-3].mlp.gate", "re:(?=x)", "1.mlp.up",
])  # fmt: skip


@given(entries=st.lists(_entries, max_size=4))
def test_layers_looked_at_together_are_those_looked_at_one_by_one(entries: list[str]) -> None:
    skip = SkipModules.of(entries)
    if not skip.names_single_layers:
        together = {name for names in LAYERS if skip.match(names[0]) for name in names}
    else:
        together = set(skip.matched(ModuleIndex(LAYERS))[0])
    assert together == {name for name in NAMES if skip.match(name)}


def test_work_is_bounded_and_what_was_not_looked_at_is_told() -> None:
    patterns = [f"re:.*{number}x?.*" for number in range(MAX_CHARACTERS)]
    skip = SkipModules.of(patterns)
    assert skip.unreadable
    assert len(skip.patterns) < MAX_CHARACTERS / 5
    many = [(f"model.layers.{index}.mlp.up_proj",) for index in range(MAX_WORK)]
    assert SkipModules.of(["re:.*1x.*"]).matched(ModuleIndex(many))[1] is False
    assert SkipModules.of(["re:.*1x?y.*"]).matched(ModuleIndex(many))[1] is False
    assert SkipModules.of(["re:.*x.*"]).matched(ModuleIndex([tuple(name for (name,) in many)]))[1] is True


def test_an_automaton_with_many_states_at_once_is_given_up() -> None:
    names = [(f"model.layers.{index}.mlp.up_proj",) for index in range(2_000)]
    skip = SkipModules.of([f"re:.*[0-9].{{19}}[{n}a-z].{{19}}q?" for n in range(10)])
    assert skip.matched(ModuleIndex(names))[1] is False
    assert sum(listed.work for listed in skip.patterns) < 2 * MAX_WORK


_texts = st.text(alphabet="ab1._", max_size=6)
_pieces = st.sampled_from(["a", "b", "1", "ab", r"\.", "_", ".*", ".*", "-"])
_starred = st.builds(
    "{}{}{}".format, st.sampled_from(["", "^"]), st.lists(_pieces, max_size=6).map("".join), st.sampled_from(["", "$"])
)


@given(pattern=_starred, name=st.text(alphabet="ab1.-_", max_size=12))
def test_stars_match_what_re_matches(pattern: str, name: str) -> None:
    stars = Stars.of(pattern)
    assert stars is not None
    assert stars.fits(name) == (re.match(pattern, name) is not None)


def at_boundaries(pattern: str, name: str) -> bool:
    """Whether some match from the start of a name ends at its end or beside a dot; by trying each end."""
    ends = [end for end in range(len(name) + 1) if re.fullmatch(pattern, name[:end])]
    if pattern.endswith("$"):
        ends = [end for end in ends if end == len(name)]
    return any(end == len(name) or "." in name[max(end - 1, 0) : end + 1] for end in ends)


@given(pattern=_starred | st.sampled_from(["a?", "a+b", "[ab]*", "a.b", "(a|b1)*", "a?$"]), name=_texts)
def test_matches_end_where_a_module_does(pattern: str, name: str) -> None:
    pieces = re.findall(r"[^.]*\.|[^.]+", name)
    assert Pattern.of(pattern).fits(pieces, needs_boundary=True) is at_boundaries(pattern, name)
    stars = Stars.of(pattern)
    if stars is not None:
        assert stars.fits(name, needs_boundary=True) is at_boundaries(pattern, name)


@given(names=st.lists(_texts, max_size=4), name=_texts)
def test_plain_names_begin_or_end_the_name_of_a_module(names: list[str], name: str) -> None:
    begins = any(name.startswith((f"{listed}.", listed if listed.endswith(".") else f"{listed}.")) for listed in names)
    is_meant = begins or any(map(name.endswith, names))
    assert PlainNames.of(names).fits(name) is is_meant
    many = ModuleIndex(
        [(name,), tuple(f"other{number}" for number in range(40))]
    )  # each listed one is looked up in these
    assert (name in PlainNames.of(names).matched(many)) is is_meant
