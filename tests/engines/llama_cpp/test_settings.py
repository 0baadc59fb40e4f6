from __future__ import annotations

from typing import Any

import pytest
from memory.configs import released

from budsim_widgets.architectures import build
from budsim_widgets.engines import LlamaCpp, Workload
from budsim_widgets.errors import WorkloadError
from budsim_widgets.memory import measure
from engines.llama_cpp.test_engine import run


@pytest.mark.parametrize(
    ("settings", "field", "told"),
    [
        ({"gpu_layers": 99}, "gpu_layers", "up to 37"),
        ({"gpu_layers": -1}, "gpu_layers", "gpu_layers="),
        ({"gpu_layers": "most"}, "gpu_layers", "gpu_layers="),
        ({"cpu_moe_layers": 40}, "cpu_moe_layers", "up to 36"),
        ({"ubatch_size": 0}, "ubatch_size", "ubatch_size="),
        ({"kv_unified": 1}, "kv_unified", "kv_unified=True"),
    ],
)
def test_settings_that_a_model_cannot_have_are_refused_with_those_it_can(
    settings: dict[str, Any], field: str, told: str
) -> None:
    with pytest.raises(WorkloadError) as refused:
        run(**settings)
    assert refused.value.field == field
    assert told in str(refused.value.next_step)


def test_a_quantized_cache_is_refused_without_flash_attention_or_where_heads_forbid_it() -> None:
    with pytest.raises(WorkloadError, match="flash attention") as refused:
        measure(released("llama"), Workload(engine=LlamaCpp(flash_attention=False), kv_cache_precision="q8_0"))
    assert refused.value.field == "kv_cache_precision"
    pythia = build(
        {
            "model_type": "gpt_neox",
            "hidden_size": 2560,
            "num_attention_heads": 32,
            "num_hidden_layers": 2,
            "intermediate_size": 10240,
            "vocab_size": 50304,
        }
    )
    with pytest.raises(WorkloadError, match="whole blocks"):
        measure(pythia, Workload(engine="llama.cpp", kv_cache_precision="q4_0"))
