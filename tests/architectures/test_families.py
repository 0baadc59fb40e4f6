"""Where a model type is described: in the module that is named as it, and in no other family's."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from budsim_widgets.architectures import families

FOLDER = Path(families.__file__).parent
MODULES = sorted(path for path in FOLDER.glob("*.py") if path.stem != "__init__")

NAMED_OTHERWISE = {
    "arcee": ("afmoe",),
    "bart": ("mbart", "plbart"),
    "cohere": ("aya_vision",),
    "colpali": ("colmodernvbert", "colqwen2"),
    "encoder_decoder": ("speech-encoder-decoder", "vision-encoder-decoder"),
    "audioflamingo3": ("musicflamingo",),
    "gemma": ("shieldgemma2", "vaultgemma"),
    "glm4v": ("glm46v", "glmga"),
    "got_ocr": ("pp_chart2table", "pp_chart2table_vision"),
    "gpt2": ("gpt-sw3",),
    "gpt_oss": ("openai_privacy_filter",),
    "idefics": ("smolvlm", "smolvlm_vision"),
    "internvl": ("qianfan_ocr", "qianfan_ocr_vision"),
    "falcon": ("RefinedWeb", "RefinedWebModel"),
    "llama": ("iquestcoder",),
    "llava": ("video_llava", "vipllava"),
    "longformer": ("led",),
    "m2m_100": ("nllb-moe",),
    "minicpm_v": ("minicpm_ocr", "minicpm_ocr_vision"),
    "modernbert": ("modernvbert",),
    "moshi": ("kyutai_speech_to_text",),
    "nystromformer": ("mra", "yoso"),
    "olmo": ("flex_olmo",),
    "parakeet": ("canary",),
    "phi4_multimodal": ("phi4mm",),
    "roberta": ("camembert", "data2vec-text", "ibert", "xlm-roberta", "xlm-roberta-xl", "xmod"),
    "t5": ("mt5", "pop2piano", "umt5"),
    "ultrabert": ("ultravbert",),
    "xlm": ("flaubert",),
}
"""Types that stand beside their publisher's other models, or whose class is another line's; reviewed one by one."""


def plain(name: str) -> str:
    """Letters and digits alone, since `-`, `.` and `_` are written as one likes: `kosmos-2.5`, `kosmos_2_5`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def module_by_name(model_type: str) -> str | None:
    """The module with the longest name with which the type begins."""
    names = [path.stem for path in MODULES if plain(model_type).startswith(plain(path.stem))]
    return max(names, key=lambda name: len(plain(name)), default=None)


def test_a_model_type_is_found_by_its_name() -> None:
    reviewed = {model_type: module for module, types in NAMED_OTHERWISE.items() for model_type in types}
    lost = {
        model_type: (module, module_by_name(model_type))
        for model_type, module in families.modules().items()
        if reviewed.get(model_type, module_by_name(model_type)) != module
    }
    assert lost == {}


def test_the_types_that_are_named_otherwise_are_few_and_needed() -> None:
    listed = [(model_type, module) for module, types in NAMED_OTHERWISE.items() for model_type in types]
    assert [pair for pair in listed if module_by_name(pair[0]) == pair[1]] == []
    assert len(listed) <= len(families.modules()) // 10


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_family_imports_another(path: Path) -> None:
    """What several families share stands in blocks, so that a config loads the module of its type alone."""
    imported = [
        node.module or ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    assert [name for name in imported if name.startswith(families.__name__)] == []
