from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B, MISTRAL_7B_V0_3

from budsim_widgets.panel.saved.saved_configs import SavedConfigs

if TYPE_CHECKING:
    from budsim_widgets.actions import Actions

LLAMA, LLAMA_70B = "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B"


@pytest.fixture
def saved(actions: Actions) -> SavedConfigs:
    store = actions.resolver.store
    store.put(LLAMA, {**LLAMA_3_1_8B, "num_hidden_layers": 16})
    store.put(LLAMA, LLAMA_3_1_8B)
    store.put(LLAMA_70B, LLAMA_3_1_8B, published_parameters=70_553_706_496)
    store.put("mistralai/Mistral-7B-v0.3", MISTRAL_7B_V0_3, contributor="imported from team.json")
    return SavedConfigs(actions, use=lambda _: None)
