from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.formats.module_names import globs
from budsim_widgets.formats.skip_modules import MAX_MATCHES, SkipModules


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
        together = set(skip.matched(LAYERS)[0])
    assert together == {name for name in NAMES if skip.match(name)}


def test_work_is_bounded_and_what_was_not_looked_at_is_told() -> None:
    patterns = [f"re:.*{number}x?.*" for number in range(MAX_MATCHES)]
    skip = SkipModules.of(patterns)
    assert skip.unreadable
    assert skip.matched(LAYERS)[1] is (len(skip.patterns) * len(NAMES) <= MAX_MATCHES)
