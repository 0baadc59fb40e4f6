"""The file of vision and audio, beside sizes that were published or logged."""

from __future__ import annotations

from typing import Any

import pytest
from engines.llama_cpp.test_library import default_configs

from budsim_widgets.architectures import build
from budsim_widgets.engines import LlamaCpp, Workload
from budsim_widgets.errors import WorkloadError
from budsim_widgets.formats.gguf.layout import projector_bytes
from budsim_widgets.formats.gguf.mmproj import MMPROJ_TYPES
from budsim_widgets.memory import measure

SIGLIP = {"hidden_size": 1152, "image_size": 896, "intermediate_size": 4304, "num_attention_heads": 16}


def config_of(name: str, text_hidden_size: int, *, cls: str | None = None, **vision: Any) -> dict[str, Any]:
    config = default_configs()[name]
    text = {**config["text_config"], "hidden_size": text_hidden_size}
    return {
        **config,
        **({"architectures": [cls]} if cls else {}),
        "text_config": text,
        "vision_config": {**config["vision_config"], **vision},
    }


GEMMA_3_4B = config_of(
    "gemma3",
    2560,
    **SIGLIP,
    model_type="siglip_vision_model",
    num_hidden_layers=27,
    patch_size=14,
    vision_use_head=False,
)
QWEN_36_27B = config_of(
    "qwen3_5",
    5120,
    cls="Qwen3_5ForConditionalGeneration",
    depth=27,
    hidden_size=1152,
    intermediate_size=4304,
    num_heads=16,
    out_hidden_size=5120,
    patch_size=16,
    num_position_embeddings=2304,
)


def test_a_published_file_is_its_tensors_and_a_header() -> None:
    """mmproj-model-f16.gguf of gemma-3-4b-it has 851,251,104 bytes."""
    assert 0 < 851_251_104 - projector_bytes(build(GEMMA_3_4B), "F16") < 100_000


def test_a_load_log_prints_the_same_bytes() -> None:
    """Qwen3.6-27B with a mmproj file in BF16: 887.99 MiB."""
    assert round(projector_bytes(build(QWEN_36_27B), "BF16") / 2**20, 2) == 887.99


def test_it_is_a_part_of_the_report_with_its_own_name() -> None:
    model = build(QWEN_36_27B)
    workload = Workload(engine=LlamaCpp(mmproj="BF16"), precision="Q4_K_M", tensor_parallel=2)
    without = measure(model, Workload(engine="llama.cpp", precision="Q4_K_M", tensor_parallel=2))
    report = measure(model, workload)
    line = next(line for line in report.lines if line.key == "projector")
    assert line.num_bytes == report.projector_bytes == projector_bytes(model, "BF16")
    assert (line.basis, line.detail) == ("exact", "BF16")
    assert report.weight_bytes - without.weight_bytes == report.projector_bytes
    added = [
        one.weight_bytes - two.weight_bytes for one, two in zip(report.per_device, without.per_device, strict=True)
    ]
    assert added == [report.projector_bytes, 0]
    assert sum(line.num_bytes for line in report.lines) == report.total_bytes
    assert report.total_bytes_range[1] - without.total_bytes_range[1] > report.projector_bytes
    assert without.projector_bytes == 0
    assert any("mmproj" in note for note in without.notes)


@pytest.mark.parametrize("file_type", MMPROJ_TYPES)
def test_the_command_loads_the_file(file_type: str) -> None:
    engine = LlamaCpp(mmproj=file_type)
    assert f"--mmproj mmproj-{file_type}.gguf" in str(engine.launch_command("m", Workload(engine=engine)))
    assert projector_bytes(build(QWEN_36_27B), file_type) > 0


def test_the_type_is_known_in_any_case() -> None:
    assert LlamaCpp(mmproj="bf16") == LlamaCpp(mmproj="BF16")


@pytest.mark.parametrize("value", ["Q4_K_M", "", 1, True, ["F16"]])
def test_a_type_that_the_converter_does_not_make_is_refused(value: Any) -> None:
    with pytest.raises(WorkloadError) as refused:
        LlamaCpp(mmproj=value)
    assert refused.value.field == "mmproj"


def test_a_model_without_vision_is_refused() -> None:
    with pytest.raises(WorkloadError, match="neither vision nor audio") as refused:
        measure(build(default_configs()["llama"]), Workload(engine=LlamaCpp(mmproj="F16")))
    assert refused.value.field == "mmproj"
