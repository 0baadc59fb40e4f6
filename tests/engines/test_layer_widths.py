from __future__ import annotations

import pytest
from architectures.oracle_rows import rows

from budsim_widgets.architectures import build
from budsim_widgets.engines.layer_widths import layer_widths


@pytest.mark.parametrize("model_type", ["jetmoe", "mixtral", "qwen3_moe", "gpt_oss", "deepseek_v3"])
def test_the_experts_that_a_token_passes_through_are_seen_wherever_they_stand(model_type: str) -> None:
    config = next(row["config"] for row in rows("defaults") if row["model_type"] == model_type)
    few = layer_widths(build({**config, "architectures": None, "num_experts_per_tok": 1}))
    more = layer_widths(build({**config, "architectures": None, "num_experts_per_tok": 2}))
    assert more.feed_forward > few.feed_forward > 0
