"""gpt-oss: biased attention with sinks, windows, experts with biases; and the encoder that finds private data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, linear, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.labels import num_labels
from budsim_widgets.architectures.parts import Weight, module, repeat, stack, uncached
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gpt_oss", "GptOssForCausalLM")
def gpt_oss(c: Config) -> Module:
    """Every second layer is full."""
    layers = stack(layer_types(c, full_every=2), lambda layer_type: _layer(c, window_of(c, layer_type)))
    return causal_lm(c, layers, norm=rms_norm(c.hidden_size))


@family("openai_privacy_filter", "OpenAIPrivacyFilterModel", kind="encoder-only")
def privacy_filter(c: Config) -> Module:
    """Both sides of a token within the window; nothing is kept."""
    return module(
        embed_tokens=embedding(c.vocab_size, c.hidden_size),
        layers=repeat(c.num_hidden_layers, uncached(_layer(c, None))),
        norm=rms_norm(c.hidden_size),
    )


@family("openai_privacy_filter", "OpenAIPrivacyFilterForTokenClassification", kind="encoder-only")
def privacy_tagger(c: Config) -> Module:
    """A score for each label."""
    has_bias = c.get("token_classification_bias", True)
    score = linear(c.hidden_size, num_labels(c.fields), bias=has_bias, role="head")
    return module(model=privacy_filter(c), score=score)


def _layer(c: Config, window: int | None) -> Module:
    """A sink is one number a head."""
    hidden_size = c.hidden_size
    sinks = Weight((c.num_attention_heads,))
    return pre_norm_layer(
        hidden_size,
        self_attention(c, bias=c.attention_bias, window=window, more={"sinks": sinks}),
        module(router=router(c.num_local_experts, hidden_size, bias=True), experts=_experts(c)),
    )


def _experts(c: Config) -> Module:
    """Stored as [experts, in, out], unlike other families'."""
    count, hidden_size, intermediate_size = c.num_local_experts, c.hidden_size, c.intermediate_size
    return module(
        gate_up_proj=Weight((count, hidden_size, 2 * intermediate_size), "experts"),
        gate_up_proj_bias=Weight((count, 2 * intermediate_size), "bias"),
        down_proj=Weight((count, intermediate_size, hidden_size), "experts"),
        down_proj_bias=Weight((count, hidden_size), "bias"),
        active_share=(min(c.num_experts_per_tok, count), count),
    )
