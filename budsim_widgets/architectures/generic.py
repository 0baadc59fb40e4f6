"""An estimate for a model type that nobody has described: a Llama-like decoder of the config's dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_EXPERT_COUNTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
_TEXT_CONFIGS = ("text_config", "llm_config", "language_config")


def generic_decoder(c: Config) -> Module:
    """Embedding, pre-norm layers with grouped queries and a gated feed-forward block or experts, norm and head.

    Raises:
        ConfigError: `MISSING_FIELD`, where the config lacks a dimension that has no usual value.
    """
    for name in _TEXT_CONFIGS:
        if name in c:
            c = c.get(name)
            break
    hidden_size, intermediate_size = c.hidden_size, c.get("intermediate_size", 4 * c.hidden_size)

    def layer(layer_type: str) -> Module:
        self_attn = self_attention(c, bias=bool(c.get("attention_bias", False)), window=window_of(c, layer_type))
        return pre_norm_layer(
            hidden_size, self_attn, _experts(c, intermediate_size) or gated_mlp(hidden_size, intermediate_size)
        )

    return causal_lm(c, stack(layer_types(c), layer), norm=rms_norm(hidden_size))


def _experts(c: Config, intermediate_size: int) -> Module | None:
    count = next((c.get(name) for name in _EXPERT_COUNTS if name in c), None)
    if not count:
        return None
    used = c.get("num_experts_per_tok", 2)
    if not isinstance(count, int) or not isinstance(used, int):
        raise ConfigError("FIELD_TYPE", "The number of experts must be a whole number.", field="num_experts")
    moe_intermediate_size = c.get("moe_intermediate_size", intermediate_size)
    shared = c.get("n_shared_experts", c.get("num_shared_experts", 0))
    return module(
        gate=router(count, c.hidden_size),
        experts=experts(count, used, c.hidden_size, moe_intermediate_size),
        shared_experts=gated_mlp(c.hidden_size, moe_intermediate_size * shared) if shared else None,
    )
