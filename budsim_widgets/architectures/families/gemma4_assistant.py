"""Gemma 4's assistants: a few layers that guess what the large model will say, from what that one has kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.vision import is_tied_at_top
from budsim_widgets.architectures.families.gemma3n import first_sharing_layer
from budsim_widgets.architectures.families.gemma4 import gemma4_model, kinds_of_layers
from budsim_widgets.architectures.parts import Module, module, uncached
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.architecture import Basis
    from budsim_widgets.architectures.config import Config


def _reads_all(text: Config) -> bool:
    """Whether every layer reads the large model's keys, as in the published assistants."""
    return text.get("num_kv_shared_layers", 0) in {0, text.num_hidden_layers}


def _basis(c: Config) -> Basis:
    """Whether it can be compared: transformers 5.23 refuses to build an assistant without keys of its own."""
    return "estimate" if _reads_all(c.text_config) else "exact"


def _notes(c: Config) -> tuple[str, ...]:
    if not _reads_all(c.text_config):
        return ()
    return ("Every layer reads the keys of the model that it assists; transformers 5.23 can't build it to compare.",)


@family("gemma4_assistant", "Gemma4AssistantForCausalLM", notes=_notes, basis=_basis)
@family("gemma4_unified_assistant", "Gemma4UnifiedAssistantForCausalLM", notes=_notes, basis=_basis)
def gemma4_assistant(c: Config) -> Module:
    """It takes two vectors of the large model's hidden size, and gives one back; what it keeps is the large model's."""
    text, backbone = c.text_config, c.backbone_hidden_size
    hidden_size, kinds = text.hidden_size, kinds_of_layers(text)
    layers = gemma4_model(text, kinds, 0 if _reads_all(text) else first_sharing_layer(text, kinds))
    return module(
        model=uncached(layers),
        lm_head=head(text, tied=is_tied_at_top(c)),
        pre_projection=linear(2 * backbone, hidden_size),
        post_projection=linear(hidden_size, backbone),
        masked_embedding=module(centroids=linear(hidden_size, c.num_centroids)) if c.use_ordered_embeddings else None,
    )
