"""MPT: no positions but a slope for each head, one fused projection, and no bias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import layer_norm, mlp
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.architecture import Basis
    from budsim_widgets.architectures.parts import Module


def _grouped(c: Config) -> Config | None:
    """The attention's fields where some heads share keys: only MPT's own code builds that."""
    own = c.get("attn_config")
    return own if isinstance(own, Config) and own.get("attn_type") == "grouped_query_attention" else None


def _basis(c: Config) -> Basis:
    return "estimate" if _grouped(c) else "exact"


def _notes(c: Config) -> tuple[str, ...]:
    if not _grouped(c):
        return ()
    return ("Heads share keys (`kv_n_heads`), which transformers doesn't build: described from MPT's own code.",)


@family("mpt", "MptForCausalLM", basis=_basis, notes=_notes)
@family("mpt", "MPTForCausalLM", basis=_basis, notes=_notes)
def mpt(c: Config) -> Module:
    """No bias anywhere."""
    hidden_size, num_attention_heads, grouped = c.hidden_size, c.num_attention_heads, _grouped(c)
    layer = module(
        norm_1=layer_norm(hidden_size, bias=False),
        attn=fused_attention(
            hidden_size,
            num_attention_heads,
            grouped.get("kv_n_heads", num_attention_heads) if grouped else num_attention_heads,
            hidden_size // num_attention_heads,
            names=("Wqkv", "out_proj"),
        ),
        norm_2=layer_norm(hidden_size, bias=False),
        ffn=mlp(hidden_size, 4 * hidden_size, bias=False),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size, bias=False),
        base="transformer",
        embed_name="wte",
        layers_name="blocks",
        norm_name="norm_f",
    )
