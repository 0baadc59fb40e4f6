"""NVIDIA's Hymba, whose layers attend and run a state space side by side (1.5B: 1,522,797,824 parameters).

Its code lies beside its weights. With the groups of layers that share keys, the description has the published total;
what is cached wasn't measured, so it is an estimate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import depthwise_conv, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from typing import Final

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_GROUPS_FIELD: Final = "kv_reuse_group"


def _notes(c: Config) -> tuple[str, ...]:
    missing = (
        () if _GROUPS_FIELD in c else (f"The config has no `{_GROUPS_FIELD}`: each layer has keys of its own here.",)
    )
    return ("Described from the code that Hymba brings along; its cache wasn't measured.", *missing)


@family("hymba", "HymbaForCausalLM", basis="estimate", notes=_notes)
def hymba(c: Config) -> Module:
    """Learned tokens stand before every text; of each group of layers the first projects keys for all."""
    hidden_size, count = c.hidden_size, c.num_hidden_layers
    groups = c.get(_GROUPS_FIELD, [])
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise inconsistent(_GROUPS_FIELD, f"`{_GROUPS_FIELD}` doesn't list groups of layers.")
    sharing = {index for group in groups for index in group[1:]}
    whole = set(c.get("global_attn_idx", [0, count // 2 - 1, count - 1]))

    def layer(shares: bool, is_whole: bool) -> Module:  # noqa: FBT001 - kinds of layer
        return module(
            mamba=_mixer(c, shares=shares, window=None if is_whole else c.get("sliding_window")),
            moe=module(experts=module({"0": gated_mlp(hidden_size, c.intermediate_size)})),
            input_layernorm=rms_norm(hidden_size),
            pre_moe_layernorm=rms_norm(hidden_size),
        )

    kinds = ((index in sharing, index in whole) for index in range(count))
    num_memory_tokens = c.get("num_memory_tokens", 0)
    memory = Weight((num_memory_tokens, hidden_size), "embedding") if num_memory_tokens else None
    return causal_lm(
        c, stack(kinds, layer), norm=rms_norm(hidden_size), norm_name="final_layernorm", memory_tokens=memory
    )


def _mixer(c: Config, *, shares: bool, window: int | None) -> Module:
    """One projection in for the state space, queries, keys and values; values are as wide as the state space."""
    hidden_size, heads, kv_heads, state_size = (
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.mamba_d_state,
    )
    channels, kernel = c.mamba_expand * hidden_size, c.get("mamba_d_conv", 4)
    given = c.get("mamba_dt_rank", "auto")
    rank = given if isinstance(given, int) else -(-hidden_size // 16)
    key_dim, value_dim = hidden_size // heads, channels // heads
    keys = 0 if shares else kv_heads * (key_dim + value_dim)
    kept = None if shares else kv_cache(heads, kv_heads, key_dim, value_head_dim=value_dim, window=window)
    state = StateCache(conv_elements=channels * kernel, recurrent_elements=channels * state_size)
    return module(
        in_proj=linear(hidden_size, 2 * channels + heads * key_dim + keys),
        conv1d=depthwise_conv(channels, kernel, bias=c.get("mamba_conv_bias", True)),
        x_proj=linear(channels, rank + 2 * state_size),
        dt_proj=linear(rank, channels, bias=True),
        A_log=Weight((channels, state_size)),
        D=Weight((channels,)),
        dt_layernorm=rms_norm(rank),
        B_layernorm=rms_norm(state_size),
        C_layernorm=rms_norm(state_size),
        pre_avg_layernorm1=rms_norm(channels),
        pre_avg_layernorm2=rms_norm(channels),
        out_proj=linear(channels, hidden_size),
        cache=[each for each in (kept, state) if each is not None],
    )
