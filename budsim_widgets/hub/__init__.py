"""The Hugging Face Hub: ids as people type them, a model's config, and every response of the Hub distinguished.

The one part that talks to `huggingface_hub`, which is imported only when a request is about to be made.
"""

from __future__ import annotations

from budsim_widgets.hub.account import HubAccount
from budsim_widgets.hub.client import HubClient
from budsim_widgets.hub.fetch_config import HubConfig
from budsim_widgets.hub.ids.model_ids import ModelRef, check_model_id, parse_model_id
from budsim_widgets.hub.info import HubInfo

__all__ = ["HubAccount", "HubClient", "HubConfig", "HubInfo", "ModelRef", "check_model_id", "parse_model_id"]
