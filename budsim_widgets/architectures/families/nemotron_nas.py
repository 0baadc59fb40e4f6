"""Nemotron NAS (Llama-Nemotron Super, Ultra, 51B): a Llama of which a search took layers' parts away or shrank them.

With every block whole and `ffn_mult` 5.25 it is Llama 3.1 70B, whose total 70,553,706,496 is published; no published
`block_configs` was at hand to confirm another: an estimate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from typing import Any, Final

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_MULTIPLE: Final = 256


@family("nemotron-nas", "DeciLMForCausalLM", basis="estimate", notes=unconfirmed_notes)
def nemotron_nas(c: Config) -> Module:
    """`block_configs` says of each layer how many query heads share a key, and how wide its feed-forward block is."""
    blocks = c.block_configs
    if not isinstance(blocks, list) or len(blocks) != c.num_hidden_layers:
        raise inconsistent("block_configs", f"`block_configs` doesn't list {c.num_hidden_layers} layers.")
    kinds = [(_kind(block, "attention", "n_heads_in_group"), _kind(block, "ffn", "ffn_mult")) for block in blocks]
    return causal_lm(c, stack(kinds, lambda mixer, ffn: _layer(c, mixer, ffn)), norm=rms_norm(c.hidden_size))


def _kind(block: Any, name: str, size: str) -> float | str:
    """What stands in a layer: nothing (`no_op`), one matrix (`linear`), or a block of this size.

    Raises:
        ConfigError: `FIELD_VALUE`, where the block says none of these.
    """
    fields = block.get(name) if isinstance(block, dict) else None
    if isinstance(fields, dict):
        if fields.get("no_op"):
            return "no_op"
        if fields.get("replace_with_linear"):
            return "linear"
        value = fields.get(size)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
            return value
    message = f"A layer of `block_configs` doesn't say `{size}` of its `{name}`, nor that there is none."
    raise ConfigError("FIELD_VALUE", message, field="block_configs")


def _layer(c: Config, mixer: float | str, ffn: float | str) -> Module:
    """A part that is taken away has no norm before it either."""
    hidden_size, parts = c.hidden_size, {"self_attn": mixer, "mlp": ffn}
    built = {
        name: linear(hidden_size, hidden_size)
        if kind == "linear"
        else None
        if isinstance(kind, str)
        else _attention(c, kind)
        if name == "self_attn"
        else gated_mlp(hidden_size, intermediate_size_of(kind, hidden_size))
        for name, kind in parts.items()
    }
    norm = rms_norm(hidden_size)
    return module(
        built,
        input_layernorm=norm if built["self_attn"] else None,
        post_attention_layernorm=norm if built["mlp"] else None,
    )


def _attention(c: Config, heads_in_group: float) -> Module:
    num_attention_heads = c.num_attention_heads
    if num_attention_heads % heads_in_group:
        message = f"{num_attention_heads} heads can't be shared among groups of {heads_in_group}."
        raise inconsistent("block_configs", message)
    return attention(c.hidden_size, num_attention_heads, int(num_attention_heads // heads_in_group), c.head_dim)


def intermediate_size_of(ffn_mult: float, hidden_size: int) -> int:
    """Two thirds of so many times the hidden size, rounded up to a multiple of 256.

    Example:
        >>> intermediate_size_of(5.25, 8192)
        28672
    """
    return -(-int(2 * ffn_mult * hidden_size / 3) // _MULTIPLE) * _MULTIPLE
