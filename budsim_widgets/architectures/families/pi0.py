"""pi0: PaliGemma, and a smaller Gemma that attends to its cache and computes a robot's next actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.vision import language_model
from budsim_widgets.architectures.cache import AttentionCache, FixedLengthCache
from budsim_widgets.architectures.config import Config, inconsistent
from budsim_widgets.architectures.parts import module, recached
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Module


@family("pi0", "PI0ForConditionalGeneration", kind="multimodal")
def pi0(c: Config) -> Module:
    """No head: the smaller Gemma's vectors become actions. Its embedding has PaliGemma's vocabulary and isn't used."""
    expert = c.dit_config.changed({**c.dit_config.fields, "vocab_size": c.vlm_config.text_config.vocab_size})
    hidden_size, actions = expert.hidden_size, c.max_action_dim
    if hidden_size % 2:
        raise inconsistent("dit_config.hidden_size", f"`hidden_size` {hidden_size} of `dit_config` must be even.")
    return module(
        model=module(vlm=part_of(c.vlm_config, "model"), dit=_action_expert(expert, tokens=1 + c.chunk_size)),
        embed_action_time=module(
            action_in_proj=linear(actions, hidden_size, bias=True),
            state_proj=linear(c.max_state_dim, hidden_size, bias=True),
            action_time_mlp_in=linear(2 * hidden_size, hidden_size, bias=True),
            action_time_mlp_out=linear(hidden_size, hidden_size, bias=True),
        ),
        action_out_proj=linear(hidden_size, actions, bias=True),
    )


def _action_expert(c: Config, *, tokens: int) -> Module:
    """It keeps the robot's state and the actions of one plan; the next plan takes their place."""

    def planned(cache: LayerCache) -> LayerCache | None:
        if not isinstance(cache, AttentionCache):
            return None
        return FixedLengthCache(
            tokens=tokens,
            num_attention_heads=cache.num_attention_heads,
            num_key_value_heads=cache.num_key_value_heads,
            key_head_dim=cache.key_head_dim,
            value_head_dim=cache.value_head_dim,
        )

    return recached(language_model(c), planned)
