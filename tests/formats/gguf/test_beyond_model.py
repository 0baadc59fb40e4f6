from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engines.llama_cpp.test_library import LIBRARY

from budsim_widgets.architectures import build
from budsim_widgets.formats.gguf.layout import file_layout

if TYPE_CHECKING:
    from budsim_widgets.formats.gguf.layout import FileLayout


def layout_of(name: str, **changes: Any) -> FileLayout:
    return file_layout(build({**LIBRARY["models"][name]["config"], **changes}), "Q8_0")


def test_prediction_layers_bring_their_own_embedding_and_head_where_the_files_have_them() -> None:
    """As DeepSeek-V3.2's checkpoint has them in model.layers.61."""
    with_layer, without = layout_of("deepseek_v32_mtp"), layout_of("deepseek_v32_mtp", num_nextn_predict_layers=0)
    added = {some.tensors.name: some.tensors.shape for some in with_layer.typed if "nextn" in some.tensors.name}
    assert (with_layer.predicting_layers, without.predicting_layers) == (1, 0)
    embedding = next(some.tensors.shape for some in without.typed if some.tensors.name == "token_embd.weight")
    assert added["blk.*.nextn.embed_tokens.weight"] == added["blk.*.nextn.shared_head_head.weight"] == embedding


@pytest.mark.parametrize("is_tied", [False, True])
def test_the_thinker_alone_stands_in_the_file_of_an_omni_model(*, is_tied: bool) -> None:
    thinker = LIBRARY["models"]["qwen3_omni_moe"]["config"]["thinker_config"]
    text = {**thinker["text_config"], "tie_word_embeddings": is_tied}
    both = {**thinker, "text_config": text, "tie_word_embeddings": is_tied}
    layout = layout_of("qwen3_omni_moe", thinker_config=both)
    names = {some.tensors.name for some in layout.typed}
    assert ("output.weight" in names) != is_tied
    assert all(some.tensors.is_known or len(some.tensors.shape) == 1 for some in layout.typed)
    assert not any("thinker" in name or "visual" in name for name in names)


@pytest.mark.parametrize(("model", "names"), [("glm_5", {"indexer.proj"}), ("deepseek_v4_short", {"hc_attn_fn"})])
def test_some_matrices_stay_in_fp32_in_files_of_16_bits(model: str, names: set[str]) -> None:
    plain, quantized = (
        file_layout(build(LIBRARY["models"][model]["config"]), file_type) for file_type in ("BF16", "Q8_0")
    )
    for name in names:
        assert {some.type for some in plain.typed if f".{name}.weight" in some.tensors.name} == {"F32"}
        assert "F32" not in {some.type for some in quantized.typed if f".{name}.weight" in some.tensors.name}
