"""Kyutai's Moshi and speech to text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import embedding, linear, rms_norm
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def _notes(_: Config) -> tuple[str, ...]:
    return ("The depth decoder and the codec of the checkpoint belong to another class; they aren't counted.",)


@family("moshi", "MoshiForCausalLM", notes=_notes)
def moshi(c: Config) -> Module:
    """The text's side alone; its head is never tied, and its table has a row to spare."""
    return module(model=_decoder(c, embedding(c.vocab_size + 1, c.hidden_size)), lm_head=head(c, tied=False))


@family("kyutai_speech_to_text", "KyutaiSpeechToTextForConditionalGeneration", kind="multimodal")
def kyutai_speech_to_text(c: Config) -> Module:
    """One table for words and for the tokens of all codebooks."""
    rows = c.vocab_size + c.num_codebooks * c.codebook_vocab_size + 1
    table = module(embed_tokens=embedding(rows, c.hidden_size))
    return module(model=_decoder(c, table), lm_head=head(c), codec_model=part_of(c.codec_config))


def _decoder(c: Config, table: Module) -> Module:
    """Layers with a window and a gated feed-forward block whose two ways up are one matrix."""
    hidden_size, num_attention_heads, num_key_value_heads, head_dim = (
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
    )

    def projection(in_features: int, out_features: int) -> Module:
        return module(linear=linear(in_features, out_features))

    layer = module(
        self_attn=module(
            q_proj=projection(hidden_size, num_attention_heads * head_dim),
            k_proj=projection(hidden_size, num_key_value_heads * head_dim),
            v_proj=projection(hidden_size, num_key_value_heads * head_dim),
            o_proj=projection(num_attention_heads * head_dim, hidden_size),
            cache=kv_cache(num_attention_heads, num_key_value_heads, head_dim, window=c.get("sliding_window")),
        ),
        mlp=module(fc1=linear(hidden_size, c.ffn_dim), fc2=linear(c.ffn_dim // 2, hidden_size)),
        input_layernorm=rms_norm(hidden_size),
        post_attention_layernorm=rms_norm(hidden_size),
    )
    return module(embed_tokens=table, layers=repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size))
