"""XLNet: relative positions as in Transformer-XL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def _notes(c: Config) -> tuple[str, ...]:
    if not c.get("mem_len", 512):
        return ()
    return ("The hidden states that XLNet carries from one segment to the next (`mems`) aren't counted.",)


@family("xlnet", "XLNetLMHeadModel", notes=_notes)
def xlnet(c: Config) -> Module:
    """Projections of three dimensions; what it carries on are hidden states, not keys and values."""
    d_model, n_head = c.d_model, c.n_head
    head_dim = d_model // n_head
    if (c.get("d_head") or head_dim) != head_dim:
        raise inconsistent(
            "d_head", f"`d_head` is {c.d_head}, but `d_model` {d_model} over {n_head} heads is {head_dim}."
        )
    projection, bias = Weight((d_model, n_head, head_dim), "linear"), Weight((n_head, head_dim), "bias")
    layer = module(
        rel_attn=module(
            {
                **dict.fromkeys("qkvor", projection),
                "r_r_bias": bias,
                "r_s_bias": bias,
                "r_w_bias": bias,
                "seg_embed": Weight((2, n_head, head_dim), "embedding"),
                "layer_norm": layer_norm(d_model),
            }
        ),
        ff=module(
            layer_norm=layer_norm(d_model),
            layer_1=linear(d_model, c.d_inner, bias=True),
            layer_2=linear(c.d_inner, d_model, bias=True),
        ),
    )
    return module(
        transformer=module(
            mask_emb=Weight((1, 1, d_model), "embedding"),
            word_embedding=embedding(c.vocab_size, d_model),
            layer=repeat(c.n_layer, layer),
        ),
        lm_loss=head(c, bias=True),
    )
